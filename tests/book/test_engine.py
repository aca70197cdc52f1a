"""The book from a real run: whole, without faults, and nothing of the run is left."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from helpers import book as room
from helpers.book import checks
from helpers.engine.client import Client
from helpers.errors import BookFailed
from tests.harness import foreign

pytestmark = [pytest.mark.engine, pytest.mark.timeout(400)]
NOTEBOOKS = room.NOTEBOOKS


def test_every_chapter_is_in_it_and_no_page_has_a_fault(book: Path) -> None:
    homes = {str(Path.home())} - {"/", "/root"}  # those two are in every image, and name nobody
    assert checks.check(book, private=[str(NOTEBOOKS.parent), *homes]) == ()
    index = (book / "index.html").read_text(encoding="utf-8")
    for path in NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"):
        page = (book / f"{path.stem}.html").read_text(encoding="utf-8")
        assert f'href="{path.stem}.html"' in index
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert page.count('<div class="cell"') == sum(cell["cell_type"] == "code" for cell in cells)
        assert page.count("<summary") >= page.count("<img ")  # every picture has its text version
        assert "course-book-" not in page
    assert re.search(r'<img alt="[^"]{20,}"', (book / "01-packaging.html").read_text(encoding="utf-8"))


def test_a_failing_cell_stops_it_names_the_cell_and_leaves_the_old_book(client: Client, tmp_path: Path) -> None:
    notebooks, folder = tmp_path / "notebooks", tmp_path / "book"
    notebooks.mkdir()
    folder.mkdir()
    (folder / room.MARKER).write_text("mine")
    (folder / "index.html").write_text("the old one")
    source = json.loads((NOTEBOOKS / "00-start-here.ipynb").read_text(encoding="utf-8"))
    broken: dict[str, object] = {
        "cell_type": "code",
        "id": "broken-cell",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": 'from helpers import containers, scene\nscene("book-test")\n'
        'containers.start("localhost/course/busybox:1", "sleep", "60", name="left")\n1 / 0',
    }
    (notebooks / "00-x.ipynb").write_text(json.dumps({**source, "cells": [source["cells"][0], broken]}))
    before = foreign.snapshot(client)

    with pytest.raises(BookFailed, match=r"00-x, cell broken-cell .* failed") as caught:
        room.make(client, folder, say=lambda line: None, notebooks=notebooks)

    assert "division by zero" in caught.value.why
    assert (folder / "index.html").read_text() == "the old one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book", "notebooks"]
    assert foreign.leftovers(before, foreign.snapshot(client)) == []
