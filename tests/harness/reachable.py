"""Which tests a change can reach: by what each test file imports, directly or through others.

A notebook, a lab or one of their check files reaches the tests of its chapter. What no rule covers (start.py, the
pinned versions, the harness itself) reaches every test.
"""

from __future__ import annotations

import ast
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import grimp  # comes with import-linter, which draws its graph with it

from tests.harness.durations import chapter_of

ROOT = Path(__file__).resolve().parents[2]
NOTHING = (r"docs/", r"[^/]+\.md$", r"tests/.*\.md$", r"tests/(bench|mutations)/", r"LICENSE", r"NOTICE", r"\.git")
CHAPTER = re.compile(r"(?:notebooks|labs)/(\d\d)-")


@dataclass(frozen=True, kw_only=True)
class Reached:
    """What a change can reach. files: test files, from the root. chapters: numbers. everything: all of it."""

    said: str
    everything: bool = False
    files: frozenset[str] = frozenset()
    chapters: frozenset[str] = frozenset()

    def holds(self, nodeid: str) -> bool:
        """True for a test that the change can reach."""
        if self.everything or nodeid.partition("::")[0] in self.files:
            return True
        return chapter_of(nodeid) in self.chapters


def tests(revision: str) -> Reached:
    """The tests that a change since `revision` can reach, what is not committed included.

    Raises: RuntimeError with git's words if it does not know the revision.
    """
    changed = [*_git("diff", "--name-only", revision), *_git("ls-files", "--others", "--exclude-standard")]
    return reached(changed, since=revision)


def reached(changed: list[str], *, since: str) -> Reached:
    """The tests that these files can reach, given from the root."""
    modules: set[str] = set()
    files: set[str] = set()
    chapters: set[str] = set()
    for name in changed:
        if any(re.match(rule, name) for rule in NOTHING):
            continue
        chapter = _chapter(name)
        if chapter:
            chapters.add(chapter)
        elif name.startswith("helpers/"):
            modules |= _modules(name)
        elif name.startswith("tests/") and not name.startswith("tests/harness/"):
            files |= _tests_with(Path(name))
        else:
            return Reached(said=f"changed since {since}: {name}, so everything is run", everything=True)
    if modules:
        files |= {str(path) for path in _test_files() if _imports(path) & modules}
        chapters |= _chapters_with(modules)
    said = f"changed since {since}: {len(changed)} files, which {len(files)} test files import or are"
    if chapters:
        said += f"; chapters {', '.join(sorted(chapters))}"
    return Reached(said=said, files=frozenset(files), chapters=frozenset(chapters))


def _chapter(name: str) -> str:
    """The number of the chapter whose notebook, lab, questions or checks this file is; "" of another file."""
    found = CHAPTER.match(name)
    if found:
        return found[1]
    written = re.match(r"notebooks/exercises/(\w+)_(?:checks|quizzes)\.py$", name)
    if not written:
        return ""
    word = written[1].replace("_", "-")
    return next((path.name[:2] for path in (ROOT / "notebooks").glob(f"[0-9][0-9]-{word}.ipynb")), "")


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph("helpers")


def _modules(name: str) -> set[str]:
    """The module of this file, and all that import it; of a style sheet or a script, those of its folder."""
    path = Path(name)
    module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    known = _graph().modules
    own = {module} & known if path.suffix == ".py" else {one for one in known if one.startswith(_dotted(path.parent))}
    # a file that is gone is known to nobody: whoever imported it was changed as well
    return own.union(*(_graph().find_downstream_modules(one) for one in own))


def _dotted(folder: Path) -> str:
    return ".".join(folder.parts)


@cache
def _test_files() -> tuple[Path, ...]:
    return tuple(sorted(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py")))


def _imports(path: Path) -> set[str]:
    """The modules of helpers that a file of the tests imports, itself or through other files of the tests."""
    found: set[str] = set()
    seen, ahead = {path}, [path]
    while ahead:
        for name in _named(ahead.pop()):
            other = Path(*name.split(".")).with_suffix(".py")
            if name.startswith("helpers"):
                found |= {name, *_public(name)}
            elif name.startswith("tests.") and other not in seen and (ROOT / other).is_file():
                seen.add(other)
                ahead.append(other)
    return found


@cache
def _named(path: Path) -> frozenset[str]:
    """What a file imports, by its full name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(names)


def _public(name: str) -> set[str]:
    """The module behind a name that `helpers` loads when it is asked for."""
    import helpers

    word = name.removeprefix("helpers.")
    return {getattr(getattr(helpers, word), "__module__", name)} if word in helpers.__all__ else set()


def _tests_with(path: Path) -> set[str]:
    """The test files that are this file or import it."""
    name = ".".join(path.with_suffix("").parts)
    users = {str(one) for one in _test_files() if name in (ROOT / one).read_text(encoding="utf-8")}
    return {str(path), *users}


def _chapters_with(modules: set[str]) -> set[str]:
    """The numbers of the chapters whose notebook or lab uses one of these modules."""
    found = set()
    for path in (*(ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"), *(ROOT / "labs").glob("[0-9][0-9]-*/lab.ipynb")):
        text = path.read_text(encoding="utf-8")
        words = {word for line in re.findall(r"from helpers import ([\w, ]+)", text) for word in line.split(", ")}
        if any(f"helpers.{word}" in modules for word in words):
            found.add(CHAPTER.search(path.relative_to(ROOT).as_posix())[1])  # type: ignore[index]  # it was looked for so
    return found


def _git(*words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"git {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.split("\n")[:-1]
