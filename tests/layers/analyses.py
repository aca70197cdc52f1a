"""Images taken apart, made up: for the views and the explorer."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.layers.model.analysis import Analysis, analysis
from helpers.oci.history import Step
from helpers.oci.layer_files import FILE, Files


def image(name: str, *steps: tuple[str, Sequence[tuple[str, int]] | None]) -> Analysis:
    """An image made of steps: the instruction, and the files of its layer, None for a step without one."""
    layers: list[Files] = []
    for _, files in steps:
        if files is None:
            continue
        columns = Files()
        for number, (path, size) in enumerate(files):
            columns.add(path, FILE, size=size, digest=f"{len(layers)}-{number}".encode().ljust(32, b"."))
        layers.append(columns)
    history = [Step(command=command, empty=files is None) for command, files in steps]
    return analysis(name, history, [f"sha256:{n:064x}" for n in range(len(layers))], layers)


BIG = image(
    "harbour-shop:big",
    ("ADD rootfs.tar /", [("/bin/sh", 78_000_000)]),
    ('CMD ["sh"]', None),
    ("LABEL containers-unpacked=1", None),
    ("ENV PORT=8080", None),
    ("COPY . .", [("/shop/.git/pack", 20_000_000), ("/shop/raw.csv", 9_800_000), ("/shop/shop.py", 1_400)]),
    ("RUN rm -rf .git raw.csv", [("/shop/.wh..git", 0), ("/shop/.wh.raw.csv", 0)]),
)

SLIM = image("harbour-shop:slim", ("ADD rootfs.tar /", [("/bin/sh", 78_000_000)]), ("COPY shop.py .", [("/shop/s", 9)]))

NOTHING = image("nothing:1", ('CMD ["/x"]', None))
