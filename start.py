"""From a fresh machine to the course: makes the environment in .venv, then hands over to `python -m helpers`.

    python3 start.py            the course in JupyterLab       (Windows: py start.py)
    python3 start.py test       everything under test
    python3 start.py --help     all commands

Standard library only. What `import helpers.cli` and `helpers.setup.engine.apt` bring is standard library, too.
"""

import sys

if sys.version_info < (3, 10):  # noqa: UP036 - whoever has an older one is who must be told
    sys.exit(
        "The course needs Python 3.10 or newer; this is {}.{}.\n"
        "Next: install a newer one (your distribution's package, or python.org) and run the same with it, "
        "for example: python3.12 start.py".format(*sys.version_info[:2])
    )

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from helpers import cli
from helpers.cli import say
from helpers.errors import CourseError
from helpers.setup.engine import apt

HERE = Path(__file__).resolve().parent
LOCKS = {name: HERE / "requirements" / f"{name}.txt" for name in ("course", "test")}
ONLINE = "Connect to the internet, or set HTTPS_PROXY, and run the same command again."
# what pip and uv print, and what it means to a person
REASONS = (
    ("no space left", "the disk is full", "Free about 600 MB and run the same command again."),
    ("do not match the hashes", "a file is not the one that the lock file names", "Try another network or mirror."),
    ("certificate", "the package index's certificate was not accepted", "Behind a company's proxy, set PIP_CERT."),
    ("from versions: none", "the package index can't be reached, or lacks the package", ONLINE),
    ("connection", "the package index can't be reached", ONLINE),
    ("resolution", "the package index can't be reached", ONLINE),
    ("no matching distribution", "the package index has no file for this Python", "Try another Python (3.10 to 3.13)."),
    ("permission denied", "a file or folder may not be written", "Look at whom .venv and this folder belong to."),
)


def main(arguments: list[str]) -> int:
    """Makes the environment if it has to, then runs the command in it; the exit status."""
    cli.take_any_letter()
    wanted = cli.parse(arguments)  # a mistyped command, or --help, ends here, before anything is made
    environment = Environment(HERE / ".venv")
    try:
        # what other commands than these need is there, or was named before it was installed
        environment.ensure(
            "test" if wanted.command == "test" else "course", install=not getattr(wanted, "no_install", False)
        )
    except CourseError as error:
        cli.complain(error)
        return 1
    except KeyboardInterrupt:
        cli.complain(f"\n{cli.INTERRUPTED}")
        return 130
    return hand_over(environment.python, arguments)


def hand_over(python: Path, arguments: list[str]) -> int:
    """Becomes `python -m helpers`; on Windows, which has no such thing, waits for it."""
    # -I: the folder it is called from may hold a `helpers` of its own (another checkout), which must not be taken
    command = [str(python), "-I", "-m", "helpers", *arguments]
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606 - the same process goes on: signals and status are its own
    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # Windows tells both of us; the other one says what there is to say
            continue


class Environment:
    """The folder .venv: whether it is as the lock files want it, and making it so.

    It is the course's own if it holds a stamp, or the mark of one whose making was interrupted; no other is touched.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self.stamp = folder / "containers-unpacked.json"
        self.mark = folder / "containers-unpacked.unfinished"

    def wanted(self) -> dict[str, str]:
        """What the stamp of a finished environment says: digests of what it was made from, and where."""
        project = (HERE / "pyproject.toml").read_bytes()
        digests = {name: hashlib.sha256(project + path.read_bytes()).hexdigest() for name, path in LOCKS.items()}
        return {**digests, "checkout": str(HERE), "python": str(self.python.resolve())}

    def found(self) -> dict[str, str]:
        """The stamp; empty if there is none, or if the Python it was made with is gone."""
        try:
            stamp = json.loads(self.stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) and os.access(self.python, os.X_OK) else {}

    def is_current(self, lock: str) -> bool:
        """True if nothing has to be done. Reads four small files and starts no process."""
        wanted, found = self.wanted(), self.found()
        return all(found.get(key) == wanted[key] for key in ("checkout", "python", "course", lock))

    def ensure(self, lock: str, *, install: bool = True) -> None:
        """Makes the environment hold what `lock` names; two at once wait for each other.

        install: False installs no package of the system for it.

        Raises: CourseError if it can't be made, or a folder of that name is somebody's own.
        """
        if self.is_current(lock):
            return
        with held(self.folder.with_name(".venv.lock")) as handle:
            if not self.is_current(lock):
                self._refuse_unless_ours()
                self._make(lock, handle, install)

    def _refuse_unless_ours(self) -> None:
        if self.stamp.is_file() or self.mark.is_file() or not os.path.lexists(self.folder):
            return
        with contextlib.suppress(OSError):
            if not self.folder.is_symlink() and not any(self.folder.iterdir()):
                return  # an empty folder is nobody's
        raise CourseError(
            f"{self.folder} is there already, and it is not the course's; it was left as it is.",
            f"it holds neither {self.stamp.name} nor {self.mark.name}, by which the course knows its own environment",
            f"If you need it, give it another name: mv {self.folder} {self.folder}-of-mine. If not, delete it. "
            "Then run the same command again.",
        )

    def _make(self, lock: str, handle: int, install: bool) -> None:
        started = time.monotonic()
        wanted, found = self.wanted(), self.found()
        fresh = any(found.get(key) != wanted[key] for key in ("checkout", "python"))
        uv = shutil.which("uv")
        try:
            if self.folder.is_symlink() and fresh:
                self.folder.unlink()  # what it leads to stays
            self.folder.mkdir(exist_ok=True)
            self.mark.touch()  # first of all: should this be interrupted, the folder is known as the course's
            # from here until the new stamp is written the environment counts as unfinished, whatever happens
            self.stamp.unlink(missing_ok=True)
            if uv is None:
                self._fill(None, lock, fresh, handle, install)
            else:
                try:
                    self._fill(uv, lock, fresh, handle, install)
                except CourseError as error:
                    say(f"uv could not do it ({error.why.splitlines()[-1] if error.why else error.what}); using pip.")
                    self._fill(None, lock, True, handle, install)
            made = {key: value for key, value in self.wanted().items() if key != "test" or lock == "test"}
            self.stamp.write_text(json.dumps(made, indent=1), encoding="utf-8")
            self.mark.unlink(missing_ok=True)
        except OSError as error:
            raise CourseError(f"The environment {self.folder} can't be made.", str(error), _next(str(error))) from error
        say(f"The environment is ready ({time.monotonic() - started:.0f} s).")

    def _empty(self) -> None:
        """Deletes what is in the folder, but for the mark, so that it is the course's at every moment."""
        for path in self.folder.iterdir():
            if path == self.mark:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()

    def _fill(self, uv: str | None, lock: str, fresh: bool, handle: int, install: bool) -> None:
        base = sys.executable if Path(sys.prefix).resolve() != self.folder.resolve() else sys._base_executable  # type: ignore[attr-defined]
        if fresh or (uv is None and not any(self.folder.glob("[Ll]ib/**/site-packages/pip"))):
            if uv is None:
                need_ensurepip(install=install)
            # the folder is there, with the mark in it
            make = [uv, "venv", "--quiet", "--allow-existing", "--python", base] if uv else [base, "-m", "venv"]
            with step(f"Making the environment .venv with Python {sys.version.split()[0]}"):
                self._empty()
                run([*make, str(self.folder)], handle)
        if uv:
            add = [uv, "pip", "install", "--python", str(self.python)]
        else:
            add = [str(self.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
        count = sum("==" in line for line in LOCKS[lock].read_text(encoding="utf-8").splitlines())
        with step(f"Installing what requirements/{lock}.txt names, by {'uv' if uv else 'pip'}"):
            run([*add, "--no-deps", "--require-hashes", "-r", str(LOCKS[lock])], handle, count=count)
        with step("Installing the course itself"):
            run([*add, "--no-deps", "--no-build-isolation", "-e", str(HERE)], handle)


def need_ensurepip(*, install: bool = True) -> None:
    """Debian and Ubuntu ship Python without ensurepip: installs it as root, else says what to type.

    install: False never installs it.

    Raises: CourseError if it is missing and can't be installed.
    """
    if importlib.util.find_spec("ensurepip") is not None:
        return
    packages = (f"python{sys.version_info[0]}.{sys.version_info[1]}-venv",)
    here = apt.system()
    if install and here.has_apt and os.name == "posix" and os.geteuid() == 0:
        apt.install(packages, purpose="the course's Python environment", say=say)
        return
    raise CourseError(
        "This Python can't make environments: its module ensurepip is missing.",
        "the distribution keeps it in a package of its own" + ("" if install else ", and --no-install was given"),
        f"Type: {apt.typed(packages)}" if here.has_apt else "Install your distribution's package for Python's venv.",
    )


def run(command: list[str], handle: int, *, count: int = 0) -> None:
    """Runs one installing command. count: how many packages it will name, for showing how far it is.

    The child holds the lock, too: should this process be killed, another start waits for what it left running.

    Raises: CourseError with the reason found in its output.
    """
    environment = {key: value for key, value in os.environ.items() if key not in {"PYTHONHOME", "PYTHONPATH"}}
    environment["PIP_USER"] = "0"
    child = subprocess.Popen(
        command,
        cwd=HERE,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=(handle,) if os.name == "posix" else (),
    )
    lines: list[str] = []
    seen = shown = 0
    assert child.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
    try:
        for line in child.stdout:
            lines.append(line.rstrip())
            seen += line.lstrip().startswith("Collecting ")
            if count and seen * 4 // count > shown:
                shown = seen * 4 // count
                say(f"  {seen} of {count} packages ({shown * 25}%)")
    except BaseException:
        child.terminate()
        raise
    finally:
        status = child.wait()
    if status:
        text = "\n".join(lines)
        tail = [line for line in lines if "error" in line.lower() or "×" in line][-3:] or lines[-3:]
        raise CourseError(f"This did not work (status {status}): {' '.join(command)}", _why(text, tail), _next(text))


def _why(text: str, tail: list[str]) -> str:
    found = [reason for mark, reason, _ in REASONS if mark in text.lower()]
    return "\n".join([*found[:1], *(f"  {line.strip()}" for line in tail)])


def _next(text: str) -> str:
    found = [then for mark, _, then in REASONS if mark in text.lower()]
    return found[0] if found else "Run the same command again; it starts anew where it stopped."


@contextlib.contextmanager
def held(path: Path) -> Iterator[int]:
    """Holds the lock file; waits, and says so, while another start holds it."""
    try:
        file = path.open("a+b")
    except OSError as error:
        raise CourseError(
            f"{path} can't be written.", str(error), "Clone the course into a folder of yours."
        ) from error
    with file:
        waiting = False
        while not _try_lock(file.fileno()):
            if not waiting:
                say("Another start is making the environment; waiting for it ...")
            waiting = True
            time.sleep(0.2)
        yield file.fileno()  # closing the file lets go of the lock


def _try_lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, 0, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Says what begins, and how long it took."""
    say(f"{what} ...")
    started = time.monotonic()
    yield
    say(f"  done in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
