"""The doctor's findings as a picture: a line a check."""

from __future__ import annotations

from helpers.daemon.model.doctor import Report, Status
from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card

_STATE = {Status.OK: "good", Status.ATTENTION: "warn", Status.BROKEN: "bad"}


def doctor(report: Report) -> Figure:
    """A line a check: mark, word, name, finding; below it the next step where one is needed."""
    card = Card("Is my engine ready?", report.summary)
    y = float(TOP)
    for check in report.checks:
        card.mark(MARGIN, y + 12, _STATE[check.status])
        card.text(MARGIN + 20, y + 12, check.status.value, style="soft", room=70)
        card.text(MARGIN + 96, y + 12, check.name, style="b", room=140)
        card.text(MARGIN + 244, y + 12, check.what, room=WIDTH - 2 * MARGIN - 244)
        y += 26
        if check.status is not Status.OK and check.next:
            card.text(MARGIN + 244, y + 6, f"Next: {check.next}", style="n soft", room=WIDTH - 2 * MARGIN - 244)
            y += 20
    card.note(f"Tried just now on the engine, in {report.seconds:.1f} s. Nothing was left there.")
    facts = tuple((k, str(v)) for k, v in (*report.engine.items(), *report.features.items()))
    tables = [
        Table(
            caption="Checks",
            columns=("check", "status", "what", "why", "next step"),
            rows=tuple((c.name, c.status.value, c.what, c.why, c.next) for c in report.checks),
        )
    ]
    if facts:
        tables.append(Table(caption="What the engine says of itself", columns=("fact", "value"), rows=facts))
    if report.images:
        tables.append(
            Table(
                caption="Base images",
                columns=("reference", "there", "from"),
                rows=tuple(
                    (str(i["reference"]), "yes" if i["present"] else "no", str(i["source"] or "unknown"))
                    for i in report.images
                ),
            )
        )
    broken = "".join(f" {c.name}: {c.what}. Next: {c.next}" for c in report.with_status(Status.BROKEN))
    return Figure(
        sentence=report.summary + broken,
        svg=card.svg(),
        alt=report.summary + " " + "; ".join(f"{c.name}: {c.status.value}, {c.what}" for c in report.checks),
        tables=tuple(tables),
        how=How(docker=("docker version", "docker info"), python=("import docker", "docker.from_env().version()")),
    )
