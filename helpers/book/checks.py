"""What is wrong with a book: looked at file by file, as a reader's browser would."""

from __future__ import annotations

import base64
import binascii
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

SVG = "data:image/svg+xml;base64,"
_LOADED = {"src", "srcset", "poster", "data"}
_TROUBLE = ("Traceback (most recent call last)", "CellExecutionError", "Error displaying widget", "Loading widget...")


def check(folder: Path, *, private: Iterable[str] = ()) -> tuple[str, ...]:
    """Every fault of the pages in `folder`, a sentence each.

    Blank pictures, missing outputs, error text, dead links, anything that would be fetched, and `private` words, such
    as the paths of this computer.
    """
    pages = {path.relative_to(folder).as_posix(): _read(path) for path in sorted(folder.rglob("*.html"))}
    if "index.html" not in pages:
        return ("There is no index.html.",)
    found: list[str] = []
    for name, page in pages.items():
        found += [f"{name}: {fault}" for fault in _faults(page, pages, folder / name, folder, tuple(private))]
    for path in sorted(folder.rglob("*.css")):
        text = path.read_text(encoding="utf-8")
        found += [f"{path.name}: would fetch something: {word}" for word in re.findall(r"@import\b|url\([^)]*\)", text)]
    return tuple(found)


class _Page(HTMLParser):
    """The tags of one page: ids, links, pictures, and code cells with and without output."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.words = text, ""
        self.ids: list[str] = []
        self.links: list[str] = []
        self.images: list[dict[str, str]] = []
        self.loads: list[str] = []
        self.headings: list[str] = []
        self.scripts = 0
        self.cells: dict[str, bool] = {}  # those that should show something, and whether they do
        self._divs: list[str] = []  # what each open <div> is
        self._cell = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what a browser would act on."""
        given = {key: value or "" for key, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link":
            self.loads.append(given.get("href", ""))
        elif tag == "img":
            self.images.append(given)
        elif tag in {"script", "iframe", "object", "embed"}:
            self.scripts += 1
        if tag in {"h1", "h2"}:
            self.headings.append(tag)
        if tag == "div":
            self._divs.append(given.get("class", ""))
            if given.get("data-outputs", "0") != "0":
                self._cell = given["data-cell"]
                self.cells[self._cell] = False
        elif tag == "img":
            self._shown()
        self.loads += [value for key, value in given.items() if key in _LOADED and (tag, key) != ("img", "src")]
        self.loads += re.findall(r"url\(\s*[\"']?([^)\"']*)", given.get("style", ""))
        if tag in {"style", "base"} or (tag == "meta" and "http-equiv" in given):
            self.scripts += 1  # each can make a page fetch or go elsewhere

    def handle_endtag(self, tag: str) -> None:
        """Keeps count of what is open."""
        if tag == "div" and self._divs:
            self._divs.pop()

    def handle_data(self, data: str) -> None:
        """Gathers the words."""
        self.words += data
        if data.strip():
            self._shown()

    def _shown(self) -> None:
        if "output" in self._divs and self._cell:
            self.cells[self._cell] = True


def _read(path: Path) -> _Page:
    return _Page(path.read_text(encoding="utf-8"))


def _faults(page: _Page, pages: dict[str, _Page], path: Path, folder: Path, private: tuple[str, ...]) -> Iterator[str]:
    if page.headings.count("h1") != 1:
        yield f"{page.headings.count('h1')} first headings, not one"
    yield from (f"the id {one} is there twice" for one in sorted({i for i in page.ids if page.ids.count(i) > 1}))
    if page.scripts:
        yield "scripts, frames or styles, which a page for reading does not need"
    for image in page.images:
        yield from _picture(image)
    for load in page.loads:
        if re.match(r"[a-z]+:|//", load) or not (path.parent / load).is_file():
            yield f"would fetch {load}"
    for link in page.links:
        yield from _link(link, page, pages, path, folder)
    for trouble in _TROUBLE:
        if trouble in page.words:
            yield f"says “{trouble}”"
    drawn = page.text + "".join(_svg(image.get("src", "")) or "" for image in page.images)
    for word in private:
        if word and word in drawn:
            yield f"names {word}, which is this computer's own"
    yield from (f"the cell {name} has lost its output" for name, shown in page.cells.items() if not shown)


def _picture(image: dict[str, str]) -> Iterator[str]:
    if not image.get("alt", "").strip():
        yield "a picture without words"
    source = image.get("src", "")
    if not source.startswith(SVG):
        yield f"a picture that is not in the page: {source[:60]}"
        return
    svg = _svg(source)
    try:
        shapes = [] if svg is None else list(ET.fromstring(svg).iter())  # noqa: S314  our own pictures
    except ET.ParseError:
        shapes = []
    if len(shapes) < 3:
        yield f"a blank picture: {image.get('alt', '')[:60]}"


def _svg(source: str) -> str | None:
    try:
        return base64.b64decode(source.removeprefix(SVG), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None


def _link(link: str, page: _Page, pages: dict[str, _Page], path: Path, folder: Path) -> Iterator[str]:
    if re.match(r"https?://|mailto:", link):
        return  # leads away when a reader follows it; nothing is fetched before
    target, _, anchor = link.partition("#")
    there = page
    if target:
        file = (path.parent / unquote(target)).resolve()
        if not file.is_file() or folder.resolve() not in file.parents:
            yield f"a dead link: {link}"
            return
        name = file.relative_to(folder.resolve()).as_posix()
        if name not in pages:
            return
        there = pages[name]
    if anchor and unquote(anchor) not in there.ids:
        yield f"a dead link: {link}"
