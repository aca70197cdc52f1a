"""What the number means that a process ends with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from helpers.engine.model.container import State
from helpers.engine.model.events import Event

# By number: the kernel's, the same on every Linux engine, whatever system this runs on.
SIGNALS = {
    1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
    9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
    17: "SIGCHLD", 18: "SIGCONT", 19: "SIGSTOP", 20: "SIGTSTP", 28: "SIGWINCH",
}  # fmt: skip
KILLED = 128 + 9  # what is out of memory is ended by SIGKILL, which whoever asks the engine may send, too


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How the last run of a container's first process ended.

    name, full_name: the container's, and on the engine. exit_code: None if it has not ended. oom_killed: the engine
    saw the kernel end a process of it because memory ran out, some time, and not always the first one: by its record,
    or by its events alone. memory_limit: bytes; 0: none. error: the engine's words, if its last start was refused.
    ordered: the signal that ended it came through the engine; None if that was not asked, or if its events do not
    reach back so far.
    """

    name: str
    exit_code: int | None
    full_name: str = ""
    state: State = State.EXITED
    oom_killed: bool = False
    memory_limit: int = 0
    error: str = ""
    ordered: bool | None = None

    @property
    def ended(self) -> bool:
        """True if it ran, and runs no more."""
        return self.state in (State.EXITED, State.DEAD) and self.exit_code is not None

    @property
    def signal(self) -> int | None:
        """The number of the signal that ended it; None if it ended by itself."""
        return signal_of(self.exit_code) if self.ended else None

    @property
    def unexplained(self) -> bool:
        """True if SIGKILL ended it under a memory limit, and the engine knows neither of an order nor of memory.

        So it is, rarely, where the news that memory ran out came after the end that it led to (20.10, busy).
        """
        return bool(
            self.ended
            and self.exit_code == KILLED
            and self.memory_limit
            and not self.oom_killed
            and self.ordered is False
        )

    @property
    def meaning(self) -> str:
        """The exit code in words, with what else the engine knows."""
        if self.exit_code is None:
            return "it has not ended"
        if self.state is State.CREATED:
            return f"it never ran: {meaning(self.exit_code)}"
        if self.oom_killed and self.ordered:
            return f"{meaning(self.exit_code)}; somebody ordered it, and a process in it had been out of memory before"
        if self.oom_killed:
            return f"{meaning(self.exit_code)}; the engine notes that it was out of memory"
        if self.unexplained:
            return f"{meaning(KILLED)}; the engine notes no reason, but memory was limited, and nobody ordered an end"
        if self.exit_code == KILLED:
            return f"{meaning(KILLED)}; the engine noted no lack of memory"
        return meaning(self.exit_code)


def signal_of(code: int | None) -> int | None:
    """The number of the signal that an exit code stands for: above 128 it is 128 and the signal."""
    return code - 128 if code is not None and 128 < code < 128 + 65 else None


def ordered(events: Iterable[Event], code: int) -> bool | None:
    """Whether the signal that ended a container's last run came through the engine: a kill or a stop.

    events: of that container, in any order: engines announce a quick end before the order that led to it. code: the
    exit code. An order of another signal does not count; where the code stands for none, any order does.

    None if the events do not hold that end: then they tell nothing of an order either.
    """
    told = sorted((event for event in events if event.kind == "container"), key=lambda event: event.at)
    starts = [at for at, event in enumerate(told) if event.action == "start"]
    run = told[starts[-1] :] if starts else told
    if not any(event.action == "die" for event in run):
        return None
    sent = {read_signal(event.labels.get("signal", "")) for event in run if event.action == "kill"}
    signal = signal_of(code)
    return bool(sent & {signal, 0}) if signal is not None else bool(sent)  # 0: the engine names no signal


def out_of_memory(events: Iterable[Event]) -> bool:
    """Whether the engine announced that memory ran out in a container's last run.

    events: of that container, in any order. Engines before 23.0 may announce it and not keep it: where the process
    ends before the news of it comes, `OOMKilled` stays false (measured on 20.10, busy).
    """
    told = sorted((event for event in events if event.kind == "container"), key=lambda event: event.at)
    starts = [at for at, event in enumerate(told) if event.action == "start"]
    return any(event.action == "oom" for event in (told[starts[-1] :] if starts else told))


def name_of(number: int) -> str:
    """`SIGTERM` for 15; `signal 40` for one without a name here."""
    return SIGNALS.get(number, f"signal {number}")


def read_signal(word: str) -> int:
    """The number of a signal as the engine's events give it: "15", "SIGTERM" or "TERM"; 0 if it is none."""
    word = word.strip().upper()
    if word.isascii() and word.isdigit():
        return int(word) if 0 < int(word) < 65 else 0
    full = word if word.startswith("SIG") else f"SIG{word}"
    return next((number for number, name in SIGNALS.items() if name == full), 0)


def meaning(code: int) -> str:
    """An exit code in words: what the number says, and no more.

    Sources: POSIX, "Shell Command Language", 2.8.2; docker run, "Exit status"; for 255 containerd's UnknownExitStatus.
    """
    if code == 0:
        return "success"
    if code == 125:
        return (
            "the docker command's own number: it could not do what it was asked. In a container, the program chose it"
        )
    if code == 126:
        return "the program was found, but could not be run"
    if code == 127:
        return "no program of that name was found"
    if code == 255:
        return "the program's own number; engines also write it when they have lost the real one"
    number = signal_of(code)
    if number is not None:
        return f"128 + {number}: ended by {name_of(number)}"
    return "the program reported its own error"
