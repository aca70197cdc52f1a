"""The book: every chapter run on the engine, and written down as pages for reading.

Whole or nothing: the pages are made beside the folder, checked, and only then put in its place.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from helpers.book import checks, pages, run_notebook
from helpers.book.pages import Chapter
from helpers.engine import scene
from helpers.engine.client import Client
from helpers.errors import BookFailed, CourseError

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
MARKER = ".containers-unpacked-book"
FOLDER = "book"
_HOME = "/course"  # what the pages say in place of the folder that the run had for itself


class Run(Protocol):
    """What gives a chapter with its outputs."""

    def __call__(self, path: Path, *, home: Path) -> Any:
        """The notebook at `path`, run."""


def make(
    client: Client,
    folder: Path,
    *,
    say: Callable[[str], None],
    notebooks: Path = NOTEBOOKS,
    run: Run = run_notebook.run,
) -> tuple[str, ...]:
    """Runs the chapters and writes the book to `folder`. A book that is there is replaced; anything else is left alone.

    run: gives a chapter with its outputs; `home` is the state folder that is meant to be the run's own.

    Returns: the names of the pages.
    Raises: BookFailed if a cell fails or a page has a fault, and the folder stays as it was; CourseError if the folder
        holds something else or can't be written.
    """
    refuse_unless_ours(folder)
    folder = folder.resolve()  # of a link, the folder it leads to is replaced, not the link
    version = str(client.version().get("Version"))
    made = f"on {date.today():%d %B %Y}, with Docker Engine {version}"
    names = sorted(notebooks.glob("[0-9][0-9]-*.ipynb"))
    if not names:
        raise BookFailed("There are no chapters.", f"no notebooks in {notebooks}", "Run this in a copy of the course.")
    with _beside(folder) as fresh:  # first, since it tells before minutes of work whether there may be a folder
        with running_home() as home:
            found = []
            for path in names:
                started = time.monotonic()
                found.append(Chapter(name=path.stem, notebook=pages.still(run(path, home=home))))
                say(f"{path.stem}: ran ({time.monotonic() - started:.0f} s)")
        private = _private(home, notebooks.parent)
        write(fresh, found, root=notebooks, made=made, private=private)
        faults = checks.check(fresh, private=private)
        if faults:
            raise BookFailed(
                f"The book has {len(faults)} faults, so it was not put in place.",
                "; ".join(faults[:5]),
                "Look at the chapter that is named.",
            )
        _swap(fresh, folder)
    return tuple(sorted(path.name for path in folder.glob("*.html")))


def write(folder: Path, chapters: Sequence[Chapter], *, root: Path, made: str, private: dict[str, str]) -> None:
    """All pages, the style sheet, and the files that chapters link to.

    root: the folder of the notebooks, with the pages that stand beside them.
    private: words that no page may hold, by what stands in their place.
    """
    root = root.resolve()
    beside = [one for one in pages.BESIDE if (root / one.source).is_file()]
    own = {*(one.page for one in beside), *(chapter.page for chapter in chapters)}

    def place(target: str) -> str:
        if target.endswith(_OURS):  # only what chapters say is rewritten: the page's own links are right
            return target
        file = root / target
        page = pages.page_of(target)
        if page in own:
            return page
        if file.exists() and root not in file.resolve().parents:  # such as a lab, which is nothing to read
            return ""
        if file.is_file() and root in file.resolve().parents:  # such as a file of the running example
            linked[f"files/{target}"] = file
            return f"files/{target}"
        return target

    linked: dict[str, Path] = {}
    found = {}
    for at, chapter in enumerate(chapters):
        before = chapters[at - 1] if at else None
        after = chapters[at + 1] if at + 1 < len(chapters) else None
        page = pages.chapter_page(chapter, before=before, after=after, made=made)
        found[chapter.page] = pages.neutral(pages.rewritten(page, place), private)
    found[pages.INDEX] = pages.index_page(chapters, made=made)
    for one in beside:
        text = (root / one.source).read_text(encoding="utf-8")
        found[one.page] = pages.rewritten(pages.beside_page(one, text), place)
    try:
        for name, file in linked.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, folder / name)
        for name, text in found.items():
            (folder / name).write_text(text, encoding="utf-8")
        shutil.copyfile(pages.TEMPLATE / pages.CSS, folder / pages.CSS)
        (folder / MARKER).write_text("This folder is made by: python3 start.py book\n", encoding="utf-8")
    except OSError as error:
        raise _cant_write(folder, error) from error


_OURS = (".html", ".css")


def refuse_unless_ours(folder: Path) -> None:
    """Raises CourseError if `folder` holds something that is not a book of ours."""
    try:
        if folder.is_dir() and (not any(folder.iterdir()) or (folder / MARKER).is_file()):
            return
        if not folder.exists() and not folder.is_symlink():
            return
    except OSError as error:
        raise _cant_write(folder, error) from error
    raise CourseError(
        f"{folder} is already there, and is not a book of the course.",
        "it would be replaced as a whole",
        "Name a new folder: python3 start.py book FOLDER",
    )


def _private(home: Path, course: Path) -> dict[str, str]:
    """The folders of this computer that no page should name, by what stands in their place; the longest first.

    The reader's home is among them if it names somebody: / and /root are in every container, and are no secret.
    """
    found = {str(home): _HOME, str(home.resolve()): _HOME, str(course): "", str(course.resolve()): ""}
    persons = set[Path]()
    with contextlib.suppress(RuntimeError):  # an account without a home folder
        persons = {Path.home(), Path.home().resolve()}
    for person in persons:
        if len(person.parts) > 2:
            found[str(person)] = "~"
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


@contextlib.contextmanager
def running_home() -> Iterator[Path]:
    """A state folder of the run's own, so that the learner's progress and scenes are not touched.

    What is left on the engine under it, after an error or an interrupt, is removed.
    """
    before = os.environ.get("COURSE_HOME")
    with tempfile.TemporaryDirectory(prefix="course-book-") as name:
        home = Path(name)
        try:
            yield home
        finally:
            os.environ["COURSE_HOME"] = name
            try:
                scene.cleanup()
            finally:
                if before is None:
                    del os.environ["COURSE_HOME"]
                else:
                    os.environ["COURSE_HOME"] = before


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A new folder on the same disk; gone at the end, whatever happens."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        fresh.chmod(0o755)
    except OSError as error:
        raise _cant_write(folder, error) from error
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, folder: Path) -> None:
    old = fresh.with_name(f"{fresh.name}.old")
    try:
        if folder.exists():
            folder.rename(old)
        try:
            fresh.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    except OSError as error:
        raise _cant_write(folder, error) from error
    shutil.rmtree(old, ignore_errors=True)


def _cant_write(folder: Path, error: OSError) -> CourseError:
    return CourseError(
        f"The book can't be written to {folder}.",
        error.strerror or str(error),
        "Free some space, or name a folder that you may write: python3 start.py book FOLDER",
    )
