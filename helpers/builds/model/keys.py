"""Parts and keys: what counts for a step, and one sum of it and of the steps that it stands on.

The builders do the same: a step whose key they have seen comes from the cache. Ours are made of what can be known from
outside, so that two builds can be compared part by part.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from helpers.builds.model.context_files import taken, total
from helpers.builds.model.graph import CLASSIC, Graph, Node
from helpers.builds.model.scope import Variable, origins
from helpers.builds.model.snapshot import Snapshot
from helpers.builds.model.step_words import Source
from helpers.builds.model.sums import Sums

_MASK = "…"


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What counts for one step, as sums.

    written, said: its words as they stand, and what they come to. files: of the context. base: of images. platform: as
    it counts. variables: of each that counts by being there, "env A", its value. sets: user, shell and folder.
    given: arguments that some engines count. origins: of each variable that anything here hangs on, as it is written,
    and its value. key: of all that counts and of the keys below it. before, others: these keys.
    """

    written: str = ""
    said: str = ""
    files: str = ""
    base: str = ""
    platform: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    key: str = ""
    before: str = ""
    others: tuple[str, ...] = ()

    @property
    def own(self) -> tuple[str, ...]:
        """All that counts but what it stands on; not `written`, which only tells what was changed."""
        pairs = (f"{name}={value}" for found in (self.variables, self.sets) for name, value in sorted(found.items()))
        return (self.said, self.files, self.base, self.platform, *pairs)

    def as_json(self) -> dict[str, object]:
        """What is kept; nothing of what is empty."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in found.items() if value}


def parts(
    graph: Graph,
    files: Snapshot,
    bases: Mapping[str, str],
    sums: Sums,
    *,
    platform: str = "",
    totals: Mapping[str, str] | None = None,
) -> dict[int, Parts]:
    """The parts of each step, by index. totals: sums of files that are known already, by `selection`."""
    found: dict[int, Parts] = {}
    for node in graph.steps:
        taken_sum = _files(node, files, sums, totals or {}, classic=graph.builder == CLASSIC)
        found[node.index] = _parts(node, found, taken_sum, bases, sums, platform)
    return found


def selection(sources: tuple[Source, ...], sums: Sums) -> str:
    """What a step takes of the context, by its words, as a sum."""
    return sums(*(sums(one.pattern, "parents" if one.parents else "", *one.leave) for one in sources))


def _files(node: Node, files: Snapshot, sums: Sums, totals: Mapping[str, str], *, classic: bool) -> str:
    if not node.sources:
        return ""
    known = totals.get(selection(node.sources, sums))
    return known if known is not None else total(taken(node.sources, files), files, sums, classic=classic)


def _parts(
    node: Node,
    found: Mapping[int, Parts],
    files: str,
    bases: Mapping[str, str],
    sums: Sums,
    platform: str,
) -> Parts:
    before = found[node.before].key if node.before is not None else ""
    others = tuple(found[index].key for index in node.others)
    one = Parts(
        written=written(node, sums),
        said=sums(node.word, node.said),
        files=files,
        base=sums(*(bases.get(image, f"? {image}") for image in node.images)) if node.images else "",
        platform=sums(platform) if node.platform else "",
        variables={f"{v.kind} {v.name}": sums(v.value) for v in node.variables},
        sets={name: sums(found.value) for name, found in node.sets.items() if _counts(node, name)},
        given={f"{v.kind} {v.name}": sums(v.value) for v in node.given},
        origins=_origins((*node.used, *node.variables, *node.given), sums),
        before=before,
        others=others,
    )
    goes_on = node.word == "FROM" and node.before is not None  # it is the stage that it goes on from
    key = before if goes_on else sums(*one.own, before, *others)
    return replace(one, key=key)


def written(node: Node, sums: Sums) -> str:
    """The sum of an instruction as it stands, by which it is known again in another place."""
    return sums(node.word, node.written)


def _counts(node: Node, name: str) -> bool:
    """Whether what was set above counts for this step; a COPY's own words hold the folder already."""
    return not (name == "WORKDIR" and node.word in ("COPY", "ADD"))


def _origins(found: tuple[Variable, ...], sums: Sums) -> dict[str, tuple[str, str]]:
    """By name; what is set twice, as in `ENV PATH=/a:$PATH`, has one entry of both."""
    kept: dict[str, tuple[str, str]] = {}
    for one in origins(found):
        name = f"{one.kind} {one.name}"
        kept[name] = (sums(kept.get(name, ("",))[0], one.written), sums(one.value))
    return kept


def masked(node: Node) -> str:
    """The instruction as it may be kept: without values of ARG and ENV, and without the names of secrets."""
    return _without_values(_without_secrets(node.text, node.secrets))


def _without_secrets(text: str, names: tuple[str, ...]) -> str:
    for name in names:
        text = re.sub(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", _MASK, text)
    return text


def _without_values(text: str) -> str:
    word, *rest = text.split(None, 1)
    if word.upper() == "ONBUILD" and rest:
        return f"{word} {_without_values(rest[0])}"
    if word.upper() not in ("ARG", "ENV") or not rest:
        return text
    names = re.findall(r"(?:^|\s)([A-Za-z_]\w*)=", re.sub(r"\\.|\"[^\"]*\"|'[^']*'", "", rest[0]))
    first, *more = rest[0].split(None, 1)
    if not names or (word.upper() == "ENV" and "=" not in first):  # the older form: ENV NAME and all the rest
        return f"{word} {first}={_MASK}" if more and word.upper() == "ENV" else f"{word} {first.partition('=')[0]}"
    return " ".join((word, *(f"{name}={_MASK}" for name in names)))
