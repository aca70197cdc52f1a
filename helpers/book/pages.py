"""From a notebook that was run to a page.

nbconvert does the cells (markdown, highlighting, which form of an output counts); the page around them is ours.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from helpers.drawing.text import escape

TEMPLATE = Path(__file__).parent / "template"
CSS = "book.css"
INDEX = "index.html"
TITLE = "Containers, Unpacked"


@dataclass(frozen=True)
class Beside:
    """A page that stands beside the chapters. source: its file of Markdown."""

    source: str
    title: str

    @property
    def page(self) -> str:
        """The name of its page."""
        return f"{PurePosixPath(self.source).stem}.html"


BESIDE = (Beside("glossary.md", "Glossary"), Beside("commands.md", "Commands"))


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One chapter on its way into the book. name: the notebook's without .ipynb. notebook: after a run."""

    name: str
    notebook: Any

    @property
    def title(self) -> str:
        """Its H1."""
        first = re.search(r"^# (.+)$", str(self.notebook.cells[0].source), flags=re.MULTILINE)
        return first[1] if first else self.name

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions that it answers."""
        cells = [cell for cell in self.notebook.cells if "questions" in cell.metadata.get("tags", ())]
        return tuple(line[2:] for cell in cells for line in str(cell.source).splitlines() if line.startswith("- "))

    @property
    def page(self) -> str:
        """The file of its page."""
        return f"{self.name}.html"


def still(notebook: Any) -> Any:
    """The same notebook with the outputs that a page can show: no widget views, no scripts, nothing empty."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            kept = _joined(output for output in map(_still, cell.outputs) if output is not None)
            # a widget alone leaves nothing to see: an empty output stays, and the check says so
            cell.outputs = kept or [_emptied(output) for output in cell.outputs if _is_widget(output)][:1]
    notebook.metadata.pop("widgets", None)
    return notebook


def _joined(outputs: Iterable[Any]) -> list[Any]:
    """What was printed in one go arrives in pieces; a page shows it as one."""
    found: list[Any] = []
    for output in outputs:
        if found and output.output_type == "stream" == found[-1].output_type and output.name == found[-1].name:
            found[-1].text += output.text
        else:
            found.append(output)
    return found


def _still(output: Any) -> Any | None:
    if output.output_type == "stream":
        return output if output.text.strip() else None
    data = output.get("data", {})
    live = [kind for kind in data if "widget" in kind or "javascript" in kind]
    if live and "text/html" not in data:  # its plain text is the name of a class
        return None
    for kind in live:
        del data[kind]
    if "text/html" in data and not data["text/html"].strip():
        del data["text/html"]
    if not "".join(str(value) for value in data.values()).strip():
        return None
    return output


def _is_widget(output: Any) -> bool:
    return any("widget" in kind for kind in output.get("data", {}))


def _emptied(output: Any) -> Any:
    output.data.clear()
    output.data["text/html"] = ""
    return output


def chapter_page(chapter: Chapter, *, before: Chapter | None, after: Chapter | None, made: str) -> str:
    """The page of one chapter. made: when, and on which engine."""
    from nbconvert import HTMLExporter  # a quarter of a second, and only the book needs it

    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        extra_template_basedirs=[str(TEMPLATE.parent)], template_name=TEMPLATE.name, embed_images=False
    )
    body, _ = exporter.from_notebook_node(chapter.notebook)
    body = _tidied(str(body))
    heads = re.findall(r'<h2 id="([^"]*)">(.*?)</h2>', body)
    contents = "".join(f'<li><a href="#{anchor}">{text}</a></li>' for anchor, text in heads)
    note = (
        '<p class="note">This is the edition for reading: every picture and output comes from one real run, '
        f"{escape(made)}. "
        "On your own engine you run the cells yourself, and the exercises look at what you did: "
        "<code>python3 start.py</code></p>"
    )
    top, split, rest = body.partition("</h1>")
    listed = f'<nav aria-label="On this page"><ol class="contents">{contents}</ol></nav>'
    links = [("Contents", INDEX)]
    links += [(f"Before: {before.title}", before.page)] if before else []
    links += [(f"Next: {after.title}", after.page)] if after else []
    return _page(chapter.title, top + split + note + listed + rest, links=[*links, *_beside()])


def index_page(chapters: Sequence[Chapter], *, made: str) -> str:
    """The first page."""
    items = "".join(
        f'<li><h2><a href="{chapter.page}">{escape(chapter.title)}</a></h2>'
        + "".join(f"<p>{_inline(question)}</p>" for question in chapter.questions)
        + "</li>"
        for chapter in chapters
    )
    body = (
        f"<h1>{TITLE}</h1><p>A course on containers that runs on your own Docker engine. Every number, state and "
        "picture in it comes from an engine. These pages hold one such run, for reading; in the course itself you "
        "change things and see what becomes of them.</p>"
        "<p>To start it, type <code>python3 start.py</code> in a copy of the course. It finds your engine, prepares "
        "what it needs, and opens the first chapter in JupyterLab.</p>"
        f'<ol class="chapters">{items}</ol><p class="note">Made {escape(made)}.</p>'
    )
    return _page(TITLE, body, links=_beside())


def _beside() -> list[tuple[str, str]]:
    return [(one.title, one.page) for one in BESIDE]


def beside_page(one: Beside, markdown: str) -> str:
    """The page of the glossary, and such."""
    from nbconvert.filters import markdown2html

    body = _tidied(str(markdown2html(markdown)))
    return _page(one.title, body, links=[("Contents", INDEX)])


def rewritten(html: str, place: Callable[[str], str]) -> str:
    """`html` with every relative link replaced by what `place` says; anchors are kept.

    Of a link to "" only the words stay.
    """

    def change(found: re.Match[str]) -> str:
        target, mark, anchor = found[1].partition("#")
        if not target or re.match(r"[a-z]+:|//", target):
            return found[0]
        placed = place(target)
        return f'<a href="{placed}{mark}{anchor}">{found[2]}</a>' if placed else found[2]

    return re.sub(r'<a href="([^"]*)">(.*?)</a>', change, html, flags=re.DOTALL)


def neutral(html: str, words: dict[str, str]) -> str:
    """`html` with private words, such as the path of a folder, replaced; inside of pictures, too."""
    import base64

    def swap(text: str) -> str:
        for private, neutral_word in words.items():
            text = text.replace(private, neutral_word)
        return text

    def picture(found: re.Match[str]) -> str:
        svg = swap(base64.b64decode(found[1]).decode("utf-8"))
        return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")

    return swap(re.sub(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", picture, html))


def page_of(target: str) -> str | None:
    """The page that a link to a notebook, or to a page beside them, leads to; None for other files."""
    path = PurePosixPath(target)
    if path.suffix == ".ipynb":
        return f"{path.stem}.html"
    return next((one.page for one in BESIDE if path.name == one.source), None)


def _tidied(body: str) -> str:
    body = re.sub(r'<a class="anchor-link"[^>]*>[^<]*</a>', "", body)
    body = re.sub(r'(<div class="highlight[^"]*"><pre)>', r'\1 tabindex="0">', body)
    # a wide table scrolls by itself, by keyboard too, and does not widen the page
    number = itertools.count(1)  # each has a name of its own for screen readers
    body = re.sub(
        r"<table>\s*<thead>.*?</table>",
        lambda table: (
            f'<div class="scroll" tabindex="0" role="region" aria-label="Table {next(number)}">{table[0]}</div>'
        ),
        body,
        flags=re.DOTALL,
    )
    # the reader of a page has another engine than the one it was made on, or none: all variants stand side by side
    body = body.replace("<details data-engines", "<details open data-engines")
    body = re.sub(
        r"<span data-engine(=\"\")?>[^<]*</span>", "<span data-engine>The engine of these pages:</span>", body
    )
    return body.replace(' data-lm-suppress-shortcuts="true"', "")


def _inline(markdown: str) -> str:
    """Code and emphasis of one line."""
    words = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(markdown))
    return re.sub(r"\*([^*]+)\*", r"<em>\1</em>", words)


def _page(title: str, body: str, *, links: Sequence[tuple[str, str]]) -> str:
    items = "".join(f'<a href="{page}">{escape(words)}</a>' for words, page in links)
    name = TITLE if title == TITLE else f"{title} · {TITLE}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(name)}</title>\n<link rel="stylesheet" href="{CSS}">\n</head>\n<body>\n'
        '<a class="skip" href="#main">To the text</a>\n'
        f'<header><nav aria-label="Book">{items}</nav></header>\n<main id="main">\n{body}\n</main>\n'
        f'<footer><nav aria-label="Book, below the text">{items}</nav></footer>\n</body>\n</html>\n'
    )
