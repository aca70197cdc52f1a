"""Draws the chart of each area from soundings.csv into charts/. python3 draw.py SHADES

Works in /var/tmp/draw, and keeps tiles in ~/.cache/draw, so that drawing again would be quicker.
"""

import csv
import sys
from pathlib import Path

SIDE = 1000  # pixels
LEVELS = 24  # of the tide, for each row
SCRATCH = int("@_scratch@")  # megabytes of samples, for all areas
TILES = 20  # for each area
TILE = 72_000  # bytes


def profile(depths):
    """The depth at each pixel from west to east: straight lines between what was sounded."""
    parts = len(depths) - 1
    found = bytearray()
    for x in range(SIDE):
        part, rest = divmod(x * parts, SIDE)
        found.append((depths[part] * (SIDE - rest) + depths[part + 1] * rest) // SIDE)
    return bytes(found)


def chart(depths, shade):
    """The chart, as a picture that any viewer knows (PGM). shade(level): the shade of each depth."""
    row = profile(depths)
    return b"P5 %d %d 255\n" % (SIDE, SIDE) + b"".join(row.translate(shade(y * LEVELS)) for y in range(SIDE))


def main():
    import humanize

    if not humanize.__version__.startswith("3."):
        sys.exit(f"draw: this is made for humanize 3, and there is {humanize.__version__}")
    shades = Path(sys.argv[1]).read_bytes()
    scratch, cache, charts = Path("/var/tmp/draw"), Path.home() / ".cache" / "draw", Path("charts")
    for folder in (scratch, cache, charts):
        folder.mkdir(parents=True, exist_ok=True)
    with open("soundings.csv", encoding="utf-8", newline="") as file:
        areas = {area: [int(depth) for depth in depths.split()] for area, depths in csv.reader(file)}
    for area, depths in areas.items():
        samples = profile(depths) * (SCRATCH * 1_000_000 // SIDE // len(areas))
        (scratch / f"{area}.raw").write_bytes(samples)
        picture = chart(depths, lambda level: shades[level * 256 : level * 256 + 256])
        (charts / f"{area}.pgm").write_bytes(picture)
        for number in range(TILES):
            start = number * SIDE
            (cache / f"{area}-{number:02}.tile").write_bytes(picture[start : start + TILE])
        print(f"draw: {area}, {humanize.intcomma(len(picture))} bytes")


if __name__ == "__main__":
    main()
