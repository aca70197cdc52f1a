"""Names that a chapter gives and that are taken, and who else uses the engine: asked as a scene begins."""

from __future__ import annotations

import ast
import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from helpers import store
from helpers.engine import scene
from helpers.engine.client import Client
from helpers.engine.model.inventory import Claim
from helpers.engine.ownership import labels
from helpers.engine.ownership.ledger import IMAGE_PREFIXES, names, whose
from helpers.engine.scene import appeared

CHAPTERS = Path(__file__).resolve().parents[3] / "notebooks"
_GIVES = {  # the verbs that give a name, and to what
    ("containers", "start"): "container",
    ("containers", "create"): "container",
    ("containers", "buttons"): "container",
    ("images", "build"): "image",
    ("images", "tag"): "image",
    ("networks", "create"): "network",
}
_COMPOSE = "com.docker.compose.project"


def given(name: str) -> frozenset[tuple[str, str]]:
    """Every name that the chapter of that scene gives to something, by kind, from its own cells; none without one."""
    found: set[tuple[str, str]] = set()
    for path in CHAPTERS.glob(f"*-{name}.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                lines = (line for line in "".join(cell["source"]).splitlines() if not line.startswith(("!", "%")))
                with contextlib.suppress(SyntaxError):
                    found.update(_given_in(ast.parse("\n".join(lines))))
    return frozenset(found)


def _given_in(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        room = call.func.value.id if isinstance(call.func.value, ast.Name) else ""
        kind = _GIVES.get((room, call.func.attr))
        words = call.args[:1] if kind == "network" else [one.value for one in call.keywords if one.arg == "name"]
        for word in words:
            if kind and isinstance(word, ast.Constant) and isinstance(word.value, str):
                yield kind, labels.word(word.value)


def find(client: Client, name: str) -> tuple[Claim, ...]:
    """What has one of these names on the engine, and is neither the course's nor made since this scene first began."""
    wanted = {(kind, labels.object_name(word)) for kind, word in given(name)}
    if not wanted:
        return ()
    ledger = client.ledger()
    found = [
        Claim(
            kind=kind, id=object_id, name=word, whose=_whose(row.get("Labels") or {}), state=str(row.get("State") or "")
        )
        for kind in appeared.KINDS
        for object_id, word, row in scene.listed(client, kind)
        if (kind, word) in wanted and ledger.entry(kind, object_id, row.get("Labels")) is None
    ]
    for row in client.images():
        image_id = str(row["Id"])
        for tag in names(row):
            if ("image", _repository(tag)) in wanted and not client.has_named(image_id, tag):
                found.append(Claim(kind="image", id=image_id, name=tag, whose=_whose(row.get("Labels") or {})))
    return tuple(claim for claim in found if not appeared.since(client, name, claim.kind, claim.id))


def others_work(container_rows: Iterable[Mapping[str, Any]]) -> bool:
    """True if another learner's containers run on this engine; where COURSE_SHARED is set, that says so, or not."""
    said = labels.said_shared()
    if said is not None:
        return said
    mine = store.learner()
    return any(
        labels.carried(row.get("Labels"), everyone=True)
        and (row.get("Labels") or {}).get(labels.SESSION) != mine
        and row.get("State") == "running"
        for row in container_rows
    )


def look_for_others(client: Client) -> None:
    """Notes whether names need the learner's number from here on. Raises: StoreError."""
    labels.found_shared(others_work(client.containers(filters=labels.filters(everyone=True))))


def _whose(found: Mapping[str, str]) -> str:
    if _COMPOSE in found:
        return f"of the compose project {found[_COMPOSE]}"
    return whose(found)


def _repository(reference: str) -> str:
    bare = next(reference[len(p) :] for p in sorted(IMAGE_PREFIXES, key=len, reverse=True) if reference.startswith(p))
    return bare.rpartition(":")[0]
