"""Findings as a build would give them, for tests of what is shown."""

from __future__ import annotations

from typing import Any

from helpers.builds.model.finding import Cause, Finding, Kind, Outcome, StepFinding


def step(index: int, instruction: str, outcome: Outcome, *, stage: str = "0", **more: Any) -> StepFinding:
    seconds = None if outcome in (Outcome.SETTING, Outcome.NOT_NEEDED) else more.pop("seconds", 0.0)
    return StepFinding(
        index=index, stage=stage, line=index + 1, end=index + 1, word=instruction.split()[0],
        instruction=instruction, outcome=outcome,
        seconds=seconds, **more,
    )  # fmt: skip


def finding(*steps: StepFinding, **more: Any) -> Finding:
    return Finding(**{"builder": "buildkit", "target": "", "first": False, "steps": steps, **more})


def shop(word: str = "shop.py") -> Finding:
    """One file changed, two steps fell with it."""
    return finding(
        step(0, "FROM localhost/course/python:3.13", Outcome.CACHED),
        step(1, "WORKDIR /shop", Outcome.CACHED),
        step(
            2,
            "COPY . .",
            Outcome.RAN,
            seconds=0.1,
            cause=Cause(kind=Kind.FILE, name=word, change="content", detail="+12 bytes"),
        ),
        step(3, f"RUN pip install --no-index -r {word}", Outcome.FELL, fell_with=2, seconds=20.9),
        step(4, "RUN python3 -m compileall .", Outcome.FELL, fell_with=2, seconds=0.4),
        step(5, 'CMD ["python3", "shop.py"]', Outcome.SETTING),
    )


def stale(word: str = "word.txt") -> Finding:
    """The engine took a changed file for unchanged."""
    return finding(
        step(0, "FROM localhost/course/busybox:1", Outcome.CACHED),
        step(1, "COPY . /data", Outcome.CACHED, stale=(word,)),
        step(2, "RUN cat /data/word.txt", Outcome.CACHED),
    )


def long(count: int) -> Finding:
    """So many steps, of which the last but two ran, and the rest fell with it."""
    rows = [step(0, "FROM busybox", Outcome.CACHED)]
    for index in range(1, count):
        if index < count - 2:
            rows.append(step(index, f"RUN echo {index} {'x' * 60}", Outcome.CACHED))
        elif index == count - 2:
            cause = Cause(kind=Kind.ARG, name="VERSION")
            rows.append(step(index, f"RUN echo {index}", Outcome.RAN, cause=cause, seconds=1.5))
        else:
            rows.append(step(index, f"RUN echo {index}", Outcome.FELL, fell_with=count - 2, seconds=3.0))
    return finding(*rows)


def stages() -> Finding:
    """Two stages with a miss of their own, and one that is not needed."""
    changed = Cause(kind=Kind.INSTRUCTION, name="RUN make all", detail="make → make all")
    moved = Cause(kind=Kind.BASE, name="localhost/course/busybox:1", detail="the name means another image")
    return finding(
        step(0, "FROM localhost/course/busybox:1 AS tools", Outcome.CACHED, stage="tools"),
        step(1, "RUN make all", Outcome.RAN, stage="tools", cause=changed, seconds=2.0),
        step(2, "FROM other AS docs", Outcome.NOT_NEEDED, stage="docs"),
        step(3, "RUN write", Outcome.NOT_NEEDED, stage="docs"),
        step(4, "FROM localhost/course/busybox:1", Outcome.RAN, stage="2", cause=moved),
        step(5, "COPY --from=tools /a /a", Outcome.FELL, stage="2", fell_with=1, seconds=0.2),
        step(6, "RUN ls /a", Outcome.FELL, stage="2", fell_with=1, seconds=0.3),
    )


def every_cause() -> list[Cause]:
    kinds = [Cause(kind=kind) for kind in Kind if kind not in (Kind.FILE, Kind.ARG, Kind.ENV, Kind.INSTRUCTION)]
    for kind in (Kind.FILE, Kind.ARG, Kind.ENV, Kind.INSTRUCTION):
        changes = ("content", "mode", "added", "removed") if kind is Kind.FILE else ("", "added", "removed")
        kinds += [Cause(kind=kind, name="RUN thing", change=change) for change in changes]
    return kinds
