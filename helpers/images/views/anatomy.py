"""An image from top to bottom, and a name that was given to one."""

from __future__ import annotations

import shlex

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count, plain, size
from helpers.images.model.anatomy import Anatomy, Tagged
from helpers.oci.reference import Reference

LEFT = MARGIN + 150
ROOM = WIDTH - MARGIN - LEFT


def anatomy(found: Anatomy) -> Figure:
    """The reference taken apart, the settings, the history."""
    starts = shlex.join(plain(word) for word in found.starts) or "nothing: a command has to be given"
    said = f"{size(found.size)} of files in {count(found.layers, 'layer')}, and settings. Runs: {starts}"
    card = Card("What is in this image?", said)
    y = _reference(card, float(TOP), found.parts) if found.parts else float(TOP)
    for what, value in _settings(found):
        card.text(MARGIN, y + 8, what, style="n soft")
        card.text(LEFT, y + 8, value or "none", style="m" if value else "n soft", room=ROOM)
        y += 20
    y += 8
    card.text(MARGIN, y + 8, "history, newest first", style="b n")
    y += 20
    for one in found.history[:10]:
        card.text(MARGIN, y + 8, one.instruction or "(no record)", style="m", room=ROOM + 40)
        words = size(one.size) if one.size else "only settings"
        card.text(WIDTH - MARGIN, y + 8, words, style="n" if one.size else "n soft", end=True)
        y += 20
    if len(found.history) > 10:
        card.text(MARGIN, y + 8, f"and {len(found.history) - 10} more steps", style="n soft")
    name = plain(found.reference)
    runs = f"runs {starts}" if found.starts else "names no command to run"
    return Figure(
        sentence=f"{_short(name)} {runs}; it is for {plain(found.platform)} and has {count(found.layers, 'layer')}.",
        svg=card.svg(),
        alt=f"{name}: {said}. It is for {found.platform}.",
        tables=(
            Table(
                caption="Settings",
                columns=("what", "value"),
                rows=tuple((what, value or "none") for what, value in _all(found)),
            ),
            *((_parts(found.parts),) if found.parts else ()),
            Table(
                caption="History, newest first",
                columns=("instruction", "size, bytes"),
                rows=tuple((one.instruction, str(one.size)) for one in found.history),
            ),
        ),
        how=How(
            docker=(f"docker image inspect {shlex.quote(name)}", f"docker history --no-trunc {shlex.quote(name)}"),
            python=(
                "import docker",
                f"image = docker.from_env().images.get({found.reference!r})",
                "print(image.attrs['Config'], image.history())",
            ),
        ),
    )


def reference(found: Reference) -> Figure:
    """The parts of a reference, asked of no engine."""
    said = f"An engine takes it for {plain(found.full.written)}"
    card = Card("What are the parts of this name?", said)
    _reference(card, float(TOP), found)
    return Figure(
        sentence=f"{plain(found.written)}: {_in_words(found)}.",
        svg=card.svg(),
        alt=f"{said}. {_in_words(found)}.",
        tables=(_parts(found),),
    )


def _reference(card: Card, y: float, found: Reference) -> float:
    x = float(MARGIN)
    full = found.full
    parts = [
        ("registry", found.registry, full.registry, ""),
        ("namespace", found.namespace, full.namespace, "/"),
        ("repository", found.repository, full.repository, "/"),
        ("tag", found.tag, full.tag, ":"),
        ("digest", found.digest, full.digest, "@"),
    ]
    shown = [part for part in parts if part[2]]
    wide = (WIDTH - 2 * MARGIN - 14 * (len(shown) - 1)) / len(shown)
    for what, written, meant, before in shown:
        if x > MARGIN:
            card.text(x - 11, y + 22, before, style="m b")
        card.rect(x, y, wide, 34, "t-image" if written else "box", corner=4, dashed=not written)
        card.text(x + 8, y + 22, meant, style="m" if written else "m soft", room=wide - 16)
        card.text(x + 8, y + 50, what if written else f"{what} (filled in)", style="n soft", room=wide - 8)
        x += wide + 14
    return y + 68


def _settings(found: Anatomy) -> list[tuple[str, str]]:
    join = ", ".join
    return [
        ("id", found.id[:19] + "…"),
        ("names", join(found.names)),
        ("platform", found.platform),
        ("created", found.created),
        ("entry point", shlex.join(found.entrypoint)),
        ("command", shlex.join(found.command)),
        ("environment", join(found.environment)),
        ("user", found.user or "root (none is named)"),
        ("folder", found.folder or "/ (none is named)"),
        ("ports", join(found.ports)),
        ("volumes", join(found.volumes)),
        ("labels", join(f"{key}={value}" for key, value in sorted(found.labels.items()))),
    ]


def _all(found: Anatomy) -> list[tuple[str, str]]:
    return [("id", found.id), *_settings(found)[1:]]


def _parts(found: Reference) -> Table:
    full = found.full
    return Table(
        caption="The reference taken apart",
        columns=("part", "as written", "as an engine takes it"),
        rows=tuple(
            (part, getattr(found, part) or "left out", getattr(full, part) or "none")
            for part in ("registry", "namespace", "repository", "tag", "digest")
        ),
    )


def _in_words(found: Reference) -> str:
    full = found.full
    parts = [
        f"{part} {plain(getattr(full, part))}{'' if getattr(found, part) else ' (filled in)'}"
        for part in ("registry", "namespace", "repository", "tag", "digest")
        if getattr(full, part)
    ]
    return ", ".join(parts)


def _short(name: str) -> str:
    """The last part of a reference."""
    return name.rpartition("/")[2]


def tagged(found: Tagged) -> Figure:
    """Where the name leads now, and led before."""
    name = plain(found.name or found.reference)
    if found.moved:
        answer = f"{name} has moved: it leads to another image now."
    elif found.before:
        answer = f"{name} leads where it led before."
    else:
        answer = f"{name} is one more name of the image. Nothing was copied."
    said = answer
    if found.moved and found.left:
        said += f" Made from the earlier one, and still so: {', '.join(map(plain, found.left))}."
        answer += f" {count(len(found.left), 'container')} made from the earlier one."
    card = Card("Where does this name lead?", answer)
    y = float(TOP)
    card.box(MARGIN, y + 22, 220, 44, "host")
    card.text(MARGIN + 14, y + 49, name, style="b", room=196)
    rows = [(found.id, "now", "good")] + ([(found.before, "before", "soft")] if found.moved else [])
    for place, (image_id, when, kind) in enumerate(rows):
        top = y + 22 + 74 * place
        card.box(390, top, WIDTH - MARGIN - 390, 52, "image", dashed=when == "before")
        card.text(404, top + 21, f"image {image_id[:19]}…", style="m", room=300)
        left = ", ".join(found.left) if when == "before" else ", ".join(found.others)
        words = ("containers: " if when == "before" else "other names: ") + (left or "none")
        card.text(404, top + 40, words, style="n soft", room=300)
        if place == 0:
            card.route([(244, top + 22), (388, top + 22)], kind, thick=3)
        else:
            card.route([(134, y + 66), (134, top + 26), (388, top + 26)], kind, dashed=True)
        card.text(300, top + (14 if place == 0 else 18), when, style="b n")
    return Figure(
        sentence=said,
        svg=card.svg(),
        alt=said,
        tables=(
            Table(
                caption="Where the name leads",
                columns=("when", "image id", "containers that keep it", "other names"),
                rows=(
                    ("now", found.id, "", ", ".join(found.others) or "none"),
                    *((("before", found.before, ", ".join(found.left) or "none", ""),) if found.before else ()),
                ),
            ),
        ),
        how=How(
            docker=(f"docker tag {shlex.quote(found.id)} {shlex.quote(found.reference)}",),
            python=(
                "import docker",
                f"docker.from_env().images.get({found.id!r}).tag({found.reference!r})",
            ),
        ),
    )
