"""For checks: how much of the machine a container may have, by its record and by a bounded attempt inside of it."""

from __future__ import annotations

import time

from helpers.engine.model.container import Container
from helpers.errors import EngineError
from helpers.isolation.engine import recorded_limits
from helpers.isolation.model.recorded_limits import Bounds, Use
from helpers.lab.look import Look


class Limits:
    """A container's limits, tried. Every attempt ends by itself."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def of(self, container: Container) -> Bounds:
        """Its limits on record."""
        return recorded_limits.bounds(self._look.client, container.id)

    def use(self, container: Container) -> Use:
        """What it has had since it started."""
        return recorded_limits.use(self._look.client, container.id)

    def swap_can_be_limited(self) -> bool:
        """False where the engine's kernel keeps no account of swap; then no number says anything of it."""
        return recorded_limits.swap_can_be_limited(self._look.client)

    def cpus(self, container: Container, *command: str, seconds: float = 2) -> float:
        """How many CPUs' worth of time it takes while `command` runs in it, measured over `seconds`."""
        recorded_limits.start_inside(self._look.client, container, command, seconds=round(seconds) + 3)
        time.sleep(0.3)  # until it is at work
        first, began = self.use(container).cpu, time.monotonic()
        while time.monotonic() - began < min(seconds, self._look.left()):
            time.sleep(0.05)
        return (self.use(container).cpu - first) / (time.monotonic() - began)

    def inside(self, container: Container, *command: str, user: str = "", seconds: int = 8) -> str:
        """What a command in it writes; "" if the engine can't start it there."""
        limit = max(1, round(min(seconds, self._look.left())))
        try:
            return recorded_limits.run_inside(
                self._look.client, container, command, user=user, seconds=limit
            ).text.strip()
        except EngineError:
            return ""

    def allocated(self, container: Container, megabytes: int) -> int:
        """How many MB one process in it gets, of as many as that; at most 256. 0 if it was ended for it.

        It offers itself to the kernel: where memory runs out, nothing else in the container is ended in its place.
        """
        wanted = min(megabytes, 256) * 1_000_000
        script = f"echo 1000 >/proc/self/oom_score_adj; head -c {wanted} /dev/zero | tail | wc -c"
        said = self.inside(container, "sh", "-c", script, seconds=12).split()
        return int(said[-1]) // 1_000_000 if said and said[-1].isdigit() else 0

    def forked(self, container: Container, number: int) -> int:
        """How many processes one shell in it can start, of as many as that; at most 200. They end after 2 s."""
        loop = f"i=0; while [ $i -lt {min(number, 200)} ]; do sleep 2 & i=$((i+1)); echo $i; done 2>/dev/null"
        numbers = [word for word in self.inside(container, "sh", "-c", loop).split() if word.isdigit()]
        return int(numbers[-1]) if numbers else 0

    def status(self, container: Container) -> dict[str, str]:
        """What the kernel says of its first process: Uid, CapEff, NoNewPrivs and so on."""
        lines = self.inside(container, "cat", "/proc/1/status").splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
