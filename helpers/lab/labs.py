"""Labs: an app in a folder of yours, tasks, and checks that look at what the engine holds and does.

A lab's folder holds its tasks (NAME_checks.py), starter/, solution/ and wrong/. The learner works in a folder of
the lab's name in `work/`, which git does not see; COURSE_LABS names another place for it.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from helpers import store
from helpers.drawing.figure import Figure, Shows
from helpers.drawing.in_place import Live
from helpers.engine import scene
from helpers.engine.client import Client, connect
from helpers.engine.ownership import labels as ownership
from helpers.engine.scene import taken
from helpers.engine.session import session
from helpers.errors import CourseError, EngineRefused, NotFound, WrongUse
from helpers.lab import attempts, catalogue
from helpers.lab.exercises import Exercise, Hint, Verdict, filled
from helpers.lab.look import Look
from helpers.lab.model import verdict as model
from helpers.lab.task import Lab
from helpers.lab.views import verdict as views

FOLDER = Path(__file__).resolve().parents[2] / "labs"
PREPARING = 90.0  # seconds for what a lab sets up


@dataclass(frozen=True, kw_only=True, repr=False)
class Opened(Shows):
    """A lab: what it is about, and its tasks: title, what to do, and how the last check ended; None if there was none.

    given: the values drawn for you, by name.
    """

    title: str
    brief: str
    tasks: tuple[tuple[str, str, model.State | None], ...]
    given: Mapping[str, str]

    def figure(self) -> Figure:
        """The picture of this object."""
        return views.lab(self.title, self.brief, self.tasks)


class Verdicts(Shows, model.Verdicts):
    """All tasks of a lab, checked."""

    figure = views.verdicts


@dataclass(frozen=True, kw_only=True, repr=False)
class Brief(Shows):
    """What one task asks for."""

    number: int
    title: str
    text: str
    answered: bool

    def figure(self) -> Figure:
        """The picture of this object."""
        return views.brief(f"Task {self.number}: {self.title}", self.text, answered=self.answered, task=self.number)


@dataclass(frozen=True, kw_only=True, repr=False)
class FileSolution(Shows):
    """A solution made of files, as a diff against yours, and what to type then."""

    title: str
    changes: tuple[tuple[str, str, str], ...]
    source: str
    commands: tuple[str, ...]
    reason: str

    def figure(self) -> Figure:
        """The picture of this object."""
        return views.files(self.title, self.changes, self.source, self.commands, self.reason)


@dataclass(frozen=True, kw_only=True, repr=False)
class Said(Shows):
    """What was done, or would be."""

    text: str

    def figure(self) -> Figure:
        """The picture of this object."""
        return Figure(sentence=self.text)


def open(name: str) -> Opened:
    """Opens a lab: puts its files into your folder, where none of yours is replaced, and shows the tasks.

    Beside each stands how its last check ended; nothing is checked now. A lab that sets something up on the engine does
    so now; what of it stands already stays as it is.

    Raises: WrongUse if there is no such lab; CourseError if the folder can't be written; what the engine raises.
    Equivalent: no docker command; `python3 start.py check LAB` opens it, too, and checks.
    """
    lab = catalogue.lab(name)
    _copy_starter(lab)
    taken.look_for_others(connect())
    session.enter(scene_of(lab))
    session.lab = lab.name
    _set_up(lab)
    given = _given(lab)
    tasks = tuple((task.title, filled(task.brief, given), _last(lab, task.id)) for task in lab.tasks)
    shown = {name: value for name, value in given.items() if not name.startswith("_")}
    return Opened(title=lab.title, brief=filled(lab.brief, given), tasks=tasks, given=shown)


def brief(number: int) -> Brief:
    """What one task of the open lab asks for, with the values drawn for you.

    Raises: WrongUse if no lab is open or it has no such task.
    Equivalent: no docker command.
    """
    lab = _current()
    task(lab, number)
    asked = lab.tasks[number - 1]
    return Brief(number=number, title=asked.title, text=filled(asked.brief, _given(lab)), answered=asked.answered)


def check(number: int | None = None, answer: object = ...) -> Verdict | Verdicts:
    """Looks at one task, or at all of them, on the engine and in your folder, now.

    Raises: WrongUse if no lab is open or it has no such task.
    Equivalent: python3 start.py check LAB TASK
    """
    lab = _current()
    if number is None:
        return Verdicts(lab=lab.name, verdicts=tuple(_verdicts(lab)))
    return _noted(lab, task(lab, number).check(answer))


def hint(number: int) -> Hint:
    """One hint for a task; each further one says more.

    Raises: WrongUse.
    Equivalent: no docker command.
    """
    return task(_current(), number).hint()


def solution(number: int) -> Shows:
    """What solves a task, and why; files are shown as a diff against yours.

    Raises: WrongUse.
    Equivalent: no docker command.
    """
    lab = _current()
    exercise = task(lab, number)
    found = lab.tasks[number - 1]
    told = exercise.solution()
    if not found.files:
        return replace(told, source=_with_values(lab, told.source))
    changes = tuple(
        (name, _text(folder(lab) / name), _text(FOLDER / lab.name / "solution" / name)) for name in found.files
    )
    lines = [line for line in found.solution.splitlines() if not line.startswith("use(")]
    source = _with_values(lab, "\n".join(lines))
    return FileSolution(title=found.title, changes=changes, source=source, commands=told.commands, reason=found.reason)


def reset(*, yes: bool = False) -> Said:
    """Begins the lab anew, with other values. Your files are kept beside the new ones. Without `yes` it only says so.

    What you made on the engine in this lab, and what the lab set up there, is removed first.

    Raises: WrongUse, CourseError.
    Equivalent: no docker command.
    """
    lab = _current()
    client = connect()
    mine = folder(lab)
    files = mine.exists() and any(mine.iterdir())
    kept = mine.with_name(f"{mine.name}.kept-{time.strftime('%Y%m%dT%H%M%S')}")
    names = ", ".join(name for name, _, _ in _made(client, lab))
    if not yes:
        would = [f"move your files to {kept.name}"] if files else []
        would += [f"remove {names} from the engine"] if names else []
        return Said(text=f"This would {' and '.join([*would, 'start again'])}. To do it: lab.reset(yes=True)")
    said = []
    if files:
        try:
            mine.rename(kept)
        except OSError as error:
            raise _no_folder(mine, error) from error
        said.append(f"Your files are kept in {kept.name}, beside the lab's own.")
    said += _removed(client, lab)
    scene.clear(client, scene=scene_of(lab))
    attempts.begin(lab.name, lab.draw)
    _copy_starter(lab)
    _set_up(lab)
    return Said(text=" ".join(["The lab starts again, with other values: run the cell with lab.open again.", *said]))


def close(*, yes: bool = False) -> Said:
    """Lists what you made on the engine in this lab, known by the name that was drawn for it; `yes` removes it.

    What the lab itself set up goes with it. Your files stay. With no lab open it does nothing, and says so.
    Equivalent: docker rm CONTAINER; docker network rm NETWORK; docker rmi IMAGE
    """
    if not session.lab:  # the cell was run once more
        return Said(text="No lab is open here. To list and remove what you made in one, open it again: lab.open(NAME)")
    lab = _current()
    client = connect()
    names = ", ".join(name for name, _, _ in _made(client, lab))
    if names and not yes:
        return Said(text=f"You have made: {names}. To remove it: lab.close(yes=True)")
    said = _removed(client, lab)
    removed = scene.clear(client, scene=scene_of(lab))
    session.leave(scene_of(lab))
    session.lab = ""
    if removed.gone and lab.prepare is not None:
        said.append("What the lab had set up is gone.")
    if not said and not removed.gone:
        said = ["There was nothing of this lab on the engine."]
    if folder(lab).exists():
        said.append("Your files stay.")
    return Said(text=" ".join(said or ["Closed."]))


def folder(lab: Lab | None = None) -> Path:
    """Where your files of the open lab are.

    Raises: WrongUse if no lab is open.
    Equivalent: no docker command.
    """
    found = lab or _current()
    elsewhere = os.environ.get("COURSE_LABS")
    if elsewhere:
        return Path(elsewhere) / found.name
    before = FOLDER / found.name / "my-files"  # where it was until December 2026: who has begun there goes on there
    return before if before.exists() else store.work() / found.name


def task(lab: Lab, number: object) -> Exercise:
    """One task of a lab. Raises: WrongUse if it has no such task."""
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= len(lab.tasks):
        raise WrongUse(
            f"There is no task {number!r}.",
            f"this lab has the tasks 1 to {len(lab.tasks)}",
            "For example: lab.check(1)",
        )
    return Exercise(lab.tasks[number - 1], lab=lab, folder=folder(lab))


def scene_of(lab: Lab) -> str:
    """The scene that the lab's objects belong to."""
    return f"lab-{lab.name[:2]}"


def _set_up(lab: Lab) -> None:
    """What the lab is about, on the engine; what stands stays."""
    if lab.prepare is None:
        return
    with Live() as live:
        live.step("setting the lab up", 0, None)
        attempt = attempts.current(lab.name, lab.draw)
        mine = folder(lab)
        lab.prepare(Look(connect(), lab.name, attempt, scene=scene_of(lab), folder=mine, seconds=PREPARING))


def _with_values(lab: Lab, source: str) -> str:
    """A solution with the drawn values in the place of x.given["name"]: in a notebook there is no x."""
    for name, value in _given(lab).items():
        source = source.replace(f'x.given["{name}"]', repr(value))
    return source


def _removed(client: Client, lab: Lab) -> list[str]:
    """Removes what the learner made, after the yes, and says so."""
    gone, kept = [], []
    for name, kind, id in list(_made(client, lab)):
        try:
            with client.allowing([id]):  # the learner has said yes to this one, by name
                if kind == "image":
                    client.remove_image(id, noprune=True)
                else:
                    scene.remove(client, kind, id)
        except NotFound:
            continue
        except EngineRefused as error:
            kept.append(f"{name} stays: {error.message}")
            continue
        gone.append(name)
    return [*([f"Removed: {', '.join(gone)}."] if gone else []), *kept]


def _current() -> Lab:
    if not session.lab:
        known = ", ".join(catalogue.lab_files()) or "none"
        raise WrongUse("No lab is open.", "its tasks are known once it is", f"lab.open(NAME). There are: {known}.")
    return catalogue.lab(session.lab)


def _given(lab: Lab) -> dict[str, str]:
    return {**attempts.current(lab.name, lab.draw).given, "folder": _shown(folder(lab))}


def _shown(place: Path) -> str:
    """The folder as the file browser names it."""
    try:
        return place.relative_to(FOLDER.parent).as_posix()
    except ValueError:
        return str(place)


def _verdicts(lab: Lab) -> Iterator[model.Verdict]:
    with Live() as live:
        for number in range(1, len(lab.tasks) + 1):
            live.step(f"task {number} of {len(lab.tasks)}", number - 1, len(lab.tasks))
            found = _noted(lab, task(lab, number).verdict())
            before = _last(lab, found.task) if lab.tasks[number - 1].answered else None
            if found.state is model.State.NOT_ATTEMPTED and before is model.State.PASSED:
                found = replace(found, state=before, found=("passed before; the answer itself is not kept",))
            yield found


def _noted(lab: Lab, found: Verdict) -> Verdict:
    """The same, kept with the attempt for the next opening.

    What found nothing to judge, such as a check without the answer, takes the place of no earlier verdict.
    """
    with contextlib.suppress(CourseError):  # a full disk is no reason to withhold the verdict
        if found.state in (model.State.PASSED, model.State.NOT_YET) or _last(lab, found.task) is None:
            attempts.remember(lab.name, f"verdict {found.task}", found.state.value)
    return found


def _last(lab: Lab, task_id: str) -> model.State | None:
    """How the last check of a task ended in this attempt; None if there was none."""
    word = attempts.current(lab.name, lab.draw).memory.get(f"verdict {task_id}")
    return next((state for state in model.State if state.value == word), None)


def _copy_starter(lab: Lab) -> None:
    source, mine = FOLDER / lab.name / "starter", folder(lab)
    given = attempts.current(lab.name, lab.draw).given
    try:
        for path in sorted(source.rglob("*")):
            target = mine / path.relative_to(source)
            if path.is_dir():
                target.mkdir(parents=True, exist_ok=True)
            elif not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                text = path.read_text(encoding="utf-8")
                for name, value in given.items():
                    text = text.replace(f"@{name}@", value)
                target.write_text(text, encoding="utf-8", newline="\n")  # a script with \r\n runs in no container
    except OSError as error:
        raise _no_folder(mine, error) from error


def _made(client: Client, lab: Lab) -> Iterator[tuple[str, str, str]]:
    """What bears the drawn name, or is made of such an image: containers, networks, images; name, kind, id or name."""
    name = attempts.current(lab.name, lab.draw).given["name"]
    ours = {name, ownership.object_name(name)}
    tags: list[str] = []
    own: set[str] = set()  # images without any other name: one that was only re-tagged may be anybody's
    for row in client.images():
        mine = [tag for tag in row.get("RepoTags") or () if _repository(tag) in ours]
        tags += mine
        if mine and len(mine) == len(row["RepoTags"]):
            own.add(str(row["Id"]))
    for row in client.containers(all=True):
        full = str((row.get("Names") or [row["Id"][:12]])[0]).lstrip("/")
        known = ownership.short_name(full)
        if row.get("ImageID") in own or _repository(str(row.get("Image"))) in ours or _bears(known, name):
            yield known, "container", str(row["Id"])
    for row in client.networks():
        known = ownership.short_name(str(row["Name"]))
        if _bears(known, name):
            yield known, "network", str(row["Id"])
    for tag in tags:
        yield tag, "image", tag


def _bears(known: str, name: str) -> bool:
    """Whether it is called by the drawn name, or by that name, a dash and a word, as some labs ask for."""
    return known == name or known.startswith(f"{name}-")


def _repository(reference: str) -> str:
    """A reference without its tag; Podman says localhost/ before what has no registry."""
    return reference.partition(":")[0].removeprefix("localhost/")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _no_folder(place: Path, error: OSError) -> CourseError:
    return CourseError(
        f"The lab can't write its folder {place}.",
        error.strerror or str(error),
        "Free some space, or set COURSE_LABS to a folder that you may write.",
    )
