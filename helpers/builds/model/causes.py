"""What a build will take from the cache, and why a step ran: the record, what is there now, and the engine's word.

1. A step whose key was seen comes from the cache, if its record is still there.
2. A step that stands on one that runs falls with it. (A COPY from a stage may hit even so: its content decides, and
   only the engine sees that.)
3. Any other step is a first miss. Its counterpart is the recorded step that stood on the same; their parts are
   compared. What is not certain is called unknown.
4. After a build the engine's word counts for what ran. The cause stays ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from helpers.builds.model import keys
from helpers.builds.model.compare import Comparison
from helpers.builds.model.context_files import taken
from helpers.builds.model.finding import Cause, Finding, Kind, Outcome, StepFinding
from helpers.builds.model.graph import BUILDKIT, Graph, Node
from helpers.builds.model.keys import Parts
from helpers.builds.model.record import KEYS_KEPT, Kept, Record
from helpers.builds.model.snapshot import Columns, Snapshot
from helpers.builds.model.sums import Sums

_RAN = (Outcome.RAN, Outcome.FELL)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the engine told of one step. line: from 1, where its instruction starts."""

    line: int
    cached: bool
    seconds: float


def forecast(
    graph: Graph,
    files: Snapshot,
    bases: Mapping[str, str],
    *,
    record: Record | None,
    key: bytes,
    platform: str = "",
    nocache: bool = False,
) -> Finding:
    """What a build would do now, as far as sums can tell.

    bases: what counts of each image of `graph.bases`; one that is missing is an image that can't be known. key: the
        learner's own. platform: give it always in one form, or the second form is another platform.
    """
    now = _Now.at(graph, files, bases, record, key, platform)
    return now.finding({node.index: now.expected(node, nocache) for node in graph.nodes})


def explain(
    graph: Graph,
    files: Snapshot,
    bases: Mapping[str, str],
    told: Sequence[Told],
    *,
    record: Record | None,
    key: bytes,
    platform: str = "",
    nocache: bool = False,
    failed: bool = False,
) -> tuple[Finding, Record]:
    """What a build did, and the record to keep of it.

    told: each step that the engine told of. failed: the build did, and the steps told of are those that ended well.
    For all else see `forecast`.
    """
    said = _by_line(told)
    now = _Now.at(graph, files, bases, record, key, platform)
    if fresh := now.fetched(said, nocache):
        now = _Now.at(graph, files, bases, record, key, platform, fresh=fresh)
    finding = now.finding({node.index: now.told(node, now.word_of(node, said), nocache) for node in graph.nodes})
    return finding, now.record(finding, failed=failed)


def _by_line(told: Sequence[Told]) -> dict[int, Told]:
    """One for each line: COPY --link has two, and the second, which joins the layers, is never cached."""
    found: dict[int, Told] = {}
    for one in told:
        first = found.get(one.line)
        if first is not None:
            one = replace(one, cached=first.cached or one.cached, seconds=first.seconds + one.seconds)
        found[one.line] = one
    return found


class _Now:
    """What is there now, beside the record. files: the context as the engine has it."""

    def __init__(self, graph: Graph, files: Columns, stale: frozenset[str], parts: Mapping[int, Parts],
                 record: Record | None, platform: str, sums: Sums, blind: frozenset[int]) -> None:  # fmt: skip
        self.graph, self.files, self.stale, self.parts = graph, files, stale, parts
        self.last, self.platform = record, platform
        self.known = frozenset(record.keys) if record is not None else frozenset()
        self.beside = Comparison(graph, parts, files, record) if record is not None else None
        self.found: dict[int, StepFinding] = {}
        self.as_recorded = {index: one.key for index, one in parts.items()}  # keys as the record has them
        self.sums, self.blind = sums, blind  # blind: steps that stand on an image of which nothing is known
        self.of_base: dict[int, Cause] = {}  # of a FROM that is another, and of what hit on top of it all the same

    @classmethod
    def at(cls, graph: Graph, files: Snapshot, bases: Mapping[str, str], record: Record | None, key: bytes,
           platform: str, fresh: frozenset[str] = frozenset()) -> _Now:  # fmt: skip
        """fresh: files that the engine surely has as they are, however old they look to it."""
        if record is not None and record.builder != graph.builder:
            record = None
        stale, found = frozenset[str](), Columns.of(files)
        if record is not None and graph.builder == BUILDKIT and graph.uses_context:
            stale = found.unseen(record.files) - fresh
            if stale:
                found = found.having(stale, record.files)
        sums = Sums(key)
        totals = record.totals if record is not None and found.same(record.files) else {}
        parts = keys.parts(graph, found, bases, sums, platform=platform, totals=totals)
        return cls(graph, found, stale, parts, record, platform, sums, _blind(graph, bases))

    def finding(self, found: Mapping[int, StepFinding]) -> Finding:
        return Finding(
            builder=self.graph.builder,
            target=self.graph.target,
            first=self.last is None,
            steps=tuple(found[node.index] for node in self.graph.nodes),
        )

    def expected(self, node: Node, nocache: bool) -> StepFinding:
        """One step before a build; those that it stands on come first."""
        if not node.step:
            return self._put(node, Outcome.SETTING if node.needed else Outcome.NOT_NEEDED)
        fell = self._fell_with(node)
        if node.word == "FROM" and fell is not None:
            return self._put(node, Outcome.FELL, fell_with=fell)
        if nocache and node.word != "FROM":
            if node.word == "WORKDIR" and self.graph.builder == BUILDKIT and self._seen(node) and fell is None:
                return self._put(node, Outcome.CACHED)
            if fell is not None:
                return self._put(node, Outcome.FELL, fell_with=fell)
            return self._put(node, Outcome.RAN, cause=Cause(kind=Kind.NO_CACHE))
        if self._seen(node):
            return self._put(node, Outcome.CACHED, stale=self._stale(node))
        if fell is not None:
            return self._put(node, Outcome.FELL, fell_with=fell)
        cause = self._cause(node)
        if node.word == "FROM" and not _of_from(cause):
            return self._put(node, Outcome.CACHED)
        return self._put(node, Outcome.RAN, cause=cause or Cause(kind=Kind.UNKNOWN))

    def told(self, node: Node, said: Told | None, nocache: bool) -> StepFinding:
        """One step after a build."""
        if not node.step:
            return self._put(node, Outcome.SETTING if node.needed else Outcome.NOT_NEEDED)
        if said is None:
            self._alias(node)
            return self._put(node, Outcome.NOT_NEEDED)
        fell = self._fell_with(node)
        if node.word == "FROM":
            return self._told_from(node, said, fell)
        if said.cached:
            self._alias(node)
            if base := self._below_base(node):  # BuildKit counts a base's ENV for RUN alone
                self.of_base[node.index] = base
            return self._put(node, Outcome.CACHED, said, stale=self._stale(node))
        if fell is not None:
            return self._put(node, Outcome.FELL, said, fell_with=fell)
        if nocache:
            return self._put(node, Outcome.RAN, said, cause=Cause(kind=Kind.NO_CACHE))
        cause = self._cause(node)
        if cause is None or cause.kind is Kind.UNKNOWN:
            cause = self._below_base(node) or cause
        if cause is None and node.index in self.blind:
            cause = Cause(kind=Kind.UNKNOWN, detail="it stands on an image that the engine does not list")
        return self._put(node, Outcome.RAN, said, cause=cause or Cause(kind=Kind.RECORD_GONE))

    def _told_from(self, node: Node, said: Told, fell: int | None) -> StepFinding:
        """A FROM is there or not: it runs only in so far as another image is behind it."""
        if node.before is not None:
            self.as_recorded[node.index] = self.as_recorded[node.before]
        if fell is not None:
            return self._put(node, Outcome.FELL, said, fell_with=fell)
        if self._seen(node):
            return self._put(node, Outcome.CACHED, said)
        cause = self._cause(node)
        if not _of_from(cause):
            return self._put(node, Outcome.CACHED, said)
        if cause is not None:
            self.of_base[node.index] = cause
        if said.cached:
            self._alias(node)
            return self._put(node, Outcome.CACHED, said)
        return self._put(node, Outcome.RAN, said, cause=cause)

    def word_of(self, node: Node, told: Mapping[int, Told]) -> Told | None:
        """What the engine told of a step; of two that are the same to it, it tells once."""
        if node.line in told or not node.step:
            return told.get(node.line)
        mine = self.parts[node.index].key
        lines = (other.line for other in self.graph.steps if self.parts[other.index].key == mine)
        return next((told[line] for line in lines if line in told), None)

    def fetched(self, told: Mapping[int, Told], nocache: bool) -> frozenset[str]:
        """Files that look untouched, are not, and are in the engine all the same: a step of their own ran for them."""
        found: set[str] = set()
        ran: set[int] = set()
        for node in self.graph.steps:
            said = told.get(node.line)
            if said is None or said.cached or node.word == "FROM":
                continue
            if not nocache and self._seen(node) and not ran.intersection(node.parents):
                found.update(self._stale(node))
            ran.add(node.index)
        return frozenset(found)

    def record(self, finding: Finding, *, failed: bool) -> Record:
        """What is to be kept of this build."""
        there = {step.index for step in finding.steps if step.outcome in (*_RAN, Outcome.CACHED)}
        new = dict.fromkeys(self.parts[node.index].key for node in self.graph.steps if node.index in there)
        old = dict.fromkeys(key for key in (self.last.keys if self.last else ()) if key not in new)
        return Record(
            builder=self.graph.builder,
            target=self.graph.target,
            platform=self.platform,
            keys=(*old, *new)[-KEYS_KEPT:],
            steps=tuple(self._kept(n, n.index in there, failed=failed) for n in self.graph.nodes if not n.setting),
            files=self.files if self.graph.uses_context else Columns(),
            totals={
                keys.selection(n.sources, self.sums): self.parts[n.index].files for n in self.graph.steps if n.sources
            },
        )

    def _kept(self, node: Node, there: bool, *, failed: bool) -> Kept:
        """One step as it is kept. One that a failed build did not come to has no key yet."""
        parts = self.parts.get(node.index) if there or failed else None
        if parts is None:
            parts = Parts(written=keys.written(node, self.sums))
        return Kept(
            index=node.index,
            stage=node.stage,
            word=node.word,
            text=keys.masked(node),
            needed=there or (failed and node.needed),
            done=there,
            parts=parts if there else replace(parts, key=""),
        )

    def _put(self, node: Node, outcome: Outcome, said: Told | None = None, *, fell_with: int | None = None,
             cause: Cause | None = None, stale: tuple[str, ...] = ()) -> StepFinding:  # fmt: skip
        one = StepFinding(
            index=node.index, stage=node.stage, line=node.line, end=node.end, instruction=node.text, word=node.word,
            outcome=outcome,
            fell_with=fell_with, cause=cause, stale=stale, seconds=said.seconds if said is not None else None,
        )  # fmt: skip
        self.found[node.index] = one
        return one

    def _seen(self, node: Node) -> bool:
        return self.parts[node.index].key in self.known

    def _fell_with(self, node: Node) -> int | None:
        """The first miss that a step hangs on; of several the first one."""
        ran = [self.found[index] for index in node.parents if self.found[index].outcome in _RAN]
        return min((one.index if one.fell_with is None else one.fell_with for one in ran), default=None)

    def _before(self, node: Node) -> str:
        return self.as_recorded[node.before] if node.before is not None else ""

    def _cause(self, node: Node) -> Cause | None:
        if self.beside is None:
            return Cause(kind=Kind.FIRST)
        return self.beside.cause(node, self._before(node))

    def _alias(self, node: Node) -> None:
        """A step that the engine had, with a key that we never saw, is its counterpart for those above it."""
        if self.beside is None or self._seen(node):
            return
        kept = self.beside.counterpart(node, self._before(node))
        if kept is not None and kept.word == node.word:
            self.as_recorded[node.index] = kept.parts.key

    def _below_base(self, node: Node) -> Cause | None:
        return self.of_base.get(node.before) if node.before is not None else None

    def _stale(self, node: Node) -> tuple[str, ...]:
        if not self.stale or not node.sources:
            return ()
        return tuple(path for path in taken(node.sources, self.files) if path in self.stale)


def _of_from(cause: Cause | None) -> bool:
    return cause is not None and cause.kind not in (Kind.UNKNOWN, Kind.TARGET, Kind.FIRST)


def _blind(graph: Graph, bases: Mapping[str, str]) -> frozenset[int]:
    found: set[int] = set()
    for node in graph.steps:
        if any(image not in bases for image in node.images) or found.intersection(node.parents):
            found.add(node.index)
    return frozenset(found)
