"""The colours and type of every picture. Each colour is at least 4.5:1 on card and fill in both themes."""

from __future__ import annotations

# role: (light, dark)
INK = {
    "card": ("#ffffff", "#15181d"),
    "ink": ("#1b1f24", "#e8eaed"),
    "soft": ("#57606a", "#a3abb5"),
    "line": ("#d0d7de", "#566070"),
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
TINT = (".14", ".26")  # of a kind's colour: on a dark card less of it is hardly seen
# A state never speaks by colour alone: its mark and a word stand beside it.
MARKS = {"good": "✓", "warn": "!", "bad": "✕", "none": "–"}

SANS = "system-ui,'Segoe UI',Helvetica,Arial,sans-serif"
MONO = "ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace"


def _rules(theme: int, before: str = "") -> str:
    """before: what each selector begins with."""
    ink = {name: pair[theme] for name, pair in INK.items()}
    rules = [
        (".card", f"fill:{ink['card']};stroke:{ink['line']}"),
        ("text", f"fill:{ink['ink']}"),
        (".soft", f"fill:{ink['soft']}"),
        (".box", f"fill:{ink['fill']};stroke:{ink['line']}"),
        (".rule", f"stroke:{ink['line']};fill:none"),
        (".s-soft", f"stroke:{ink['soft']};fill:none"),
    ]
    for kind, pair in KINDS.items():
        colour = pair[theme]
        rules.append((f".{kind}", f"fill:{colour}"))
        rules.append((f".s-{kind}", f"stroke:{colour};fill:none"))
        rules.append((f".t-{kind}", f"fill:{colour};fill-opacity:{TINT[theme]}"))
    return "".join(f"{before}{selector}{{{body}}}" for selector, body in rules)


def _type(before: str = "") -> str:
    rules = (
        ("text", f"font:13px {SANS}"),
        (".h", "font-weight:600;font-size:15px"),
        (".n", "font-size:12px"),
        (".m", f"font:12px {MONO}"),
        (".b", "font-weight:600"),  # after .m, whose `font` sets the weight, too
    )
    return "".join(f"{before}{selector}{{{body}}}" for selector, body in rules)


def stylesheet() -> str:
    """The style of a picture: light, and dark where the reader's system or page asks for it."""
    return _type() + _rules(0) + "@media(prefers-color-scheme:dark){" + _rules(1) + "}"


def scoped(inside: str) -> str:
    """The same for a drawing that is part of a page, inside of what the selector `inside` names.

    Dark is what JupyterLab says of its theme; elsewhere, what the reader's system asks for. The colours of words and
    grounds are there as --hs-ink, --hs-soft, --hs-card, --hs-line and --hs-fill, those of kinds likewise: --hs-bad.
    """

    def names(theme: int) -> str:
        return ";".join(f"--hs-{name}:{pair[theme]}" for name, pair in {**INK, **KINDS}.items())

    dark, system = f'[data-jp-theme-light="false"] {inside}', f"body:not([data-jp-theme-light]) {inside}"
    return (
        f"{inside}{{{names(0)}}}{dark}{{{names(1)}}}"
        + _type(f"{inside} svg ")
        + _rules(0, f"{inside} svg ")
        + _rules(1, f"{dark} svg ")
        + f"@media(prefers-color-scheme:dark){{{system}{{{names(1)}}}"
        + _rules(1, f"{system} svg ")
        + "}"
    )
