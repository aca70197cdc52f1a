"""What a clean-up took away, and what it offers to take."""

from __future__ import annotations

from helpers.drawing.figure import Figure, How, Table
from helpers.engine.model.inventory import REMOVES, Claim, Removed


def removed(found: Removed) -> Figure:
    """What a clean-up took away, in words: a picture would say no more."""
    return Figure(sentence=found.as_text())


def offered(found: Removed, appeared: tuple[Claim, ...]) -> Figure:
    """The same, and what the learner made meanwhile, a line each."""
    yours = "; ".join(map(one, appeared))
    said = f"{found.as_text()} You made these yourself, and they stay until you remove them: {yours}."
    table = Table(
        caption="Made by you since this scene began",
        columns=("kind", "name", "state", "why it is listed"),
        rows=tuple((claim.kind, claim.name, claim.state, claim.whose) for claim in appeared),
    )
    orders = {**REMOVES, "container": "rm --force --volumes"}
    names = {kind: " ".join(claim.name.replace(",", "") for claim in appeared if claim.kind == kind) for kind in orders}
    docker = tuple(f"docker {order} {names[kind]}" for kind, order in orders.items() if names[kind])
    return Figure(sentence=said, tables=(table,), how=How(docker=docker))


def one(claim: Claim) -> str:
    """One of them in words."""
    state = f", {claim.state}" if claim.state else ""
    return f"{claim.kind} {claim.name}{state} ({claim.whose})"
