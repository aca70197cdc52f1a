"""Every verb that asks the engine, as something that can be done, broken, and done again.

`before` makes what the verb needs; it may run again whatever was there. `do` ends in a CourseError or is right: its
asserts say what right is.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers import (
    cleanup,
    containers,
    daemon,
    dockerfile,
    exercise,
    images,
    isolation,
    lab,
    layers,
    networks,
    packaging,
    scene,
)
from helpers.engine.model.container import State
from helpers.engine.session import session
from helpers.lab.labs import Verdicts
from helpers.lab.model import verdict
from tests.harness import notebooks

BUSYBOX = "localhost/course/busybox:1"
IDLE = ("sh", "-c", "echo here; while sleep 1; do :; done")
PAGE = ("sh", "-c", "echo page > /tmp/index.html; exec httpd -f -p 8080 -h /tmp")
DOCKERFILE = f"FROM {BUSYBOX}\nRUN echo one > /one\nRUN echo two > /two\n"
SCENE = "faults"
FIRST_CELLS = 4


@dataclass(frozen=True)
class Verb:
    """One verb.

    long: it takes seconds; of its calls fewer are broken. looks: it changes nothing of what `before` makes, which then
    does for all of its calls.
    """

    name: str
    do: Callable[[], Any]
    before: Callable[[], Any] = lambda: None
    long: bool = False
    looks: bool = False


def _web(**options: Any) -> Callable[[], Any]:
    return lambda: containers.start(BUSYBOX, *IDLE, name="web", **options)


def _server() -> None:
    for name in ("web", "store"):
        containers.start(BUSYBOX, *PAGE, name=name, publish=8080)


def _ended() -> None:
    containers.start(BUSYBOX, "false", name="web")
    containers.wait("web", ended=True)


def _stopped() -> None:
    containers.start(BUSYBOX, *IDLE, name="web")
    containers.stop("web", grace=1)


def _built(name: str = "cake") -> images.Built:
    Path("cake").mkdir(exist_ok=True)
    return images.build("cake", name=name, dockerfile=DOCKERFILE)


def _by_buildkit() -> None:
    Path("cake").mkdir(exist_ok=True)
    made = images.build("cake", name="cake", dockerfile=DOCKERFILE, builder="buildkit")
    _same(len(made.steps) >= 3, True)


def _beside() -> None:
    containers.start(BUSYBOX, *PAGE, name="web", publish=8080)
    containers.start(BUSYBOX, *IDLE, name="noisy")


def _neighbour() -> None:
    _same(isolation.neighbour("web", "noisy") is not None, True)


def _started() -> None:
    found = dockerfile.starts(BUSYBOX, arguments=("sleep", "9"), seconds=0.5)
    _same([cell.outcome.name for cell in found.cells], ["OVER", "DEAF"])


def _saved() -> None:
    images.save(BUSYBOX, to="busybox.tar")


def _two_nets() -> None:
    networks.create("front")
    containers.start(BUSYBOX, *PAGE, name="web", publish=8080)


def _connected() -> None:
    networks.connect("front", "web")
    networks.disconnect("front", "web")


def _is(state: State, found: Any) -> None:
    assert found.state is state, found


def _same(one: object, other: object) -> None:
    assert one == other, (one, other)


def _cells(path: Path) -> Callable[[], None]:
    """The first cells of a chapter, as a kernel runs them, without one."""

    def run() -> None:
        notebook = notebooks.load(path)
        code = [cell.source for cell in notebook.cells if cell.cell_type == "code"][:FIRST_CELLS]
        words: dict[str, Any] = {}
        before = Path.cwd()
        os.chdir(notebooks.NOTEBOOKS)
        try:
            for source in code:
                tree = ast.parse(source)
                last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(compile(tree, str(path), "exec"), words)  # noqa: S102  the course's own cells
                    if isinstance(last, ast.Expr):
                        shown = eval(compile(ast.Expression(last.value), str(path), "eval"), words)  # noqa: S307
                        assert repr(shown)
        finally:
            os.chdir(before)

    return run


def _lab_opened(name: str) -> Callable[[], None]:
    def opened() -> None:
        lab.open(name)

    return opened


def _lab_checked() -> None:
    found = lab.check()
    assert isinstance(found, Verdicts)
    assert verdict.State.PASSED not in [one.state for one in found.verdicts]


def _lab_closed() -> None:
    lab.close(yes=True)
    assert not session.lab


def _lab_begun_anew() -> None:
    lab.reset(yes=True)
    assert session.lab


def _exercise() -> None:
    x = exercise("02.1-differ")
    x.check()


def _ran(**more: Any) -> None:
    _same(containers.run(BUSYBOX, "echo", "ran", seconds=3).output, "ran\n")


VERBS = [
    Verb("containers.run", _ran),
    Verb("containers.start", lambda: _is(State.RUNNING, containers.start(BUSYBOX, *IDLE, name="web", publish=80))),
    Verb("containers.start again", lambda: _is(State.RUNNING, containers.start("web")), _stopped),
    Verb("containers.ps", lambda: _same([c.name for c in containers.ps().containers], ["hs-web"]), _web(), looks=True),
    Verb("containers.logs", lambda: _same(containers.logs("web").text in ("here\n", ""), True), _web(), looks=True),
    Verb("containers.exec", lambda: _same(containers.exec("web", "echo", "hello").text, "hello\n"), _web(), looks=True),
    Verb("containers.get", lambda: _same(containers.get("web").body, "page\n"), _server, looks=True),
    Verb("containers.wait answers", lambda: containers.wait("web", answers="/"), _server, looks=True),
    Verb("containers.wait log", lambda: containers.wait("web", log="here"), _web(), looks=True),
    Verb("containers.wait ended", lambda: containers.wait("web", ended=True), _ended, looks=True),
    Verb("containers.stop", lambda: _is(State.EXITED, containers.stop("web", grace=1)), _web()),
    Verb("containers.remove", lambda: _same(containers.remove("web").containers, ()), _web()),
    Verb("containers.create", lambda: _is(State.CREATED, containers.create(BUSYBOX, "true", name="web"))),
    Verb("containers.kill", lambda: containers.kill("web"), _web()),
    Verb("containers.pause", lambda: (containers.pause("web"), containers.unpause("web")), _web()),
    Verb("containers.restart", lambda: _is(State.RUNNING, containers.restart("web")), _stopped),
    Verb("containers.life", lambda: repr(containers.life("web")), _ended, looks=True),
    Verb("containers.copy out", lambda: containers.copy("web", "/etc/passwd"), _web(), looks=True),
    Verb("containers.copy in", lambda: _same(containers.copy("web", "/new", put="text\n").text, "text\n"), _web()),
    Verb("containers.diff", lambda: containers.diff("web"), _web(), looks=True),
    Verb("containers.of", lambda: containers.of(BUSYBOX), _web(), looks=True),
    Verb("containers.many", lambda: containers.many(BUSYBOX, (1, 2)), long=True),
    Verb("containers.why", lambda: repr(containers.why("web")), _ended, looks=True),
    Verb("containers.time_it", lambda: containers.time_it(BUSYBOX, rounds=1), long=True),
    Verb("images.anatomy", lambda: repr(images.anatomy(BUSYBOX))),
    Verb("images.compare", lambda: images.compare(BUSYBOX, _built())),
    Verb("images.tag", lambda: images.tag(_built(), name="tart")),
    Verb("images.build", lambda: _same(len(_built().steps) >= 3, True)),
    Verb("images.build by BuildKit", _by_buildkit),
    Verb("images.save", lambda: images.save(BUSYBOX, to="busybox.tar")),
    Verb("images.load", lambda: images.load("busybox.tar"), _saved, looks=True),
    Verb(
        "images.carry", lambda: images.carry("busybox.tar", command=["echo"], seconds=3), _saved, long=True, looks=True
    ),
    Verb("images.remove", lambda: images.remove(_built("gone"))),
    Verb("dockerfile.steps", lambda: _same(len(dockerfile.steps(DOCKERFILE, _built()).steps), 3)),
    Verb("dockerfile.starts", _started, long=True),
    Verb("layers.analyse", lambda: repr(layers.analyse(BUSYBOX))),
    Verb("layers.explore", lambda: repr(layers.explore(BUSYBOX))),
    Verb("layers.compare", lambda: layers.compare(BUSYBOX, _built())),
    Verb("layers.sharing", lambda: layers.sharing(BUSYBOX, "localhost/course/python:3.13"), long=True),
    Verb("layers.text", lambda: layers.text(BUSYBOX, "/etc/passwd", 0)),
    Verb("layers.here", lambda: layers.here()),
    Verb("networks.create", lambda: networks.create("front")),
    Verb("networks.connect", _connected, _two_nets),
    Verb("networks.remove", lambda: networks.remove("front"), lambda: networks.create("front")),
    Verb("networks.map", lambda: repr(networks.map("web")), _two_nets, looks=True),
    Verb("networks.reach", lambda: repr(networks.reach("web", "store")), _server, long=True, looks=True),
    Verb("networks.way", lambda: repr(networks.way("web")), _server, long=True, looks=True),
    Verb("packaging.stand_in", lambda: packaging.stand_in("ben")),
    Verb("packaging.compare", lambda: packaging.compare(["sh"], [BUSYBOX], ["true"], seconds=3)),
    Verb("packaging.answers", lambda: packaging.answers(["web", "store"], ["/"]), _server, looks=True),
    Verb("packaging.foreign", lambda: packaging.foreign(), long=True),
    Verb("isolation.namespaces", lambda: repr(isolation.namespaces("web")), _web(), looks=True),
    Verb("isolation.inside_outside", lambda: repr(isolation.inside_outside("web")), _web(), looks=True),
    Verb("isolation.limits", lambda: repr(isolation.limits("web")), _web(memory="64m"), looks=True),
    Verb("isolation.limit", lambda: isolation.limit("web", memory="128m"), _web(memory="64m")),
    Verb("isolation.watch", lambda: isolation.watch("web", load="cpu", seconds=1), _web(), long=True, looks=True),
    Verb("isolation.why_ended", lambda: repr(isolation.why_ended("web")), _ended, looks=True),
    Verb("isolation.attempts", lambda: isolation.attempts(), long=True),
    Verb("isolation.capabilities", lambda: isolation.capabilities("web"), _web(), looks=True),
    Verb("isolation.cost", lambda: isolation.cost(1), long=True),
    Verb("isolation.neighbour", _neighbour, _beside, long=True),
    Verb("daemon.doctor", lambda: daemon.doctor(), long=True),
    Verb("daemon.ask", lambda: daemon.ask(os.environ["DOCKER_HOST"])),
    Verb("daemon.processes_of", lambda: repr(daemon.processes_of("web")), _web(), looks=True),
    Verb("daemon.timeline", lambda: _same(daemon.timeline(_ran).actions != (), True)),
    Verb("daemon.where", lambda: repr(daemon.where())),
    Verb("daemon.inventory", lambda: repr(daemon.inventory()), _web(), looks=True),
    Verb("scene", lambda: scene(SCENE), _web()),
    Verb("scene.end", lambda: scene(SCENE).end(), _web()),
    Verb("cleanup", lambda: cleanup(), lambda: (_web()(), networks.create("front"), _built())),
    Verb("lab.open", _lab_opened("02-container-detective"), long=True),
    Verb("lab.check", _lab_checked, _lab_opened("01-package-the-app"), long=True),
    Verb("lab.reset", _lab_begun_anew, _lab_opened("08-split-the-network"), long=True),
    Verb("lab.close", _lab_closed, _lab_opened("08-split-the-network"), long=True),
    Verb("exercise", _exercise, lambda: scene("images-and-containers"), long=True),
    *(Verb(f"chapter {path.stem[:2]}", _cells(path), long=True) for path in notebooks.CHAPTERS),
]
BY_NAME = {verb.name: verb for verb in VERBS}
