"""The colours and type of every picture. Each colour is at least 4.5:1 on card and fill in both themes."""

from __future__ import annotations

# role: (light, dark)
INK = {
    "card": ("#ffffff", "#15181d"),
    "ink": ("#1b1f24", "#e8eaed"),
    "soft": ("#57606a", "#a3abb5"),
    "line": ("#d0d7de", "#3a414b"),
    "fill": ("#f6f8fa", "#1e2228"),
}
KINDS = {
    "image": ("#2f6fd0", "#6ea8ff"),
    "container": ("#1f7a6d", "#4cc2ae"),
    "network": ("#7d4fbf", "#b794f4"),
    "volume": ("#a35a12", "#e0a05a"),
    "host": ("#5b6470", "#9aa4b1"),
    "good": ("#1a7f37", "#57c26d"),
    "warn": ("#9a6700", "#d9a62e"),
    "bad": ("#c62f2f", "#ff7b72"),
}
# A state never speaks by colour alone: its mark and a word stand beside it.
MARKS = {"good": "✓", "warn": "!", "bad": "✕", "none": "–"}

SANS = "system-ui,'Segoe UI',Helvetica,Arial,sans-serif"
MONO = "ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace"


def _rules(theme: int) -> str:
    ink = {name: pair[theme] for name, pair in INK.items()}
    rules = [
        f".card{{fill:{ink['card']};stroke:{ink['line']}}}",
        f"text{{fill:{ink['ink']}}}",
        f".soft{{fill:{ink['soft']}}}",
        f".box{{fill:{ink['fill']};stroke:{ink['line']}}}",
        f".rule{{stroke:{ink['line']};fill:none}}",
        f".s-soft{{stroke:{ink['soft']};fill:none}}",
    ]
    for kind, pair in KINDS.items():
        colour = pair[theme]
        rules.append(f".{kind}{{fill:{colour}}}.s-{kind}{{stroke:{colour};fill:none}}")
        rules.append(f".t-{kind}{{fill:{colour};fill-opacity:.14}}")
    return "".join(rules)


def stylesheet() -> str:
    """The style of a picture: light, and dark where the reader's system or page asks for it."""
    return (
        f"text{{font:13px {SANS}}}.h{{font-weight:600;font-size:15px}}.b{{font-weight:600}}.n{{font-size:12px}}"
        f".m{{font:12px {MONO}}}" + _rules(0) + "@media(prefers-color-scheme:dark){" + _rules(1) + "}"
    )
