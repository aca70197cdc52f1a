"""What a container is, says and answers."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace

from helpers.containers.model.wait import Waited
from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count, plain
from helpers.engine.model.container import MARKS, Answer, Container, Finished, Listing, Output, Published, State
from helpers.engine.model.log_limit import BYTES
from helpers.engine.model.settings import Settings


def quote(words: tuple[str, ...]) -> str:
    """`words` as one would type them in a terminal."""
    import shlex

    return " ".join(shlex.quote(plain(word)) for word in words)


def state_in_words(container: Container) -> str:
    """`running`, or `exited with code 0`."""
    if container.state is State.EXITED and container.exit_code is not None:
        return f"exited with code {container.exit_code}"
    return container.state.value


def said(container: Container) -> str:
    """As the end of a sentence: `is running`, or `has exited with code 0`."""
    words = state_in_words(container)
    return f"has {words}" if container.state is State.EXITED else container.state.said


def port_in_words(published: Published) -> str:
    """`127.0.0.1:49153 → 8080`."""
    address = f"[{published.address}]" if ":" in published.address else published.address
    return f"{address}:{published.port} → {published.container_port}"


def finished(found: Finished) -> Figure:
    """The output as it came."""
    sentence = f"It ran in a container of its own and ended with exit code {found.exit_code}. The container is gone."
    return Figure(
        sentence=f"{sentence} {found.cut}".rstrip(),
        terminal=found.output,
        how=How(
            docker=(f"docker run --rm {quote((found.image, *found.command))}",),
            python=(
                "import docker",
                "engine = docker.from_env()",
                f"print(engine.containers.run({found.image!r}, {list(found.command)!r}, remove=True).decode())",
            ),
        ),
    )


def output(found: Output) -> Figure:
    """Logs, or what a second command wrote."""
    name = found.container.name
    if found.exit_code is None and not found.command:
        sentence = f"The log of {name}: what its first process wrote."
        docker = f"docker logs {found.container.full_name}"
        python = f"print(docker.from_env().containers.get({found.container.full_name!r}).logs().decode())"
    else:
        end = "" if found.exit_code is None else f" and ended with exit code {found.exit_code}"
        sentence = f"A second command ran inside {name}{end}."
        if found.exit_code in (126, 127):
            sentence += (
                " The program could not be run, most often because there is none of that name. (For a second command, "
                'some engines say 126 in both cases.) Each word is a separate argument: "ls", "-l".'
            )
        elif shell := next((word for word in found.command if word in _SHELL), ""):
            sentence += f' No shell has seen the {shell}, it was only a word. Give the line to one: "sh", "-c", "…".'
        docker = f"docker exec {quote((found.container.full_name, *found.command))}"
        python = (
            f"print(docker.from_env().containers.get({found.container.full_name!r})"
            f".exec_run({list(found.command)!r}).output.decode())"
        )
    return Figure(
        sentence=f"{sentence} {found.cut}".rstrip(),
        terminal=found.text,
        how=How(docker=(docker,), python=("import docker", python)),
    )


def answer(found: Answer) -> Figure:
    """What came back for one HTTP request."""
    if not found.status:
        return Figure(sentence="Nothing answered.", terminal=f"{found.url}\n{found.body}")
    sentence = f"The answer has HTTP status {found.status}."
    if found.elsewhere:
        sentence += f" It was asked for on the engine's host: {found.elsewhere}."
    how = How(
        docker=(f"curl {shlex.quote(found.url)}",),
        python=("import urllib.request", f"print(urllib.request.urlopen({found.url!r}).read().decode())"),
    )
    shown = How() if found.elsewhere else how  # this computer does not reach it
    return Figure(sentence=f"{sentence} {found.cut}".rstrip(), terminal=found.body, how=shown)


def waited(found: Waited) -> Figure:
    """What was seen until the condition was met, in words: a picture would say no more."""
    name = found.container.name
    return Figure(
        sentence=f"{name}: waited for {found.condition}. It came: {found.sights[-1].said.rstrip('.')}.",
        tables=(
            Table(
                caption=f"What was seen, in {count(found.looks, 'look')}",
                columns=("after, s", "seen"),
                rows=tuple((f"{sight.after:.2f}", sight.said) for sight in found.sights),
            ),
        ),
        how=How(
            docker=(f"docker inspect --format '{{{{.State.Status}}}}' {found.container.full_name}",),
            python=("import docker", f"docker.from_env().containers.get({found.container.full_name!r}).status"),
        ),
    )


def container(found: Container) -> Figure:
    """One container: a listing of one, with a question of its own."""
    ports = ", ".join(port_in_words(p) for p in found.published)
    answer_line = f"{found.name} {said(found)}" + (f", published at {ports}." if ports else ".")
    return _rows(
        (found,),
        "What is this container doing?",
        answer_line,
        sentence=f"Container {found.name} {said(found)}.",
        how=How(
            docker=(f"docker inspect {found.full_name}",),
            python=("import docker", f"docker.from_env().containers.get({found.full_name!r}).attrs"),
        ),
    )


_SHELL = (">", ">>", "<", "|", "&&", ";")  # words that only a shell understands
ADDED = (
    "labels, by which it finds what it made, and, where the engine's log driver knows one, a limit for the log: "
    f"{BYTES // 1_000_000} MB"
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What `docker run` is told. publish: ports inside, each on 127.0.0.1 and a port that the engine picks.

    run: False for `docker create`.
    """

    image: str
    command: tuple[str, ...]
    publish: tuple[int, ...]
    settings: Settings
    run: bool


def ordered(found: Container, order: tuple[str, ...], call: str) -> Figure:
    """The same of one that was just given an order: how it was."""
    line = quote(("docker", *order, found.full_name))
    python = ("import docker", f"docker.from_env().containers.get({found.full_name!r}).{call}")
    return replace(container(found), how=How(docker=(line,), python=python))


def made(found: Container, asked: Asked) -> Figure:
    """The same of one that was just made: how it was."""
    ports = [word for port in asked.publish for word in ("--publish", f"127.0.0.1::{port}")]
    words = (
        *("docker", *(("run", "--detach") if asked.run else ("create",)), "--name", found.full_name),
        *(*asked.settings.as_options(), *ports, asked.image),
        *(*asked.settings.entrypoint[1:], *asked.command),
    )
    arguments: dict[str, object] = {"name": found.full_name, **({"detach": True} if asked.run else {})}
    arguments |= asked.settings.as_arguments()
    if asked.publish:
        arguments["ports"] = {f"{port}/tcp": ("127.0.0.1", None) for port in asked.publish}
    told = [repr(asked.image), repr(list(asked.command))] if asked.command else [repr(asked.image)]
    told += [f"{name}={value!r}" for name, value in arguments.items()]
    call = f"engine.containers.{'run' if asked.run else 'create'}({', '.join(told)})"
    python = ("import docker", "engine = docker.from_env()", call)
    return replace(container(found), how=How(docker=(quote(words),), python=python, adds=ADDED))


def listing(found: Listing) -> Figure:
    """The course's containers, a row each."""
    number = len(found.containers)
    what = "container" if found.everything else "running container"
    names = ", ".join(f"{c.name} ({state_in_words(c)})" for c in found.containers)
    sentence = f"{count(number, what).capitalize()} of the course" + (f": {names}." if names else ".")
    everything = " --all" if found.everything else ""
    return _rows(
        found.containers,
        "Which containers are there?",
        sentence if number < 4 else f"{count(number, what)} of the course.",
        sentence=sentence,
        how=How(
            docker=(f"docker ps{everything} --filter label=containers-unpacked=1",),
            python=(
                "import docker",
                f"docker.from_env().containers.list(all={found.everything}, "
                'filters={"label": "containers-unpacked=1"})',
            ),
        ),
    )


def left(found: Listing, removed: str) -> Figure:
    """The same, once one is removed: how it was."""
    python = ("import docker", f"docker.from_env().containers.get({removed!r}).remove(force=True, v=True)")
    return replace(listing(found), how=How(docker=(f"docker rm --force --volumes {removed}",), python=python))


def _rows(containers: tuple[Container, ...], question: str, answer: str, *, sentence: str, how: How) -> Figure:
    card = Card(question, answer)
    y = float(TOP)
    for found in containers[:40]:
        mark, colour = MARKS.get(found.state, ("–", "soft"))
        card.box(MARGIN, y, WIDTH - 2 * MARGIN, 48, "container", dashed=found.state is not State.RUNNING)
        card.text(MARGIN + 14, y + 21, mark, style=f"b {colour}")
        card.text(MARGIN + 34, y + 21, found.name, style="b", room=190)
        card.text(MARGIN + 34, y + 38, state_in_words(found), style="n soft", room=190)
        card.text(MARGIN + 240, y + 21, found.image, style="m", room=250)
        card.text(MARGIN + 240, y + 38, quote(found.command), style="m soft", room=250)
        ports = ", ".join(port_in_words(p) for p in found.published)
        card.text(WIDTH - MARGIN - 12, y + 21, ports, style="m", end=True, room=200)
        y += 56
    if len(containers) > 40:
        card.text(MARGIN, y + 12, f"and {len(containers) - 40} more: see the text version", style="soft")
    return Figure(
        sentence=sentence,
        svg=card.svg(),
        alt=answer,
        tables=(
            Table(
                caption="Containers",
                columns=("name", "state", "image", "command", "published", "name on the engine", "id"),
                rows=tuple(
                    (
                        c.name,
                        state_in_words(c),
                        c.image,
                        quote(c.command),
                        ", ".join(port_in_words(p) for p in c.published),
                        c.full_name,
                        c.id[:12],
                    )
                    for c in containers
                ),
            ),
        ),
        how=how,
    )
