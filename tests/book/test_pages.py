"""The book's parts without an engine: from cells to pages, every fault that the check must see, and the swap."""

from __future__ import annotations

import base64
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from nbformat import v4

from helpers import book
from helpers.book import checks, pages
from helpers.drawing.figure import Figure
from helpers.errors import CourseError

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9"><rect width="9" height="9"/><text>/secret/home</text></svg>'
V4: Any = v4  # it has no types
HOSTILE = "<script>alert(1)</script>"


def display(**data: str) -> Any:
    return V4.new_output(
        "display_data", data={kind.replace("_", "/", 1).replace("__", "."): v for kind, v in data.items()}
    )


def notebook() -> Any:
    figure = Figure(sentence="It runs.", svg=SVG, alt="one box that runs").html()
    widget = V4.new_output(
        "display_data", data={"application/vnd.jupyter.widget-view+json": {}, "text/plain": "Choice()"}
    )
    return V4.new_notebook(
        cells=[
            V4.new_markdown_cell(
                "# 07 · A chapter\n\nSee [the next](08-next.ipynb), [a word](glossary.md#shim), "
                "[the shop](shop/shop.py), [the lab](../labs/lab.ipynb), `code`."
            ),
            V4.new_markdown_cell("## Questions\n\n- Why *so*?\n- Is `x` < 3?", metadata={"tags": ["questions"]}),
            V4.new_code_cell("run()", id="ran", outputs=[display(text_html=figure, text_plain="It runs.")]),
            V4.new_code_cell("quiz()", id="asked", outputs=[display(text_html="<p>words</p>"), widget]),
            V4.new_code_cell("live()", id="quiet", outputs=[display(text_html="", text_plain="")]),
            V4.new_code_cell(
                "print()",
                id="printed",
                outputs=[V4.new_output("stream", text="\x1b[31mone\x1b[0m\n"), V4.new_output("stream", text=HOSTILE)],
            ),
        ]
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Written once: nbconvert takes a quarter of a second for each."""
    top = tmp_path_factory.mktemp("written")
    (top / "src" / "shop").mkdir(parents=True)
    (top / "src" / "shop" / "shop.py").write_text("pass")
    (top / "labs").mkdir()
    (top / "labs" / "lab.ipynb").write_text("{}")
    (top / "src" / "glossary.md").write_text("# Glossary\n\n## shim\n\nIt stays: [why](07-first.ipynb).\n")
    (top / "src" / "commands.md").write_text("# Commands\n\n`ls`: [here](07-first.ipynb)\n")
    folder = top / "book"
    folder.mkdir()
    chapters = [pages.Chapter(name=name, notebook=pages.still(notebook())) for name in ("07-first", "08-next")]
    private = {"/secret/home": "/course"}
    book.write(folder, chapters, root=top / "src", made="today", private=private)
    return top


@pytest.fixture
def shelf(written: Path, tmp_path: Path) -> Path:
    for name in ("src", "book"):
        shutil.copytree(written / name, tmp_path / name)
    return tmp_path / "book"


def test_a_book_without_faults(shelf: Path) -> None:
    assert checks.check(shelf, private=["/secret/home"]) == ()
    page = (shelf / "07-first.html").read_text()
    assert 'href="08-next.html"' in page
    assert 'href="glossary.html#shim"' in page
    assert "Next: 07 · A chapter" in page
    assert 'href="files/shop/shop.py"' in page
    assert (shelf / "files" / "shop" / "shop.py").read_text() == "pass"
    assert ", the lab, " in page  # a lab is nothing to read: its words stay
    for name in ("glossary.html", "commands.html"):
        assert 'href="07-first.html"' in (shelf / name).read_text()
        assert f'href="{name}"' in page
    assert "widget-view" not in page
    assert "Choice()" not in page
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert page.count('class="terminal"') == 1  # what was printed in pieces is one
    assert '<span class="ansi-red-fg">one</span>' in page
    assert 'data-cell="quiet" data-outputs="0"' in page
    assert "Is <code>x</code> &lt; 3?" in (shelf / "index.html").read_text()
    assert "Why <em>so</em>?" in (shelf / "index.html").read_text()


def test_a_widget_with_nothing_beside_it_is_missed() -> None:
    lonely = V4.new_output("display_data", data={"application/vnd.jupyter.widget-view+json": {}, "text/plain": "X()"})
    cells = [V4.new_markdown_cell("# 07"), V4.new_code_cell("quiz()", id="lonely", outputs=[lonely])]
    chapter = pages.Chapter(name="07-x", notebook=pages.still(V4.new_notebook(cells=cells)))
    page = pages.chapter_page(chapter, before=None, after=None, made="today")
    assert 'data-cell="lonely" data-outputs="1"' in page
    assert "X()" not in page


def test_which_folders_are_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for home, named in (("/home/jo", True), ("/root", False), ("/", False)):
        monkeypatch.setenv("HOME", home)
        assert ("~" in book._private(tmp_path, Path("/home/jo/course")).values()) is named
    assert next(iter(book._private(tmp_path, Path("/a")))) == str(tmp_path)  # the longest first


def test_private_words_go_even_out_of_pictures() -> None:
    picture = "data:image/svg+xml;base64," + base64.b64encode(SVG.encode()).decode()
    found = pages.neutral(f'<img src="{picture}"> /secret/home/x', {"/secret/home": "~"})
    assert "/secret" not in found
    assert "/secret" not in base64.b64decode(found.partition("base64,")[2].partition('"')[0]).decode()


WHOLE = base64.b64encode(SVG.replace("/secret/home", "x").encode()).decode()
BLANK = base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg"/>').decode()


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        ('<a href="gone.html">x</a>', "a dead link: gone.html"),
        ('<a href="../../etc/passwd">x</a>', "a dead link"),
        ('<a href="glossary.html#nowhere">x</a>', "a dead link"),
        ('<a href="#nowhere">x</a>', "a dead link"),
        (f'<img alt="" src="data:image/svg+xml;base64,{WHOLE}">', "a picture without words"),
        (f'<img alt="a" src="data:image/svg+xml;base64,{BLANK}">', "a blank picture"),
        ('<img alt="a" src="data:image/svg+xml;base64,%%%">', "a blank picture"),
        ('<img alt="a" src="https://site.example/a.png">', "a picture that is not in the page"),
        ("<script>1</script>", "scripts, frames"),
        ("<style>p { color: red }</style>", "frames or styles"),
        ('<p style="background:url(https://site.example/a.png)">x</p>', "would fetch https://site.example/a.png"),
        (f'<img alt="a" src="data:image/svg+xml;base64,{WHOLE}" srcset="a.png 2x">', "would fetch a.png 2x"),
        ('<link rel="stylesheet" href="https://site.example/a.css">', "would fetch"),
        ("<pre>Traceback (most recent call last)</pre>", "says “Traceback"),
        ("<p>/secret/home/jo</p>", "this computer's own"),
        ("<h1>two</h1>", "2 first headings"),
        ('<p id="main">x</p>', "the id main is there twice"),
        (
            '<div class="cell" data-cell="z" data-outputs="1"><div class="code"></div><div class="output"></div></div>',
            "the cell z has lost its output",
        ),
    ],
)
def test_the_check_sees(shelf: Path, planted: str, fault: str) -> None:
    page = shelf / "08-next.html"
    page.write_text(page.read_text().replace("</main>", planted + "</main>"))

    found = checks.check(shelf, private=["/secret/home"])

    assert len(found) == 1, found
    assert fault in found[0]
    assert found[0].startswith("08-next.html: ")


def test_the_check_sees_what_a_style_sheet_would_fetch(shelf: Path) -> None:
    (shelf / "book.css").write_text('@import "a.css"; body { background: url(https://site.example/x) }')
    assert len(checks.check(shelf)) == 2
    assert checks.check(shelf / "files-not-there") == ("There is no index.html.",)


def test_only_a_book_of_ours_is_replaced(tmp_path: Path) -> None:
    book.refuse_unless_ours(tmp_path / "new")
    (tmp_path / "empty").mkdir()
    book.refuse_unless_ours(tmp_path / "empty")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for taken in (tmp_path / "mine", tmp_path / "file"):
        with pytest.raises(CourseError, match="is not a book of the course"):
            book.refuse_unless_ours(taken)
    (tmp_path / "mine" / book.MARKER).touch()
    book.refuse_unless_ours(tmp_path / "mine")


def test_a_swap_replaces_the_whole_and_leaves_nothing_beside(shelf: Path) -> None:
    (shelf / "old.html").touch()
    with book._beside(shelf) as fresh:
        (fresh / "index.html").write_text("new")
        book._swap(fresh, shelf)
    assert [path.name for path in shelf.iterdir()] == ["index.html"]
    assert sorted(path.name for path in shelf.parent.iterdir()) == ["book", "src"]


def test_an_interrupt_leaves_the_old_book(shelf: Path) -> None:
    before = sorted(path.name for path in shelf.iterdir())
    with pytest.raises(KeyboardInterrupt), book._beside(shelf):
        raise KeyboardInterrupt
    assert sorted(path.name for path in shelf.iterdir()) == before
    assert sorted(path.name for path in shelf.parent.iterdir()) == ["book", "src"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own on Windows")
def test_of_a_link_the_folder_it_leads_to_is_replaced(shelf: Path) -> None:
    link = shelf.with_name("link")
    link.symlink_to(shelf)
    book.refuse_unless_ours(link)
    with book._beside(link.resolve()) as fresh:
        (fresh / "index.html").write_text("new")
        book._swap(fresh, link.resolve())
    assert link.is_symlink()
    assert [path.name for path in link.iterdir()] == ["index.html"]


def test_a_disk_that_is_full_is_told_as_such(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(CourseError, match="can't be written") as caught, book._beside(shelf) as fresh:
        book.write(fresh, [], root=shelf.parent / "src", made="today", private={})
    assert caught.value.why == "No space left on device"
    assert sorted(path.name for path in shelf.parent.iterdir()) == ["book", "src"]
