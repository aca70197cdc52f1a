"""Changes every solution in every small way, and counts which of the changed ones still pass.

    python tests/mutations/run.py [--only 01.2]

On an engine of its own, where nobody else works: it rids it of what a mutant left without a name.

    python tests/harness/engines/engines.py run 28 -- python tests/mutations/run.py

A mutant that takes longer than a minute is ended, and counts as noticed. One that passes is a survivor. harmless.json
says which are as good as the solution, and why; the others are holes in a check. The result goes into
results/YYYY-MM-DD.md. Exit status 1 if less than nine in ten of the harmful mutants are noticed, or a survivor has no
reason.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import io
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from helpers import lab  # noqa: E402
from helpers.engine.client import connect  # noqa: E402
from helpers.engine.session import session  # noqa: E402
from helpers.lab import attempts, catalogue, labs  # noqa: E402
from helpers.lab.task import Lab, Task  # noqa: E402
from tests.harness import lab_trials, trials  # noqa: E402
from tests.harness.by_hand import by_hand  # noqa: E402
from tests.harness.engines import engines  # noqa: E402
from tests.mutations.mutants import Mutant, of_code, of_recipe  # noqa: E402

HERE = Path(__file__).parent
TARGET = 0.9  # of the harmful ones
SECONDS = 60  # for what a mutant does: without detach=, it would wait for the end of a server


@dataclass
class Tally:
    """One task. survivors: those that passed, with the reason why that is right, or "" if none is known."""

    task: str
    mutants: int = 0
    noticed: int = 0
    survivors: list[tuple[str, str]] = field(default_factory=list)

    @property
    def harmful(self) -> int:
        """All but those that are as good as the solution."""
        return self.mutants - sum(bool(reason) for _, reason in self.survivors)


def passes(do: Callable[[], Any], check: Callable[[Any], bool]) -> bool:
    """Whether the check passes after `do`, which may well fail: a learner would see that, and check all the same."""
    answer: Any = ...
    before = there()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception), ended_after(SECONDS):
        answer = do()
    try:
        return check(answer)
    finally:
        rid_of(there() - before)


@contextlib.contextmanager
def ended_after(seconds: int) -> Iterator[None]:
    """Raises TimeoutError in what takes longer."""

    def over(*_: object) -> None:
        raise TimeoutError

    usual = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, usual)


def there() -> set[str]:
    """The containers on the engine, by id."""
    return {str(row["Id"]) for row in connect().containers(all=True)}


def rid_of(new: set[str]) -> None:
    """Removes what no journal knows, on an engine that the tests have started; nobody else works there."""
    client = connect()
    if str(engines.home()) not in client.address.url:
        return
    for row in client.containers(all=True):
        known = client.ledger().entry("container", row["Id"], row.get("Labels"))
        if row["Id"] in new and known is None:
            by_hand(client).remove_container(row["Id"], force=True)


def of_exercise(task: Task, mutant: Mutant, folder: Path) -> bool:
    """Whether the mutant of a chapter's exercise passes."""
    os.environ["COURSE_WORK"] = str(folder / "work")
    with trials.begun(task) as exercise:
        return passes(
            lambda: trials.typed(exercise, mutant.code, folder, recipe=mutant.recipe),
            lambda answer: exercise.check(answer).passed,
        )


def of_lab(one: Lab, number: int, mutant: Mutant, folder: Path) -> bool:
    """Whether the mutant of a lab's task passes. What a lab has set up stands until another lab is tried."""
    os.environ["COURSE_LABS"] = str(folder)
    close_unless(one)
    if one.prepare is None:
        attempts.begin(one.name, one.draw)
    lab.open(one.name)
    try:
        return passes(
            lambda: lab_trials.typed(one, number, mutant.code, recipe=mutant.recipe),
            lambda answer: bool(getattr(lab.check(number, answer), "passed", False)),
        )
    finally:
        if one.prepare is None:
            lab.close(yes=True)
        else:
            lab_trials.tidy(connect(), one)


def close_unless(one: Lab | None) -> None:
    """Closes the lab that is open, unless it is that one."""
    if session.lab and (one is None or session.lab != one.name):
        lab.close(yes=True)


def cases(only: str) -> Iterator[tuple[str, list[Mutant], Callable[[Mutant, Path], bool]]]:
    """Every task with its mutants, and how one is tried."""
    for task in catalogue.tasks().values():
        if task.id.startswith(only):
            found = list(of_code(task.solution))
            if task.files:
                recipe = catalogue.FOLDER / task.folder / "solution" / "Dockerfile"
                found += of_recipe(task.solution, recipe.read_text(encoding="utf-8"))
            yield task.id, found, lambda m, f, task=task: of_exercise(task, m, f)  # type: ignore[misc]
    for one in catalogue.labs().values():
        for number, task in enumerate(one.tasks, start=1):
            if not f"lab {task.id}".startswith(only):
                continue
            found = list(of_code(task.solution))
            recipe = labs.FOLDER / one.name / "solution" / "Dockerfile"
            if task.files:
                found += of_recipe(task.solution, recipe.read_text(encoding="utf-8"))
            name = f"lab {task.id}"
            yield name, found, lambda m, f, one=one, number=number: of_lab(one, number, m, f)  # type: ignore[misc]


def write(tallies: list[Tally], seconds: float) -> Path:
    """The dated result file."""
    mutants, noticed = sum(t.mutants for t in tallies), sum(t.noticed for t in tallies)
    harmful = sum(t.harmful for t in tallies)
    today = datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat()
    lines = [
        f"# Mutations, {today}",
        "",
        f"{mutants} mutants of {len(tallies)} solutions in {seconds:.0f} s; {noticed} noticed of {harmful} harmful "
        f"ones ({100 * noticed / max(harmful, 1):.0f} %).",
        "",
        "| task | mutants | noticed | survivors |",
        "|---|---|---|---|",
        *(f"| {t.task} | {t.mutants} | {t.noticed} | {len(t.survivors)} |" for t in tallies),
        "",
        "## Survivors",
        "",
        *(f"- {t.task}, {what}: {reason or 'NO REASON KNOWN'}" for t in tallies for what, reason in t.survivors),
        "",
    ]
    path = HERE / "results" / f"{today}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="ID", help="only tasks whose id begins so")
    only = parser.parse_args().only
    harmless: dict[str, dict[str, str]] = json.loads((HERE / "harmless.json").read_text(encoding="utf-8"))
    tallies: list[Tally] = []
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="course-mutations-") as temporary:
        os.environ["COURSE_HOME"] = str(Path(temporary) / "home")
        os.environ["COURSE_STRICT"] = "0"  # a mutant may confuse a check; a learner would see "can't tell"
        for name, mutants, passed in cases(only):
            tally = Tally(task=name)
            for number, mutant in enumerate(mutants):
                folder = Path(temporary) / f"{len(tallies)}-{number}"
                folder.mkdir()
                tally.mutants += 1
                if passed(mutant, folder):
                    tally.survivors.append((mutant.what, harmless.get(name, {}).get(mutant.what, "")))
                else:
                    tally.noticed += 1
            tallies.append(tally)
            print(
                f"mutations: {name}: {tally.noticed} of {tally.mutants} noticed; survivors: {tally.survivors}",
                flush=True,
            )
        close_unless(None)
    if not only:
        print(f"mutations: written: {write(tallies, time.monotonic() - started)}")
    enough = sum(t.noticed for t in tallies) >= TARGET * sum(t.harmful for t in tallies)
    return 0 if enough and all(reason for t in tallies for _, reason in t.survivors) else 1


if __name__ == "__main__":
    sys.exit(main())
