"""Words that must not get through."""

from __future__ import annotations

HOSTILE = "</text><script>alert(1)</script>\"'&\x00\x1b[31mred\x1b]0;title\x07\u202egnp.exe\ud800"
