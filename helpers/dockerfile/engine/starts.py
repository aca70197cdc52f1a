"""The table of what starts: every cell a container that is really run, is sent SIGTERM, and goes again.

The course's Python image has dash for its /bin/sh, as Debian has. It matters: dash starts the command of `sh -c` as a
child and waits for it, whereas the shells of busybox and bash, given one simple command, become that command. There a
shell form may hear the signal; whether it does is then the shell's doing, not the Dockerfile's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from helpers import errors
from helpers.dockerfile.engine import signals, steps
from helpers.dockerfile.model.begin import STOP
from helpers.dockerfile.model.starts import Cell, Row, Starts, brief, last_line, of_the_program
from helpers.engine import base_images, containers, image_names
from helpers.engine.bounded.rights import MEGABYTE, NONE
from helpers.engine.build import classic
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from helpers.lab.engine.sandbox import NO_HEALTHCHECK

AT_ONCE = 8  # most of them only wait for the end of a grace period
READY = 3.0  # seconds after which a program that writes nothing counts as up
SLOW = 4  # so many times what a start has taken, the program gets too, if that is more: then the machine is busy
LONGEST = 15.0  # seconds, for either
GREETED = 15.0  # seconds that the table's own program may take for its greeting, on a busy machine
MEMORY = 128 * MEGABYTE
PROCESSES = 64
NAME = "starts"
PROGRAM = "/usr/local/bin/greet"
GREET = b"""\
#!/usr/bin/env python3
# Greets its arguments and waits, at most a minute. It hears SIGTERM.
import os, signal, sys, time

def end(number, frame):
    os.write(1, b"greet: SIGTERM\\n")  # print would not do here: it may be in the middle of the other one
    os._exit(0)

signal.signal(signal.SIGTERM, end)
print(f"Hello, {' '.join(sys.argv[1:]) or 'nobody'}.", flush=True)
time.sleep(60)
"""
TABLE = (
    ('CMD ["greet", "Ada"]',),
    ("CMD greet Ada",),
    ('ENTRYPOINT ["greet"]',),
    ('ENTRYPOINT ["greet"]', 'CMD ["Ada"]'),
    ('ENTRYPOINT ["greet"]', "CMD Ada"),
    ("ENTRYPOINT greet",),
    ("ENTRYPOINT greet", 'CMD ["Ada"]'),
    ("ENTRYPOINT greet", "CMD Ada"),
)


def _quiet(words: str, done: int, total: int) -> None:
    """Says nothing."""


def table(client: Client, *, scene: str, say: Callable[[str, int, int], None] = _quiet) -> tuple[str, ...]:
    """Builds the eight images of the whole table; returns their references. They belong to the scene, and go with it.

    say: gets what is made now, how many are done, and of how many.

    Raises: NoSuchImage without the base image.
    """
    made = []
    for number, lines in enumerate(TABLE, start=1):
        say(f"building an image: {'; '.join(lines)}", number - 1, len(TABLE))
        tag = f"{labels.object_name(f'{NAME}-{number}')}:1"
        text = "\n".join((f"FROM {base_images.reference('python')}", f"COPY greet {PROGRAM}", *lines, ""))
        classic.build(client, dockerfile=text, context={"greet": GREET}, tag=tag, scene=scene)
        made.append(tag)
    return tuple(made)


def starts(
    client: Client,
    images: Sequence[str],
    *,
    arguments: Sequence[str],
    init: bool,
    seconds: float,
    scene: str,
    ready: float = READY,
    say: Callable[[str, int, int], None] = _quiet,
) -> Starts:
    """Runs each image without arguments, and with them if there are any. Nothing is left, also after an interrupt.

    ready: seconds after which a program that writes nothing counts as up. say: gets how many have ended, and of how
    many.

    Raises: NoSuchImage.
    """
    begins = [steps.begin(client, image) for image in images]
    over = threading.Event()
    how = _How(scene=scene, init=init, seconds=seconds, ready=ready, over=over)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            runs = ((), arguments) if arguments else ((),)
            jobs = [[pool.submit(_cell, client, image, words, how) for words in runs] for image in images]
            total = len(runs) * len(images)
            for number, _ in enumerate(as_completed([job for row in jobs for job in row]), start=1):
                say(f"{number} of {total} containers have been started and stopped", number, total)
            cells = [tuple(job.result() for job in row) for row in jobs]
        except BaseException:
            over.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    rows = tuple(
        Row(
            name=image_names.word(image).removesuffix(":1"),
            full_name=image,
            entrypoint=begin.entrypoint,
            command=begin.command,
            entrypoint_form=begin.entrypoint_form,
            command_form=begin.command_form,
            cells=row,
        )
        for image, begin, row in zip(images, begins, cells, strict=True)
    )
    return Starts(rows=rows, arguments=tuple(arguments), seconds=seconds, init=init)


@dataclass(frozen=True, kw_only=True)
class _How:
    """What all cells have in common. over: set if nobody waits for them any more."""

    scene: str
    init: bool
    seconds: float
    ready: float
    over: threading.Event

    def going(self) -> bool:
        """True as long as somebody waits for them."""
        return not self.over.is_set()


def _cell(client: Client, image: str, arguments: Sequence[str], how: _How) -> Cell:
    """One container from start to end."""
    made = _create(client, image, arguments, how)
    try:
        begun = time.monotonic()
        try:
            containers.start(client, made)
        except errors.EngineRefused as error:
            if not of_the_program(error.message):
                raise
            return Cell(refused=brief(error.message))
        slow = min(SLOW * (time.monotonic() - begun), LONGEST)
        up = signals.until_up(client, made, scene=how.scene, seconds=max(how.ready, slow), going=how.going)
        said = last_line(up.log)
        if up.exit_code is not None:
            return Cell(said=said, exited=up.exit_code)
        ended = signals.send(client, made, up, signal=STOP, seconds=max(how.seconds, slow), going=how.going)
        if not ended.signal:  # it was quicker
            return Cell(tree=up.tree, said=last_line(ended.output), exited=ended.exit_code)
        return Cell(tree=up.tree, said=said, signalled=ended)
    finally:
        containers.remove(client, made)


def _create(client: Client, image: str, arguments: Sequence[str], how: _How) -> str:
    host = client.create_host_config(
        network_mode=NONE, mem_limit=MEMORY, memswap_limit=MEMORY, pids_limit=PROCESSES, init=how.init or None
    )
    answer = client.create_container(
        image,
        command=list(arguments) or None,
        labels=labels.helper_labels(how.scene, NAME),
        healthcheck=dict(NO_HEALTHCHECK),
        host_config=host,
    )
    return str(answer["Id"])
