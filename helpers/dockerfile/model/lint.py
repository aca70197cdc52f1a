"""What hadolint, or BuildKit itself, finds in a Dockerfile, and where the course shows the damage."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from helpers.dockerfile.model.recipe import Recipe

HADOLINT, CHECK = "hadolint", "docker build --check"
LEFT_OUT = ("DL3009", "DL3042")  # half wrong with a cache mount: chapter 05
LEVELS = ("error", "warning", "info", "style")
# rule -> the section of chapter 04 in which its damage is seen
SHOWN_BY: Mapping[str, str] = {
    **dict.fromkeys(("DL3001", "DL3003", "DL3059", "DL3064", "DL4005", "DL4006"), "Each RUN is a new shell"),
    **dict.fromkeys(("DL4003", "DL4004", "MultipleInstructionsDisallowed"), "What starts?"),
    "SecretsUsedInArgOrEnv": "ARG: known while building",
    **dict.fromkeys(("DL3025", "JSONArgsRecommended"), "Who gets the signal?"),
    **dict.fromkeys(("DL3002", "DL3004", "DL3066"), "Who is it?"),
    **dict.fromkeys(
        (
            "DL1000", "DL3000", "DL3006", "DL3007", "DL3010", "DL3011", "DL3012", "DL3020", "DL3021", "DL3022",
            "DL3043", "DL3044", "DL3045", "DL3057", "DL3061", "DL4000",
        ),
        "The words of the recipe",
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that the program says.

    line: from 1. code: the rule, such as "DL3025" or "JSONArgsRecommended"; those of the shell's lines begin with SC;
    "" if it says none. level: "error", "warning", "info" or "style". message: the program's words. shown_by: the
    section of chapter 04 that shows the damage; "" if none does.
    """

    line: int
    code: str
    level: str
    message: str
    shown_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Linted:
    """A Dockerfile with what a program finds in it.

    by: "hadolint" or "docker build --check". findings: by line. program: the version of hadolint, such as "2.12.0";
    "" if it is not known. missing: why nothing was looked at; "" if it was. next_step: what to do about that.
    """

    recipe: Recipe
    by: str = HADOLINT
    findings: tuple[Finding, ...] = ()
    program: str = field(default="", compare=False)
    missing: str = ""
    next_step: str = ""

    def at(self, line: int) -> tuple[Finding, ...]:
        """Those of one line."""
        return tuple(found for found in self.findings if found.line == line)

    @property
    def codes(self) -> tuple[str, ...]:
        """The rules, each once, in the order of the lines."""
        return tuple(dict.fromkeys(found.code for found in self.findings))


def read(text: str) -> tuple[Finding, ...]:
    """The findings in hadolint's JSON, by line, without those that are left out.

    Raises: ValueError if it is no such JSON.
    """
    rows = json.loads(text)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("not a list of findings")
    return tuple(sorted(_findings(rows), key=lambda found: (found.line, found.code)))


def _findings(rows: Iterable[Mapping[str, object]]) -> Iterable[Finding]:
    for row in rows:
        code = str(row.get("code") or "")
        if code not in LEFT_OUT:
            yield _finding(row.get("line"), code, str(row.get("level") or ""), str(row.get("message") or ""))


def _finding(line: object, code: str, level: str, message: str) -> Finding:
    return Finding(
        line=line if isinstance(line, int) else 1,
        code=code,
        level=level,
        message=" ".join(message.split()),
        shown_by=SHOWN_BY.get(code, ""),
    )


def read_check(text: str) -> tuple[Finding, ...]:
    """The findings in the JSON of `docker buildx build --call=check,format=json`, by line.

    Raises: ValueError if it is no such JSON.
    """
    found = json.loads(text)
    if not isinstance(found, dict) or "warnings" not in found:
        raise ValueError("no list of warnings")
    rows = [row for row in found["warnings"] or () if isinstance(row, dict)]
    told = [_warned(row, "warning", str(row.get("ruleName") or "")) for row in rows]
    if isinstance(error := found.get("buildError"), dict):
        told.append(_warned(error, "error", ""))
    return tuple(sorted(told, key=lambda one: (one.line, one.code)))


def _warned(row: Mapping[str, Any], level: str, code: str) -> Finding:
    ranges = (row.get("location") or {}).get("ranges") or [{}]
    line = (ranges[0].get("start") or {}).get("line")
    said = str(row.get("detail") or row.get("message") or row.get("description") or "")
    return _finding(line, code, level, said)
