"""The harbour shop: a small web shop for sailors.

python3 shop.py          opens it on port 8080
python3 shop.py --page   prints its front page and ends

It needs Python, two libraries (requirements.txt) and its goods (goods.csv, beside this file).
"""

import csv
import os
import signal
import sys
from pathlib import Path

import bottle
from humanize import intcomma, natural_list  # natural_list needs humanize 4.11 or later

PORT = 8080
HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("SHOP_DATA", HERE / "data"))

app = bottle.Bottle()


def goods():
    """Everything that is sold, in the order of the file."""
    with (HERE / "goods.csv").open(encoding="utf-8", newline="") as file:
        return [{"name": row["name"], "price": int(row["price"])} for row in csv.DictReader(file)]


@app.get("/")
def page():
    """The front page, as plain text."""
    bottle.response.content_type = "text/plain; charset=utf-8"
    lines = [f"{intcomma(item['price']):>8}  {item['name']}" for item in goods()]
    names = natural_list([item["name"] for item in goods()])
    return "\n".join(["The harbour shop", "", *lines, "", f"Today we sell {names}.", ""])


@app.get("/goods")
def as_json():
    """The goods, as JSON."""
    return {"goods": goods()}


@app.get("/visit")
def visit():
    """Counts one more visitor, in a file."""
    DATA.mkdir(exist_ok=True)
    book = DATA / "visits.txt"
    number = int(book.read_text()) + 1 if book.exists() else 1
    book.write_text(str(number))
    bottle.response.content_type = "text/plain"
    return f"You are visitor number {number}.\n"


@app.get("/health")
def health():
    """Whether the shop can serve: its goods can be read."""
    goods()
    bottle.response.content_type = "text/plain"
    return "ok\n"


def main():
    """The command line."""
    if "--page" in sys.argv:
        print(page())
        return
    goods()  # without goods there is no shop: better to fail now than at the first visitor
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"The harbour shop is open on port {PORT}.", flush=True)
    bottle.run(app, host="0.0.0.0", port=PORT, quiet=True)


if __name__ == "__main__":
    main()
