"""The HTTP calls made to the engine, as the trace keeps them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Call:
    """One HTTP request to the engine and its answer.

    path: with the query, without the version prefix. status: the HTTP status; 0 if no answer came.
    seconds: from sending the request to the answer's headers.
    """

    method: str
    path: str
    status: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Trace:
    """The calls behind one helper call, in the order they were made."""

    verb: str
    calls: tuple[Call, ...]

    @property
    def seconds(self) -> float:
        """The sum of the calls' times, in seconds; what is missing to the whole is Python and waiting."""
        return sum(call.seconds for call in self.calls)
