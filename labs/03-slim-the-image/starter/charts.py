"""The pilot's charts, as web pages. How the charts are made: README.md."""

import csv
import signal
import sys
from pathlib import Path

import bottle
from humanize import naturalsize, ordinal

PORT = 8000
HERE = Path(__file__).resolve().parent


def areas():
    """The depths in metres that were sounded in each area, from west to east."""
    with open(HERE / "soundings.csv", encoding="utf-8", newline="") as file:
        return {area: [int(depth) for depth in depths.split()] for area, depths in csv.reader(file)}


def chart(area):
    """The file with the chart of an area."""
    return HERE / "charts" / f"{area}.pgm"


@bottle.route("/")
def page():
    """Every area: its chart, and the pilot's note."""
    bottle.response.content_type = "text/plain; charset=utf-8"
    lines = []
    for number, area in enumerate(areas(), start=1):
        note = (HERE / "notes" / f"{area}.txt").read_text(encoding="utf-8").strip()
        lines.append(f"{ordinal(number)} chart: {area}, {naturalsize(chart(area).stat().st_size)}. {note}")
    return "\n".join([*lines, ""])


@bottle.route("/<area>.pgm")
def picture(area):
    """One chart."""
    return bottle.static_file(f"{area}.pgm", root=HERE / "charts")


if __name__ == "__main__":
    page()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"charts: listening on port {PORT}", flush=True)
    bottle.run(host="0.0.0.0", port=PORT, quiet=True)
