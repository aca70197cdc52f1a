"""One step against its counterpart in the record: which of its parts is another, and so why it had to run."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.builds.model.context_files import mode, taken
from helpers.builds.model.finding import Cause, Kind
from helpers.builds.model.graph import CLASSIC, Graph, Node
from helpers.builds.model.keys import Parts, masked
from helpers.builds.model.record import Kept, Record
from helpers.builds.model.scope import EPOCH, PLATFORMS
from helpers.builds.model.snapshot import DIRECTORY, FILE, Entry, Snapshot

_KINDS = {"arg": Kind.ARG, "env": Kind.ENV}
_NO_STEP = Cause(kind=Kind.UNKNOWN)
_WORDS = 8  # of each side of a changed instruction that are shown


@dataclass(frozen=True)
class Comparison:
    """Now and the record. parts: of each step now. files: the context now."""

    graph: Graph
    parts: Mapping[int, Parts]
    files: Snapshot
    record: Record

    def counterpart(self, node: Node, before: str) -> Kept | None:
        """The recorded step that stood where this one stands; None if there is none, or no certain one.

        before: key of the step below, as the record has it.
        """
        mine = self.parts[node.index]
        there = [kept for kept in self.record.steps if kept.needed and kept.parts.before == before]
        if same := [kept for kept in there if kept.parts.key == mine.key]:
            return same[0]
        now = {one.key for one in self.parts.values()}
        left = [kept for kept in there if kept.parts.key not in now and (kept.word == "FROM") == (node.word == "FROM")]
        for fits in (
            lambda _: True,
            lambda kept: kept.stage == node.stage and kept.parts.written == mine.written,
            lambda kept: kept.parts.written == mine.written,
            lambda kept: kept.stage == node.stage,
            lambda kept: kept.parts.said == mine.said,
        ):
            if len(found := [kept for kept in left if fits(kept)]) == 1:
                return found[0]
        return None

    def cause(self, node: Node, before: str) -> Cause | None:
        """Why a step without a known key, or that ran, is another; None if nothing of it is."""
        kept = self.counterpart(node, before)
        if kept is None:
            return self._without(node, before)
        mine = self.parts[node.index]
        if kept.parts.key == mine.key:
            return self._given(mine, kept)
        if not kept.done and kept.parts.own == mine.own:
            return Cause(kind=Kind.UNKNOWN, detail="the build before this one failed before it came here")
        if node.word == "FROM":
            return self._from(node, mine, kept)
        if not self._alike(mine, kept):
            return self._words(node, mine, kept)
        return self._parts(node, mine, kept)

    def _without(self, node: Node, before: str) -> Cause:
        """Of a step that has no counterpart."""
        mine = self.parts[node.index]
        skipped = [kept for kept in self.record.steps if not kept.needed]
        if any(kept.stage == node.stage and kept.parts.written == mine.written for kept in skipped):
            return Cause(kind=Kind.TARGET, name=self.graph.target)
        there = [kept for kept in self.record.steps if kept.needed]
        known = {kept.parts.key for kept in there}
        now = {one.key for one in self.parts.values()}
        if node.word == "FROM":
            fresh = all(kept.parts.key in now for kept in there if kept.word == "FROM")
            return Cause(kind=Kind.INSTRUCTION, name=masked(node), change="added") if fresh else _NO_STEP
        open_ones = [kept for kept in there if kept.parts.before == before and kept.parts.key not in now]
        if not open_ones and (before in known or (not before and not skipped)):
            return Cause(kind=Kind.INSTRUCTION, name=masked(node), change="added")
        return _NO_STEP

    def _from(self, node: Node, mine: Parts, kept: Kept) -> Cause | None:
        if mine.written != kept.parts.written:
            return self._changed(node, kept)
        if root := self._root(mine, kept) if mine.base != kept.parts.base else None:
            return root
        if mine.base != kept.parts.base:
            return Cause(kind=Kind.BASE, name=", ".join(node.images), detail="the name means another image")
        if (mine.platform, mine.said) != (kept.parts.platform, kept.parts.said):
            return Cause(kind=Kind.PLATFORM)
        return _NO_STEP if mine.before != kept.parts.before else None

    def _alike(self, mine: Parts, kept: Kept) -> bool:
        return mine.written == kept.parts.written or mine.said == kept.parts.said

    def _words(self, node: Node, mine: Parts, kept: Kept) -> Cause:
        """Of a step whose words are others: it was added, another was taken out before it, or it was changed."""
        classic = kept.word == node.word in ("ENV", "ARG") and self.graph.builder == CLASSIC
        same = bool(mine.variables.keys() & kept.parts.variables.keys())  # else it is another line, not another value
        if classic and same and (found := self._variables(mine, kept)):
            return found
        old = [step.parts.written for step in self._above_kept(kept)]
        new = [self.parts[other.index].written for other in self._above(node)]
        if Counter(old) != Counter(new):
            if kept.parts.written in new and mine.written not in old:
                return Cause(kind=Kind.INSTRUCTION, name=masked(node), change="added")
            if mine.written in old and kept.parts.written not in new:
                detail = f"it stood before: {_short(masked(node))}"
                return Cause(kind=Kind.INSTRUCTION, name=kept.text, change="removed", detail=detail)
            if mine.written in old and kept.parts.written in new:
                return Cause(kind=Kind.INSTRUCTION, name=masked(node), detail="it stands in another place")
        return self._changed(node, kept)

    def _changed(self, node: Node, kept: Kept) -> Cause:
        return Cause(kind=Kind.INSTRUCTION, name=masked(node), detail=_difference(kept.text, masked(node)))

    def _above_kept(self, kept: Kept) -> list[Kept]:
        """The recorded steps that stand on one, at any distance, in its stage or in those that go on from it."""
        found, keys = [], {kept.parts.key}
        for step in self.record.steps:
            if step.needed and step is not kept and step.parts.before in keys:
                keys.add(step.parts.key)
                found += [step] if step.word != "FROM" else []
        return found

    def _above(self, node: Node) -> list[Node]:
        found, indexes = [], {node.index}
        for other in self.graph.steps:
            if other.before in indexes:
                indexes.add(other.index)
                found += [other] if other.word != "FROM" else []
        return found

    def _parts(self, node: Node, mine: Parts, kept: Kept) -> Cause | None:
        """Of a step whose words are the same."""
        if mine.said != kept.parts.said:
            if root := self._root(mine, kept):
                return root
            return self._set(node, mine, kept) or _NO_STEP
        if mine.files != kept.parts.files and (found := self._file(node)):
            return found
        if found := self._variables(mine, kept):
            return found
        if found := self._set(node, mine, kept):
            return found
        elsewhere = (mine.base, mine.others) != (kept.parts.base, kept.parts.others)
        if elsewhere and mine.written != kept.parts.written:  # another --from
            return self._changed(node, kept)
        if mine.base != kept.parts.base:
            return Cause(kind=Kind.BASE, name=", ".join(node.images))
        if mine.platform != kept.parts.platform:
            return Cause(kind=Kind.PLATFORM)
        if mine.own != kept.parts.own or mine.others != kept.parts.others or mine.before != kept.parts.before:
            return _NO_STEP
        return self._given(mine, kept)

    def _set(self, node: Node, mine: Parts, kept: Kept) -> Cause | None:
        """USER, SHELL or WORKDIR above it."""
        for name in sorted({*mine.sets, *kept.parts.sets}):
            if mine.sets.get(name) != kept.parts.sets.get(name):
                there = node.sets.get(name)
                text = there.text if there is not None and there.text else name
                return Cause(kind=Kind.INSTRUCTION, name=text, change="" if there and there.text else "removed")
        return None

    def _variables(self, mine: Parts, kept: Kept) -> Cause | None:
        """ENV first, then ARG; and of `ENV A=$V` the V, if that is what is another."""
        names = sorted({*mine.variables, *kept.parts.variables}, key=_env_first)
        differ = [name for name in names if mine.variables.get(name) != kept.parts.variables.get(name)]
        if not differ:
            return None
        if root := self._root(mine, kept):
            return root
        return _variable(differ[0], differ[0] in mine.variables, differ[0] in kept.parts.variables)

    def _differing(self, mine: Parts, kept: Kept) -> list[str]:
        """Names of origins whose value is another, ENV first."""
        names = sorted({*mine.origins, *kept.parts.origins}, key=_env_first)
        gone = ("", "")
        return [n for n in names if mine.origins.get(n, gone)[1] != kept.parts.origins.get(n, gone)[1]]

    def _root(self, mine: Parts, kept: Kept) -> Cause | None:
        """The variable that was written otherwise, of all whose value is another."""
        differ = self._differing(mine, kept)
        gone = ("", "")
        roots = [n for n in differ if mine.origins.get(n, gone)[0] != kept.parts.origins.get(n, gone)[0]]
        if not roots:
            return None
        return _variable(roots[0], roots[0] in mine.origins, roots[0] in kept.parts.origins)

    def _given(self, mine: Parts, kept: Kept) -> Cause | None:
        """An argument that some engines count and others don't; only a step that ran is asked for it."""
        name = f"arg {EPOCH}"
        if mine.given.get(name) == kept.parts.given.get(name):
            return None
        return _variable(name, name in mine.given, name in kept.parts.given)

    def _file(self, node: Node) -> Cause | None:
        """The first file that is another."""
        classic, before = self.graph.builder == CLASSIC, self.record.files
        now, then = taken(node.sources, self.files), taken(node.sources, before)
        added, removed = sorted({*now} - {*then}), sorted({*then} - {*now})
        if len(added) == len(removed) == 1 and _same(self.files[added[0]], before[removed[0]]):
            return Cause(kind=Kind.FILE, name=added[0], change="added", detail=f"it was {removed[0]}")
        changes: list[tuple[str, str, str]] = []
        for path in sorted({*now, *then}):
            mine, old = self.files.get(path), before.get(path)
            if path in added or old is None:
                changes.append((path, "added", _size(mine)))
            elif path in removed or mine is None:
                changes.append((path, "removed", _size(old)))
            elif not _same(mine, old):
                more = mine.size - old.size
                changes.append((path, "content", f"{more:+d} bytes" if more else "the same size"))
            elif mode(mine, classic=classic) != mode(old, classic=classic):
                changes.append((path, "mode", f"{old.mode:o} → {mine.mode:o}"))
        if not changes:
            return None
        # a folder that came or went says less than a file
        order = sorted(changes, key=lambda c: (self.files.get(c[0]) or before[c[0]]).kind == DIRECTORY)
        path, change, detail = order[0]
        more = len(changes) - 1
        others = f"; and {more} other{'s' if more > 1 else ''}" if more else ""
        return Cause(kind=Kind.FILE, name=path, change=change, detail=f"{detail}{others}".lstrip("; "))


def _same(mine: Entry, old: Entry) -> bool:
    return (mine.kind, mine.sum) == (old.kind, old.sum)


def _size(row: Entry | None) -> str:
    return f"{row.size} bytes" if row is not None and row.kind == FILE else ""


def _env_first(name: str) -> tuple[bool, str]:
    return name.startswith("arg"), name


def _variable(name: str, now: bool, then: bool) -> Cause:
    kind, _, bare = name.partition(" ")
    if kind == "arg" and bare in PLATFORMS:
        return Cause(kind=Kind.PLATFORM, name=bare)
    return Cause(kind=_KINDS[kind], name=bare, change="" if now and then else "added" if now else "removed")


def _difference(old: str, new: str) -> str:
    """The words that are others: "make → make all"."""
    left, right = old.split(), new.split()
    parts = difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    changed = [(left[a:b], right[c:d]) for what, a, b, c, d in parts if what != "equal"]
    if not changed:
        return "only blanks are others" if old == new or left == right else ""
    gone = [word for words, _ in changed for word in words]
    come = [word for _, words in changed for word in words]
    return f"{_some(gone)} → {_some(come)}"


def _some(words: Sequence[str]) -> str:
    return " ".join(words[:_WORDS]) + (" …" if len(words) > _WORDS else "") if words else "(nothing)"


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
