"""What `docker inspect` tells of a container, as a tree to open and shut; what may be secret is not in it.

A projector is a public place: values of the environment, arguments and what health checks run are left out, each to be
asked for by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.drawing.text import plain

MOST = 2000  # leaves and branches; an inspect has some 300
LONGEST = 2000  # characters of one value
_LISTS = {  # lists whose every member is left out, and those of NAME=VALUE whose names may be seen
    ("Args",): False,
    ("Config", "Cmd"): False,
    ("Config", "Entrypoint"): False,
    ("Config", "Env"): True,
    ("Config", "Healthcheck", "Test"): False,
    ("Config", "Shell"): False,
    ("Config", "OnBuild"): False,
    ("ProcessConfig", "arguments"): False,
}
_LOGS = ("State", "Health", "Log")  # what a health check's command said
_DRIVER = ("HostConfig", "LogConfig", "Config")  # some log drivers are given a token


@dataclass(frozen=True, kw_only=True)
class Node:
    """One line of the tree. value: None for a branch, and for what is hidden. path: leads to it, from the top."""

    key: str
    path: tuple[str, ...]
    value: str | None = None
    hidden: bool = False
    children: tuple[Node, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the page; keys that say nothing are left out."""
        found: dict[str, Any] = {"key": self.key}
        if self.value is not None:
            found["value"] = self.value
        if self.hidden:
            found |= {"hidden": True, "path": list(self.path)}
        if self.children:
            found["children"] = [child.as_json() for child in self.children]
        return found


def tree(row: Mapping[str, Any]) -> Node:
    """The tree of an inspect's JSON. What is over MOST lines is counted in its place."""
    left = [MOST]
    return _node("", (), row, left)


def revealed(row: Mapping[str, Any], path: Sequence[str]) -> str | None:
    """The one hidden value at that path; None if there is none, or nothing is hidden there."""
    node = _at(tree(row), tuple(path))
    if node is None or not node.hidden:
        return None
    found: Any = row
    for step in path:
        try:
            found = found[int(step)] if isinstance(found, list) else found[step]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    text = str(found)
    return _short(text.partition("=")[2] if _names(tuple(path)) else text)


def _at(node: Node, path: tuple[str, ...]) -> Node | None:
    if node.path == path:
        return node
    below = (child for child in node.children if child.path == path[: len(child.path)])
    return next((found for child in below if (found := _at(child, path)) is not None), None)


def _names(path: tuple[str, ...]) -> bool:
    return _LISTS.get(path[:-1], False)


def _node(key: str, path: tuple[str, ...], value: Any, left: list[int]) -> Node:
    left[0] -= 1
    if isinstance(value, Mapping) and value:
        return _branch(key, path, [(str(name), value[name]) for name in sorted(value, key=str)], left)
    if isinstance(value, list) and value:
        return _branch(key, path, [(str(place), one) for place, one in enumerate(value)], left)
    if _names(path) and isinstance(value, str):
        name, equals, _ = value.partition("=")
        return Node(key=_short(name), path=path, hidden=bool(equals), value=None if equals else "")
    secret = path[:-1] in _LISTS or path in _LISTS or path == ("Path",) or path[:-1] == _DRIVER
    secret = secret or (path[: len(_LOGS)] == _LOGS and path[-1] == "Output")
    if secret and value not in (None, "", [], {}):
        return Node(key=plain(key), path=path, hidden=True)
    return Node(key=plain(key), path=path, value=_value(value))


def _branch(key: str, path: tuple[str, ...], items: Sequence[tuple[str, Any]], left: list[int]) -> Node:
    children = []
    for place, (name, value) in enumerate(items):
        if left[0] <= 0:
            children.append(Node(key="…", path=(*path, "…"), value=f"{len(items) - place} more"))
            break
        children.append(_node(name, (*path, name), value, left))
    return Node(key=plain(key), path=path, children=tuple(children))


def _value(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in ("", [], {}) and not isinstance(value, int | float):
        return "empty"
    return _short(str(value))


def _short(text: str) -> str:
    said = plain(text)
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}… ({len(said)} characters)"
