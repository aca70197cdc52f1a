"""What the widgets of questions share: the card, and what is read before answering."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from helpers.drawing.in_place import view_of
from helpers.drawing.text import plain
from helpers.lab.model.quiz import Asked

_HERE = Path(__file__)


class Card(anywidget.AnyWidget):
    """The question, output: lines to read below it, prompt: the line under that."""

    question = traitlets.Unicode().tag(sync=True)
    output = traitlets.Unicode("").tag(sync=True)
    prompt = traitlets.Unicode().tag(sync=True)

    def view(self) -> dict[str, Any]:
        """The output that shows it, without words of its own."""
        return view_of(self)


def source(own: Path) -> str:
    """What all cards share, and then the file of that widget: its code or its rules, by the suffix."""
    return "".join(path.read_text(encoding="utf-8") for path in (_HERE.with_suffix(own.suffix), own))


def asked_of(one: Asked) -> dict[str, str]:
    """What the card says of a question, as its traits."""
    return {"question": plain(one.question), "output": "\n".join(map(plain, one.output.strip().splitlines()))}
