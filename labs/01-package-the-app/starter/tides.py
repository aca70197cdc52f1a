"""Tide times of one harbour, as a web page. How to run it: README.md."""

import csv
import os
import signal
import sys

import bottle
from humanize import ordinal

PORT = 8000


def table():
    """The rows of the harbour's table: its mark, then the times of high water."""
    name = os.environ.get("HARBOUR")
    if not name:
        sys.exit("tides: set HARBOUR to the name of a harbour")
    with open(f"tables/{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@bottle.route("/")
def page():
    """The times of today."""
    bottle.response.content_type = "text/plain; charset=utf-8"
    (_, mark), *rows = table()
    lines = [f"{ordinal(number)} high water at {time}" for number, (time,) in enumerate(rows, start=1)]
    return "\n".join([f"Tide table {mark}", *lines, ""])


if __name__ == "__main__":
    table()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"tides: listening on port {PORT}", flush=True)
    bottle.run(host="0.0.0.0", port=PORT, quiet=True)
