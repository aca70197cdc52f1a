"""What a helper call returns shows itself: a picture, the same as text, and how it was done.

Sources of the form: inline SVG and `image/svg+xml` lose their text alternative or their colours in JupyterLab, an
`<img alt>` with a data URI survives everywhere; `<details>` and tables do too.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from helpers.drawing.text import escape, plain

SHORT = 400  # characters; a longer sentence names once more what the tables hold
# The element that has the focus must carry this, or a key pressed on it is a notebook shortcut (`b` inserts a cell).
KEEP_KEYS = 'data-lm-suppress-shortcuts="true"'


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of the text version. rows: as many cells each as there are columns."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class How:
    """The same, done with the tools learners meet outside.

    docker: lines for a terminal. python: lines of docker-py. Both are run by the tests. adds: what the course adds to
    that, as words that go on after "The course adds".
    """

    docker: tuple[str, ...] = ()
    python: tuple[str, ...] = ()
    adds: str = ""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One picture that answers one question, and everything it says in other forms.

    sentence: whole sentences for text/plain, the same for the same state: no ids, times or sizes that vary.
    svg: the picture; empty where words do better. alt: what the picture says. terminal: output to show as it came.
    """

    sentence: str
    svg: str = ""
    alt: str = ""
    terminal: str | None = None
    tables: tuple[Table, ...] = ()
    how: How = field(default_factory=How)

    def lines(self) -> list[str]:
        """The same for a terminal: each table, its columns below one another, after the sentence if that is short."""
        found = [plain(self.sentence)] if len(self.sentence) < SHORT or not self.tables else []
        for table in self.tables:
            rows = [tuple(map(plain, row)) for row in (table.columns, *table.rows)]
            widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
            found += [""] * bool(found) + [plain(table.caption)]
            found += [
                "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
            ]
        return found

    def html(self) -> str:
        """The `<figure>` element; every word from the engine is escaped."""
        parts = ['<figure style="margin:8px 0;max-width:760px">']
        if self.svg:
            data = base64.b64encode(self.svg.encode("utf-8", "replace")).decode("ascii")
            parts.append(
                f'<img alt="{escape(self.alt or self.sentence)}" style="max-width:100%;height:auto" '
                f'src="data:image/svg+xml;base64,{data}">'
            )
        else:
            parts.append(f"<figcaption>{escape(self.sentence)}</figcaption>")
        if self.terminal is not None:
            parts.append(_terminal(self.terminal))
        if self.tables:
            body = ("" if not self.svg else f"<p>{escape(self.sentence)}</p>") + "".join(map(_table, self.tables))
            parts.append(_details("As text", body))
        if self.how.docker or self.how.python:
            parts.append(_details("How: the same with docker and docker-py", _how(self.how)))
        parts.append("</figure>")
        return "".join(parts)


class Shows:
    """Makes a model object show itself in a notebook and at a prompt.

    A class says which view draws it, and that is all, if it has no fields of its own:

        class Verdict(Shows, model.Verdict):
            figure = views.verdict
    """

    def figure(self) -> Figure:
        """The picture of this object."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """Whole sentences, no addresses in memory."""
        figure = self.figure()
        if figure.terminal is not None and figure.terminal.strip():
            return f"{plain(figure.sentence)}\n{plain(figure.terminal, lines=True).rstrip()}"
        return plain(figure.sentence)

    def _repr_mimebundle_(self, **_wishes: object) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self.figure().html()}

    @classmethod
    def of(cls: type[S], model: object, **more: Any) -> S:
        """This class with the fields of `model`, an object of the model class it extends."""
        known = {f.name: getattr(model, f.name) for f in fields(model)}  # type: ignore[arg-type]
        return cls(**{**known, **more})


S = TypeVar("S", bound=Shows)


def _details(summary: str, body: str) -> str:
    return (
        f'<details style="margin:4px 0"><summary {KEEP_KEYS} style="cursor:pointer;min-height:24px">'
        f"{summary}</summary>{body}</details>"
    )


def _terminal(text: str) -> str:
    shown = escape(text, lines=True).rstrip() or "(no output)"
    return (
        f'<pre tabindex="0" {KEEP_KEYS} style="margin:4px 0;padding:8px 12px;max-height:320px;overflow:auto;'
        "border:1px solid var(--jp-border-color1,#8a929c);border-radius:6px;white-space:pre-wrap;"
        f'overflow-wrap:anywhere">{shown}</pre>'
    )


def _table(table: Table) -> str:
    cell = 'style="text-align:left;vertical-align:top"'
    head = "".join(f'<th scope="col" {cell}>{escape(c)}</th>' for c in table.columns)
    rows = []
    for row in table.rows:
        first = f'<th scope="row" {cell}>{escape(row[0])}</th>'
        rows.append(f"<tr>{first}" + "".join(f"<td {cell}>{escape(c)}</td>" for c in row[1:]) + "</tr>")
    return (
        f'<table style="margin:8px 0"><caption style="text-align:left;white-space:nowrap">{escape(table.caption)}'
        f"</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _how(how: How) -> str:
    parts = []
    for label, lines in (("In a terminal", how.docker), ("With docker-py", how.python)):
        if lines:
            parts.append(f"<p>{label}:</p>{_terminal(chr(10).join(lines))}")
    if how.adds:
        parts.append(f"<p>The course adds {escape(how.adds)}.</p>")
    return "".join(parts)
