"""What the words of one instruction come to: as a builder compares them with those of a build before.

Blanks that do not count are gone, variables are filled in, and paths are resolved, each as far as that builder does it.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from helpers.builds.model.scope import Scope, Variable
from helpers.engine.build.model import variables
from helpers.engine.build.model.dockerfile import HEREDOCS, Instruction, heredoc
from helpers.engine.build.model.ignore import clean

_REMOTE = re.compile(r"(?:https?|ssh|git)://|git@|github\.com/")
_ASSIGNS = ("ENV", "LABEL", "ARG")


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a step takes from the context. pattern: with Go's wildcards; "" is the whole of it.

    leave: `--exclude` patterns. parents: `--parents`, which finds by the rules of .dockerignore.
    """

    pattern: str = field(repr=False)
    leave: tuple[str, ...] = field(repr=False, default=())
    parents: bool = False


@dataclass(frozen=True, kw_only=True)
class Words:
    """What an instruction says.

    written: the words as they stand, without blanks that do not count. said: what they come to. used: the variables
    that were filled in. sources: what it takes of the context. places: stages or images that it takes files of.
    """

    written: str
    said: str = field(repr=False)
    used: tuple[Variable, ...] = ()
    sources: tuple[Source, ...] = ()
    places: tuple[str, ...] = ()


def words(one: Instruction, exact: str, scope: Scope) -> Words:
    """Of any instruction but FROM.

    Raises: ValueError for what no builder takes.
    """
    if one.word in ("COPY", "ADD"):
        return _copy(one, exact, scope)
    if one.word == "RUN":
        return _run(exact)
    if one.word == "WORKDIR":
        path, used = scope.fill(one.rest)
        return Words(written=one.rest, said=folder(scope.folder.value, path), used=used)
    if one.word in _ASSIGNS:
        return _assigned(one, scope)
    if one.word in ("USER", "STOPSIGNAL", "EXPOSE", "VOLUME"):
        written = one.listed if one.listed is not None else tuple(one.rest.split())
        return _filled(json.dumps(written), written, scope)
    rest = _rest(exact)
    return Words(written=rest, said=rest)


def mounts(exact: str) -> tuple[Mapping[str, str], ...]:
    """The `--mount` options of a RUN, with their short names written out."""
    names = {"src": "source", "dst": "target", "destination": "target", "ro": "readonly"}
    found = []
    for flag in _flags(_rest(exact))[0]:
        name, _, value = flag.partition("=")
        if name == "--mount":
            pairs = (part.partition("=") for part in value.replace('"', "").split(","))
            found.append({names.get(left.strip().lower(), left.strip().lower()): right for left, _, right in pairs})
    return tuple(found)


def folder(now: str, path: str) -> str:
    """Where `WORKDIR path` leads. now: the folder before; "" if it is the base image's, which is not known."""
    if path.startswith("/"):
        return clean(path)
    return posixpath.normpath(posixpath.join(now or "(base)", path))


def _rest(exact: str) -> str:
    """What stands behind the instruction's word."""
    return (exact.split(None, 1)[1:] or [""])[0]


def _flags(rest: str) -> tuple[tuple[str, ...], str]:
    """The options, and what stands behind them."""
    found = []
    while rest.startswith("--"):
        flag, *left = rest.split(None, 1)
        found.append(flag)
        rest = left[0] if left else ""
    return tuple(found), rest


def _run(exact: str) -> Words:
    flags, rest = _flags(_rest(exact))
    try:
        listed = json.loads(rest) if rest.startswith("[") else None
    except ValueError:
        listed = None
    said = json.dumps((flags, listed if isinstance(listed, list) else rest))
    sources, places = [], []
    for mount in mounts(exact):
        if mount.get("type", "bind") in ("bind", "cache") and mount.get("from"):
            places.append(mount["from"])
        elif mount.get("type", "bind") == "bind":
            sources.append(Source(pattern=source(mount.get("source", ""))))
    return Words(written=said, said=said, sources=tuple(sources), places=tuple(places))


def _copy(one: Instruction, exact: str, scope: Scope) -> Words:
    _, *below = exact.split("\n") if heredoc(one) else (one.text,)
    written = one.listed if one.listed is not None else tuple(one.rest.split())
    if len(written) < 2:
        raise ValueError(f"{one.word} needs a source and a destination")
    paths = [scope.fill(word) if not word.startswith("<<") else (word, ()) for word in written]
    flags = [scope.fill(flag) if not flag.startswith("--from=") else (flag, ()) for flag in one.flags]
    body, taken = scope.fill("\n".join(below), quotes=False) if below and one.word in HEREDOCS else ("", ())
    target = paths[-1][0]
    if scope.builder == "buildkit":
        target = _target(scope.folder.value, target)
    froms = [path for path, _ in paths[:-1]]
    leave = tuple(flag.partition("=")[2] for flag, _ in flags if flag.startswith("--exclude="))
    parents = any(flag in ("--parents", "--parents=true") for flag, _ in flags)
    place = one.flag("from")
    local = [] if place else [path for path in froms if not path.startswith("<<") and not _remote(one, path)]
    return Words(
        written=json.dumps((one.flags, written, below)),
        said=json.dumps(
            # of --from counts what the stage or image is, and not what it is called
            (
                sorted(flag for flag, _ in flags if not flag.startswith("--from=")),
                bool(place),
                _plain(froms, scope),
                target,
                body,
            )
        ),
        used=tuple(
            dict.fromkeys((*(one for _, used in (*paths, *flags) for one in used), *taken)),
        ),
        sources=tuple(Source(pattern=source(path), leave=leave, parents=parents) for path in local),
        places=(place,) if place else (),
    )


def _plain(paths: Iterable[str], scope: Scope) -> list[str]:
    """Sources as they are compared: with BuildKit `./a` and `/a` are `a`."""
    if scope.builder != "buildkit":
        return list(paths)
    return [path if _REMOTE.match(path) or path.startswith("<<") or "/./" in path else source(path) for path in paths]


def _remote(one: Instruction, path: str) -> bool:
    return one.word == "ADD" and _REMOTE.match(path) is not None


def source(path: str) -> str:
    """A path of the context as the builders see it: nothing leads out of it. "" is the whole."""
    if "/./" in path:  # where --parents begins to keep folders; the rest is a path like any other
        path = path.replace("/./", "/")
    return clean(f"/{path}").removeprefix("/")


def _target(now: str, path: str) -> str:
    """Where files go; a `/` at the end is kept, as it makes a folder of it."""
    found = folder(now, path or ".")
    slash = path.endswith(("/", "/.")) or path in ("", ".")
    return f"{found}/" if slash and not found.endswith("/") else found


def _assigned(one: Instruction, scope: Scope) -> Words:
    pairs = variables.settings(one, scope.escape)
    if not pairs:
        raise ValueError(f"{one.word} sets nothing")
    filled = [(name, scope.fill(value) if value is not None else None) for name, value in pairs]
    said = json.dumps([(name, found[0] if found else None) for name, found in filled])
    used = tuple(dict.fromkeys(one for _, found in filled if found for one in found[1]))
    return Words(written=json.dumps(pairs), said=said, used=used)


def _filled(written: str, found: Iterable[str], scope: Scope) -> Words:
    pairs = [scope.fill(word) for word in found]
    used = tuple(dict.fromkeys(one for _, taken in pairs for one in taken))
    return Words(written=written, said=json.dumps([word for word, _ in pairs]), used=used)
