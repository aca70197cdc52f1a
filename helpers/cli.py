"""The commands. `python3 start.py COMMAND` and `python -m helpers COMMAND` are the same.

start.py reads the command line with this module before the environment exists: at the top only the standard library
is imported; what a command needs it imports itself.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.errors import CourseError, EngineError, NoPermission
from helpers.plain_text import plain

if TYPE_CHECKING:
    from helpers.engine.client import Client
    from helpers.layers.model.analysis import Analysis
    from helpers.networks import Map, Reachability

INTERRUPTED = "Interrupted. Run the same command again; it carries on where it stopped."
COMMANDS = (
    "start",
    "test",
    "book",
    "check",
    "doctor",
    "images",
    "layers",
    "map",
    "reach",
    "desk",
    "clean",
    "stop",
    "new",
)


def parser() -> argparse.ArgumentParser:
    """The command line: every command with its options and help."""
    top = argparse.ArgumentParser(
        prog="python3 start.py",
        description="Containers, Unpacked: a course on Docker in JupyterLab, on your own engine.",
        epilog="Without a command: start. Inside the environment the same commands are: python -m helpers COMMAND",
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, allow_abbrev=False)

    start = command("start", "Find or start an engine, prepare the base images, open the course in JupyterLab.")
    _engine_options(start)
    start.add_argument("--plain", action="store_true", help="the chapter alone, without desk and terminal beside it")
    start.add_argument("--no-browser", action="store_true", help="only print the address")
    start.add_argument("--port", type=_port, metavar="N", help="JupyterLab's port on 127.0.0.1 (default: a free one)")

    test = command("test", "The same set-up, then all tests. Other options and paths are handed to pytest.")
    _engine_options(test)
    test.add_argument("--all", action="store_true", help="every test; without it some are drawn by lot")
    test.add_argument("--seed", type=int, metavar="N", help="draw what the run that printed this number drew")
    test.add_argument("--changed", metavar="REV", help="only tests that a change since the git revision can reach")
    test.add_argument("--engines", action="store_true", help="run the suite on other Docker versions, too (long)")
    test.add_argument("--mutations", action="store_true", help="change every solution and see who notices (long)")

    book = command("book", "Run all chapters and write them down as web pages, for reading without an engine.")
    _engine_options(book)
    book.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="where to (default: book, in the course)")

    check = command("check", "Look at the tasks of a lab that you work on; exit status 0 when all are passed.")
    check.add_argument("lab", metavar="LAB", help="such as 01-package-the-app")
    check.add_argument("task", nargs="?", type=int, metavar="TASK", help="one task's number (default: all)")
    check.add_argument("answer", nargs="?", metavar="ANSWER", help="for tasks that ask for one")

    doctor = command("doctor", "Say whether the engine is fit for the course; exit status 0 or 1.")
    doctor.add_argument("--json", action="store_true", help="the same as JSON")

    images = command("images", "Prepare the base images; or list, bundle, load or update them.")
    _no_install(images)
    images.add_argument(
        "--any-digest", action="store_true", help="take an image even if the registry lacks the locked digest"
    )
    verbs = images.add_subparsers(dest="verb", metavar="VERB")
    verbs.add_parser("list", help="which there are", description="Show which base images the engine has.")
    bundle = verbs.add_parser(
        "bundle", help="write them to one file", description="Write the base images to one file, for a room offline."
    )
    load = verbs.add_parser("load", help="read such a file", description="Load the base images from a bundle file.")
    for verb in (bundle, load):
        verb.add_argument("file", type=Path, metavar="FILE")
    load.add_argument(
        "--sha256", default="", metavar="HEX", help="refuse a file with a different sum; images bundle printed it"
    )
    verbs.add_parser("update", help="renew the lock file", description="Look up digests online; write the lock file.")

    layers = command("layers", "Take an image apart: its layers, what is hidden in them, what is there twice.")
    layers.add_argument("image", metavar="IMAGE", help="such as localhost/course/python:1")
    layers.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON (- for the terminal)")

    networks = command("map", "Show which containers are on which networks, of the whole engine or of those you name.")
    networks.add_argument("names", nargs="*", metavar="NAME", help="a container, or a network for all that are on it")
    reach = command("reach", "Try which containers reach which, for real; nothing is changed, and nothing is left.")
    reach.add_argument("names", nargs="+", metavar="NAME", help="a container, or a network for all that are on it")
    reach.add_argument("--port", type=_port, metavar="N", help="the only port to try (default: whatever listens)")
    for picture in (networks, reach):
        picture.add_argument("--json", type=Path, metavar="FILE", help="write the same as JSON (- for the terminal)")
        picture.add_argument("--svg", type=Path, metavar="FILE", help="write the picture")

    command("desk", "Say what you have on the engine, then what happens there, until Ctrl-C.")

    clean = command("clean", "Remove what the course made on this engine for you; the base images stay.")
    clean.add_argument(
        "--everyone", action="store_true", help="list what is probably the course's, too, and remove it after a yes"
    )
    clean.add_argument("--yes", action="store_true", help="with --everyone: do not ask")
    stop = command("stop", "Stop the engine, if the course itself started it.")
    stop.add_argument("--yes", action="store_true", help="do not ask if containers that are not yours run on it")

    new = command("new", "For authors: write a new chapter, lab or topic that is green as it stands.")
    new.add_argument("kind", choices=("chapter", "lab", "topic"), metavar="KIND", help="chapter, lab or topic")
    new.add_argument("name", metavar="NAME", help="such as 09-registries, 09-push-it (a lab) or registries (a topic)")
    return top


def _engine_options(target: argparse.ArgumentParser) -> None:
    _no_install(target)
    target.add_argument("--yes", action="store_true", help="install what is missing without asking")


def _no_install(target: argparse.ArgumentParser) -> None:
    target.add_argument("--no-install", action="store_true", help="install no package on this system, for nothing")


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is not a port (1 to 65535)")
    return int(text)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Reads the command line. No command means start; what `test` does not know goes to pytest as `.rest`.

    Raises: SystemExit after --help (0) or on a mistake (2).
    """
    words = list(arguments)
    if not words or (words[0].startswith("-") and words[0] not in {"-h", "--help"}):
        words.insert(0, "start")
    top = parser()
    known, rest = top.parse_known_args(words)
    if rest and known.command != "test":
        top.error(f"unknown: {' '.join(rest)}")
    if known.command == "test":  # these are pytest's to carry out; here they are for --help
        rest += ["--all"] * known.all
        rest += [f"--{name}={value}" for name in ("seed", "changed") if (value := getattr(known, name)) is not None]
    known.rest = rest
    return known


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns: the exit status: 0, 1 after an error of the course, 130 after Ctrl-C, pytest's own for `test`.
    """
    take_any_letter()
    wanted = parse(sys.argv[1:] if arguments is None else arguments)
    run: dict[str, Callable[[argparse.Namespace], int]] = {
        "start": _start,
        "test": _test,
        "book": _book,
        "check": _check,
        "doctor": _doctor,
        "images": _images,
        "layers": _layers,
        "map": _map,
        "reach": _reach,
        "desk": _desk,
        "clean": _clean,
        "stop": _stop,
        "new": _new,
    }
    try:
        return run[wanted.command](wanted)
    except CourseError as error:
        complain(error)
        return 1
    except KeyboardInterrupt:
        complain(f"\n{INTERRUPTED}")
        return 130
    except BrokenPipeError:  # the reader of our output (head, less) has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def say(line: str) -> None:
    """One line to the reader, or more, at once, also into a pipe; an engine's words may be in it."""
    print(plain(line, lines=True), flush=True)  # noqa: T201 - here and below is all that the commands print


def complain(words: object) -> None:
    """The same beside the output, where errors go."""
    print(plain(words, lines=True), file=sys.stderr, flush=True)  # noqa: T201


def take_any_letter() -> None:
    """Lets the terminal show what its encoding has no letter for as a question mark, where Python would stop."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # there is none under pythonw
            stream.reconfigure(errors="replace")


def _ask(question: str, *, otherwise: bool = True) -> bool:
    """Asks in the terminal. otherwise: what Enter alone means."""
    try:
        said = input(f"{plain(question)} [{'Y/n' if otherwise else 'y/N'}] ").strip().lower()
        return said in {"y", "yes"} or (not said and otherwise)
    except EOFError:
        return False


@contextlib.contextmanager
def _timed(what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    say(f"{what} ({time.monotonic() - started:.1f} s)")


def _engine(wanted: argparse.Namespace) -> Client:
    from helpers.setup.engine import ensure_engine

    terminal = sys.stdin is not None and sys.stdin.isatty()
    return ensure_engine.ensure_engine(
        install=not wanted.no_install, ask=_ask if terminal and not wanted.yes else None, say=say
    )


def _prepare(client: Client, wanted: argparse.Namespace) -> None:
    from helpers.setup.engine import plugins
    from helpers.setup.images import prepare

    with _timed("Compose and buildx: looked"):
        plugins.ensure(say, install=not wanted.no_install)
    with _timed("Base images: ready"):
        prepare.prepare(client, say=say, install=not wanted.no_install)


def _start(wanted: argparse.Namespace) -> int:
    from helpers.setup.jupyter import jupyterlab

    with _timed("Engine: answers"):
        client = _engine(wanted)
    _prepare(client, wanted)
    return jupyterlab.run(client, say=say, port=wanted.port, browser=not wanted.no_browser, plain=wanted.plain)


def _test(wanted: argparse.Namespace) -> int:
    from helpers.setup import testing

    os.environ.setdefault(*testing.LAZY)
    try:
        with _timed("Engine: answers"):
            client = _engine(wanted)
        _prepare(client, wanted)
    except NoPermission:
        raise
    except EngineError as error:
        if testing.in_ci():
            raise
        say(f"{error}\nGoing on without an engine: the tests that need one are skipped.")
    if wanted.no_install and wanted.engines:
        raise CourseError(
            "Other engines can't be had with --no-install.",
            "they come from the distribution's packages",
            "Leave out one of the two options: python3 start.py test --engines",
        )
    install = not wanted.no_install
    testing.prepare(say, engines=install and (wanted.engines or testing.whole(wanted.rest)), install=install)
    if wanted.mutations:
        return testing.mutations(wanted.rest)
    return testing.sweep(wanted.rest) if wanted.engines else testing.run(wanted.rest)


def _book(wanted: argparse.Namespace) -> int:
    from helpers import book
    from helpers.setup import testing

    folder = (wanted.folder or testing.CHECKOUT / book.FOLDER).absolute()
    book.refuse_unless_ours(folder)  # before minutes of work
    with _timed("Engine: answers"):
        client = _engine(wanted)
    _prepare(client, wanted)
    with _timed("Book: written"):
        made = book.make(client, folder, say=say)
    say(f"{len(made)} pages. Open {(folder / 'index.html').as_uri()} in a browser.")
    return 0


def _check(wanted: argparse.Namespace) -> int:
    from helpers.lab import labs

    opened = labs.open(wanted.lab)
    if wanted.task is None:
        say(f"{opened.brief}\n")
        found = labs.check()
    else:
        found = labs.check(wanted.task, ... if wanted.answer is None else wanted.answer)
    say(repr(found))
    return 0 if found.passed else 1


def _doctor(wanted: argparse.Namespace) -> int:
    import json

    from helpers.daemon.engine import doctor

    report = doctor.examine()
    say(json.dumps(report.as_dict(), indent=1) if wanted.json else report.as_text())
    return 0 if report.ok else 1


def _images(wanted: argparse.Namespace) -> int:
    from helpers.engine import base_images
    from helpers.engine.client import connect
    from helpers.setup.images import bundle, prepare

    client = connect()
    if wanted.verb == "list":
        models = base_images.status(client)
        for model in models:
            say(f"{'there  ' if model.present else 'missing'}  {model.name:<10} {model.reference}")
        return 0 if all(model.present for model in models) else 1
    if wanted.verb == "bundle":
        bundle.write(client, wanted.file, say=say)
    elif wanted.verb == "load":
        bundle.load(client, wanted.file, say=say, sha256=wanted.sha256)
    elif wanted.verb == "update":
        prepare.update_lock(client, say=say)
    else:
        with _timed("Base images: ready"):
            prepare.prepare(client, say=say, any_digest=wanted.any_digest, install=not wanted.no_install)
    return 0


def _layers(wanted: argparse.Namespace) -> int:
    from helpers.engine.client import connect
    from helpers.layers.engine import analysis
    from helpers.layers.views.analysis import lines

    found = analysis.analyse(connect(), wanted.image)
    return _told(found, lambda: lines(found), wanted.json)


def _map(wanted: argparse.Namespace) -> int:
    from helpers import networks

    return _picture(networks.map(*wanted.names, everything=not wanted.names), wanted)


def _reach(wanted: argparse.Namespace) -> int:
    from helpers import networks

    return _picture(networks.reach(*wanted.names, port=wanted.port), wanted)


def _picture(found: Map | Reachability, wanted: argparse.Namespace) -> int:
    """Prints what a picture shows, and writes it to the files that were asked for."""
    figure = found.figure()
    if wanted.svg is not None:
        _write(wanted.svg, figure.svg)
    return _told(found, figure.lines, wanted.json)


def _told(found: Analysis | Map | Reachability, lines: Callable[[], Iterable[str]], file: Path | None) -> int:
    """Prints the lines, and writes the same as JSON to the file; "-" is the terminal, which then gets JSON alone."""
    import json

    written = "" if file is None else json.dumps(found.as_dict(), indent=1)
    if file == Path("-"):
        say(written)
        return 0
    if file is not None:
        _write(file, written)
    say("\n".join(map(plain, lines())))
    return 0


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{file} can't be written.", error.strerror or str(error), "Name another file.") from error


def _desk(wanted: argparse.Namespace) -> int:
    del wanted
    from helpers.desk.follow import follow

    with contextlib.suppress(KeyboardInterrupt):  # its only end
        follow(say)
    return 0


def _clean(wanted: argparse.Namespace) -> int:
    from helpers.engine import scene
    from helpers.engine.client import connect
    from helpers.engine.scene import claims

    say(scene.cleanup().as_text())
    client = connect()
    found = claims.find(client)
    if text := found.as_text():
        say(f"\n{text}")
    if not found.probably:
        return 0
    if not wanted.everyone:
        say("\nThose stay. To remove what is probably the course's, whoever it was made for: clean --everyone")
        return 0
    count = len(found.probably)
    if not wanted.yes:
        if sys.stdin is None or not sys.stdin.isatty():
            say("\nNone of that was removed: there is no terminal to ask in. To remove it: clean --everyone --yes")
            return 1
        if not _ask(f"Remove these {count}? Others may be working with them.", otherwise=False):
            say("None of that was removed.")
            return 1
    say(claims.remove(client, found).as_text())
    return 0


def _stop(wanted: argparse.Namespace) -> int:
    from helpers.setup.engine import dockerd

    def confirm(running: Sequence[str]) -> bool:
        say(f"Running on it, and not yours of this course: {', '.join(running)}")
        if wanted.yes:
            return True
        if sys.stdin is None or not sys.stdin.isatty():
            say("The engine keeps running: there is no terminal to ask in. To stop it anyway: stop --yes")
            return False
        return _ask("Stop the engine, and these with it?", otherwise=False)

    return 0 if dockerd.stop_engine(say, confirm=confirm) is not None else 1


def _new(wanted: argparse.Namespace) -> int:
    from helpers.setup import skeleton

    for path in skeleton.write(wanted.kind, wanted.name):
        say(path.as_posix())
    say(skeleton.next_steps(wanted.kind, wanted.name))
    return 0
