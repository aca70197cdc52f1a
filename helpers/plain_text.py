"""Text from elsewhere made harmless for whoever prints it: names, labels, logs and an engine's words are hostile input.

Whatever goes out to a terminal goes through here: errors, figures as text, all that the commands print.
"""

from __future__ import annotations

import re
import unicodedata

# Escape sequences of terminals: a log may carry colours, titles and links that would act on the reader's screen.
_TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


def plain(text: object, *, lines: bool = False) -> str:
    """`text` without terminal sequences, controls, surrogates or characters that reorder what follows.

    lines: keep line ends and tabs.
    """
    found = _TERMINAL.sub("", str(text))
    if lines:
        found = found.replace("\r\n", "\n").replace("\r", "\n")
    if found.isascii() and found.isprintable():
        return found
    kept = []
    for character in found:
        if lines and character in "\n\t":
            kept.append(character)
        elif character in "\n\t\r":
            kept.append(" ")
        elif unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn"):
            kept.append("\N{REPLACEMENT CHARACTER}")
        else:
            kept.append(character)
    return "".join(kept)
