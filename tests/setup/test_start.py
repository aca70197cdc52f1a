"""start.py run as a newcomer runs it; environments are really made, in copies of the checkout, by pip or not at all."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
posix = pytest.mark.skipif(os.name != "posix", reason="links and signals as on Linux and macOS")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy with locks that name nothing: what is tested is start.py, not the download."""
    copy = tmp_path / "checkout"
    copy.mkdir()
    for name in ("helpers", "start.py", "pyproject.toml", "README.md", "LICENSE", "LICENSE-content", "NOTICE"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy)
    (copy / "requirements").mkdir()
    for lock in ("course", "test"):
        (copy / "requirements" / f"{lock}.txt").write_text(f"# {lock}: nothing\n")
    return copy


@pytest.fixture
def start(checkout: Path) -> ModuleType:
    """start.py of the copy as a module."""
    spec = importlib.util.spec_from_file_location("start_of_copy", checkout / "start.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(checkout: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(checkout / "start.py"), *words],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def finished(start: ModuleType, checkout: Path, lock: str = "course") -> None:
    """Puts an environment there that is as `lock` wants it."""
    environment = start.Environment(checkout / ".venv")
    environment.python.parent.mkdir(parents=True, exist_ok=True)
    environment.python.unlink(missing_ok=True)
    environment.python.symlink_to(sys.executable)
    stamp = {key: value for key, value in environment.wanted().items() if key != "test" or lock == "test"}
    environment.stamp.write_text(json.dumps(stamp))


def test_help_needs_no_environment_and_only_the_standard_library(checkout: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-s", "-E", str(checkout / "start.py"), "--help"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert all(command in done.stdout for command in ("start", "test", "doctor", "images", "clean", "stop"))
    assert not (checkout / ".venv").exists()


def test_a_mistyped_command_ends_before_anything_is_made(checkout: Path) -> None:
    done = run(checkout, "imagse")

    assert done.returncode == 2
    assert "imagse" in done.stderr
    assert not (checkout / ".venv").exists()


def test_an_old_python_is_told_so() -> None:
    older = next((found for name in ("3.9", "3.8", "3.7", "3.6") if (found := works(f"python{name}"))), None)
    if older is None:
        pytest.skip("no Python older than 3.10 on this machine")

    done = subprocess.run([older, str(ROOT / "start.py")], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "needs Python 3.10 or newer" in done.stderr
    assert "Traceback" not in done.stderr


def works(name: str) -> str | None:
    found = shutil.which(name)
    if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
        return found
    return None


@posix
def test_a_finished_environment_is_taken_as_it_is(start: ModuleType, checkout: Path) -> None:
    finished(start, checkout)
    environment = start.Environment(checkout / ".venv")

    assert environment.is_current("course")
    assert not environment.is_current("test"), "the tests' tools are not in it"
    finished(start, checkout, "test")
    assert environment.is_current("test")
    assert environment.is_current("course"), "a plain start after the tests has nothing to do"


@posix
@pytest.mark.parametrize(
    "change", ["lock", "pyproject", "no python", "another python", "no stamp", "torn stamp", "moved"]
)
def test_an_environment_that_no_longer_fits_is_seen(start: ModuleType, checkout: Path, change: str) -> None:
    finished(start, checkout)
    environment = start.Environment(checkout / ".venv")
    if change == "lock":
        (checkout / "requirements/course.txt").write_text("# another\n")
    elif change == "pyproject":
        (checkout / "pyproject.toml").write_text("# another\n")
    elif change == "no python":
        environment.python.unlink()
        environment.python.symlink_to("/nowhere/python")
    elif change == "another python":
        environment.python.unlink()
        environment.python.symlink_to("/bin/sh")
    elif change == "no stamp":
        environment.stamp.unlink()
    elif change == "torn stamp":
        environment.stamp.write_text('{"course": "12')
    else:
        stamp = json.loads(environment.stamp.read_text())
        environment.stamp.write_text(json.dumps({**stamp, "checkout": "/elsewhere"}))

    assert not environment.is_current("course")


@posix
def test_looking_costs_next_to_nothing(start: ModuleType, checkout: Path) -> None:
    finished(start, checkout)
    started = time.perf_counter()

    assert start.Environment(checkout / ".venv").is_current("course")

    assert time.perf_counter() - started < 0.3


@posix
@pytest.mark.drawn("an environment is made")
def test_an_index_that_cannot_be_reached_is_explained_and_leaves_no_stamp(checkout: Path) -> None:
    (checkout / "requirements/course.txt").write_text(f"platformdirs==4.2.0 --hash=sha256:{'0' * 64}\n")
    nowhere = "http://127.0.0.1:9/simple"  # the discard port: nothing listens
    programs = os.pathsep.join(["/usr/bin", "/bin"])  # without uv

    done = run(
        checkout,
        "stop",
        PATH=programs,
        PIP_INDEX_URL=nowhere,
        PIP_EXTRA_INDEX_URL="",
        PIP_FIND_LINKS="",
        PIP_RETRIES="0",
        PIP_CONFIG_FILE=os.devnull,
        PIP_NO_CACHE_DIR="1",
    )

    assert done.returncode == 1
    assert "can't be reached" in done.stderr
    assert "Next: Connect to the internet" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (checkout / ".venv/containers-unpacked.json").exists()


@posix
@pytest.mark.drawn("an environment is made")
def test_a_broken_uv_is_passed_over_and_pip_really_makes_it(checkout: Path, tmp_path: Path) -> None:
    broken = tmp_path / "bin" / "uv"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho 'uv is out of order' >&2\nexit 3\n")
    broken.chmod(0o755)
    install_by_hand = checkout / "helpers/__main__.py"
    install_by_hand.write_text("import sys\nprint('handed over', sys.argv[1:], sys.prefix)\nsys.exit(7)\n")
    # the checkout itself needs setuptools to be installed: this Python's, instead of a download
    (checkout / "pyproject.toml").write_text(BACKEND)
    (checkout / "backend.py").write_text(BUILD)

    done = run(checkout, "stop", PATH=os.pathsep.join([str(broken.parent), "/usr/bin", "/bin"]))

    assert "uv could not do it" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 7, "the command's own status"
    assert f"handed over ['stop'] {checkout}/.venv" in done.stdout
    again = run(checkout, "stop")
    assert again.stdout == f"handed over ['stop'] {checkout}/.venv\n", "the second start only hands over"


BACKEND = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BUILD = """
import os, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "copy-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("copy.pth", os.getcwd())
        wheel.writestr("copy-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: copy\\nVersion: 1\\n")
        wheel.writestr("copy-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("copy-1.dist-info/RECORD", "")
    return name
"""


def contents(path: Path) -> dict[str, bytes | str]:
    """All that is at `path`, links unfollowed."""
    if path.is_symlink():
        return {"": f"a link to {path.readlink()}"}
    if path.is_file():
        return {"": path.read_bytes()}
    below = [found for found in path.rglob("*") if found.is_symlink() or found.is_file()]
    return {str(f.relative_to(path)): str(f.readlink()) if f.is_symlink() else f.read_bytes() for f in below}


@posix
@pytest.mark.parametrize("kind", ["an environment", "a folder", "a file", "a link", "a link to nowhere"])
def test_a_venv_that_is_not_the_courses_is_left_as_it_is(checkout: Path, tmp_path: Path, kind: str) -> None:
    mine = checkout / ".venv"
    elsewhere = tmp_path / "elsewhere"
    if kind == "an environment":
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(mine)], check=True)
    elif kind == "a folder":
        mine.mkdir()
        (mine / "thesis.txt").write_text("years of work")
    elif kind == "a file":
        mine.write_text("years of work")
    else:
        if kind == "a link":
            elsewhere.mkdir()
            (elsewhere / "thesis.txt").write_text("years of work")
        mine.symlink_to(elsewhere)
    before = contents(mine), contents(elsewhere)

    done = run(checkout, "stop")

    assert done.returncode == 1
    assert "is not the course's; it was left as it is" in done.stderr
    assert f"mv {mine} " in done.stderr
    assert (contents(mine), contents(elsewhere)) == before


def quick(checkout: Path) -> dict[str, str]:
    """Lets the copy's environment be made without a download and without uv; the variables to run start.py with."""
    (checkout / "helpers/__main__.py").write_text("import sys\nprint('handed over')\nsys.exit(7)\n")
    (checkout / "pyproject.toml").write_text(BACKEND)
    (checkout / "backend.py").write_text(BUILD)
    return {"PATH": os.pathsep.join(["/usr/bin", "/bin"])}


@posix
@pytest.mark.drawn("an environment is made")
def test_an_environment_whose_making_was_killed_is_the_courses_and_made_anew(checkout: Path) -> None:
    variables = quick(checkout)
    child = subprocess.Popen(
        [sys.executable, str(checkout / "start.py"), "stop"],
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not (checkout / ".venv/pyvenv.cfg").exists():
        assert child.poll() is None
        time.sleep(0.01)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    assert not (checkout / ".venv/containers-unpacked.json").exists(), "it was not interrupted"
    (checkout / ".venv/half.txt").write_text("left behind")

    done = run(checkout, "stop", **variables)

    assert done.returncode == 7, done.stdout + done.stderr
    assert not (checkout / ".venv/half.txt").exists()
    assert not (checkout / ".venv/containers-unpacked.unfinished").exists()


@posix
def test_one_that_is_emptied_is_the_courses_at_every_moment(
    start: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished(start, checkout)
    environment = start.Environment(checkout / ".venv")
    (checkout / "requirements/course.txt").write_text("# another\n")
    environment.python.unlink()  # so it is made from nothing

    def interrupt(path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(start.shutil, "which", lambda _: None)
    with monkeypatch.context() as patched:
        patched.setattr(start.shutil, "rmtree", interrupt)
        with pytest.raises(KeyboardInterrupt):
            environment.ensure("course")

    assert environment.mark.is_file()
    environment._refuse_unless_ours()


def test_an_empty_folder_is_nobodys(start: ModuleType, checkout: Path) -> None:
    (checkout / ".venv").mkdir()

    start.Environment(checkout / ".venv")._refuse_unless_ours()


@posix
def test_without_ensurepip_nothing_is_installed_against_the_readers_word(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[object] = []
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(start.apt, "install", lambda *words, **more: installed.append(words))

    with pytest.raises(start.CourseError) as caught:
        start.need_ensurepip(install=False)

    assert installed == []
    assert "venv" in caught.value.next_step


@posix
def test_a_second_start_waits_for_the_first(start: ModuleType, checkout: Path) -> None:
    with start.held(checkout / ".venv.lock"):
        code = (
            "import importlib.util as u, sys; from pathlib import Path\n"
            f"sys.path.insert(0, {str(checkout)!r})\n"
            f"s = u.spec_from_file_location('start', {str(checkout / 'start.py')!r}); m = u.module_from_spec(s)\n"
            "s.loader.exec_module(m)\n"
            f"with m.held(Path({str(checkout / '.venv.lock')!r})): print('mine', flush=True)"
        )
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        assert "waiting for it" in child.stdout.readline()
        assert child.poll() is None
    assert child.communicate(timeout=20)[0] == "mine\n"


@posix
def test_ctrl_c_is_one_line_and_the_lock_is_let_go(start: ModuleType, checkout: Path) -> None:
    with start.held(checkout / ".venv.lock"):
        child = subprocess.Popen(
            [sys.executable, str(checkout / "start.py"), "stop"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        assert "waiting for it" in child.stdout.readline()
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=20)

    assert child.returncode == 130
    assert said.strip() == "Interrupted. Run the same command again; it carries on where it stopped."
