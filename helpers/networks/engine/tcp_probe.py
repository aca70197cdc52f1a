"""Trying, from inside a container's network namespace, what it reaches: a helper container joins it for a moment.

The source's image needs no tools. The helper shares its process namespace too, only to see which of the sockets there
are its own: with the host's network, all of the host's would show.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from helpers.engine import helper_container
from helpers.engine.client import Client
from helpers.networks.model.reachability import Listener, Reach, called, listeners, looked_up

SECONDS = 1  # for one name, and for one call
BUSY = 2.2  # seconds after which silence may be this machine's fault: tried once more

# One line for each thing seen. The listing of /proc/*/fd says whose the sockets are.
_LOOK = r"""
echo "boot $(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
echo "net $(readlink /proc/self/ns/net)"
ls /proc/1/fd >/dev/null 2>&1 && echo "seen yes"
sed 's/^/hosts /' /etc/hosts 2>/dev/null
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | sed -n 's/^ *[0-9]*: /tcp x /p'
ls -l /proc/[0-9]*/fd 2>/dev/null | sed -n 's/.*socket:\[\([0-9]*\)\]$/own \1/p'
"""

# All at once. Each answer is one line in one write, so that they do not mix. A refusal is tried again: a server that
# has just been started may not listen yet. `held` looks whether a call that was taken is hung up at once: a proxy takes
# every call, also for a container in which nothing listens.
_TRY = r"""
say() { printf '%s\t%s\t%s\n' "$1" "$2" "$(printf %s "$3" | tr '\n\t' '| ' | cut -c1-1500)"; }
name() { o=$(timeout @s nslookup -type=a "$1." 2>&1); say "name $1" $? "$o"; }
call() {
  o=$(nc -w @s "$1" "$2" -e true 2>&1); c=$?
  case $o in *refused*) usleep 200000; o=$(nc -w @s "$1" "$2" -e true 2>&1); c=$?;; esac
  say "call $1 $2" $c "$o"
}
held() {
  f=/tmp/held.$1.$2
  sleep 0.6 | nc -w @s "$1" "$2" >$f 2>&1 & p=$!
  usleep 350000
  if kill -0 $p 2>/dev/null || { wait $p && [ -s $f ]; }; then say "held $1 $2" 0 ""
  elif [ -s $f ]; then say "held $1 $2" 1 "$(cat $f)"
  else say "held $1 $2" 1 "hung up"; fi
}
for t in "$@"; do $t & done
wait
"""


@dataclass(frozen=True, kw_only=True)
class Ear:
    """What a namespace looks like from inside. place: the same for two that are one namespace of one machine."""

    place: str
    listening: tuple[Listener, ...] | None
    hosts: Mapping[str, tuple[str, ...]]


@dataclass
class Heard:
    """What came of the attempts: names to addresses or a reason, calls by address and port."""

    names: dict[str, tuple[Reach | None, tuple[str, ...]]] = field(default_factory=dict)
    calls: dict[tuple[str, int], Reach] = field(default_factory=dict)
    held: dict[tuple[str, int], Reach] = field(default_factory=dict)


class Helper(helper_container.Helper):
    """A helper container that looks around in its network namespace, and tries what it reaches."""

    def look(self) -> Ear:
        """Reads what listens there, and what its hosts file says. One exec."""
        lines = self.run(_LOOK).splitlines()
        parts: dict[str, list[str]] = {}
        for line in lines:
            kind, _, rest = line.partition(" ")
            parts.setdefault(kind, []).append(rest)
        own = frozenset(parts.get("own", ())) if "seen" in parts else None
        place = f"{''.join(parts.get('boot', ()))} {''.join(parts.get('net', ()))}".strip()
        found = listeners(parts.get("tcp", ()), own)
        return Ear(place=place, listening=found, hosts=hosts(parts.get("hosts", ())))

    def attempt(
        self, names: Iterable[str], calls: Iterable[tuple[str, int]], held: Iterable[tuple[str, int]] = ()
    ) -> Heard:
        """Tries names and calls, all at the same time. About a second, if anything stays silent."""
        heard = Heard()
        tasks = [f"name {word}" for word in names if _NAME.fullmatch(word)]
        tasks += [f"call {address} {port}" for address, port in calls]
        tasks += [f"held {address} {port}" for address, port in held]
        started = time.monotonic()
        read(self._tried(tasks), heard)
        if time.monotonic() - started > BUSY:
            again = [task for task in tasks if _silent(task, heard)]
            read(self._tried(again), heard)
        return heard

    def _tried(self, tasks: Sequence[str]) -> str:
        return self.run(_TRY.replace("@s", str(SECONDS)), *tasks) if tasks else ""


_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,250}")  # what goes through a shell as one word


def _silent(task: str, heard: Heard) -> bool:
    kind, *words = task.split()
    if kind == "name":
        return heard.names.get(words[0], (Reach.NO_DNS, ()))[0] is Reach.NO_DNS
    calls = heard.calls if kind == "call" else heard.held
    return calls.get((words[0], int(words[1])), Reach.FILTERED) is Reach.FILTERED


def read(text: str, heard: Heard) -> None:
    """Adds what the script has written: lines of `what, exit code, words`; others are passed over."""
    for line in text.splitlines():
        parts = line.split("\t")
        if len(parts) != 3 or not parts[1].isdigit():
            continue
        what, code, words = parts[0].split(), int(parts[1]), parts[2]
        if what[:1] == ["name"] and len(what) == 2:
            heard.names[what[1]] = looked_up(words, code)
        elif what[:1] in (["call"], ["held"]) and len(what) == 3 and what[2].isdigit():
            calls = heard.calls if what[0] == "call" else heard.held
            calls[what[1], int(what[2])] = called(words, code)


def hosts(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Names to addresses, from lines of a hosts file; IPv4 only, as the names are asked for."""
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        words = line.partition("#")[0].split()
        for name in words[1:]:
            if ":" not in words[0] and words[0] not in found.get(name, ()):
                found[name] = (*found.get(name, ()), words[0])
    return found


@contextlib.contextmanager
def helper(client: Client, network: str, *, scene: str) -> Iterator[Helper]:
    """A helper in that namespace: a container's id, or "host". It is gone at the end.

    Raises: EngineRefused where the engine does not let a container in.
    """
    with helper_container.helper(client, network, scene=scene, kind=Helper) as found:
        yield found


def from_here(names: Iterable[str], calls: Iterable[tuple[str, int]], held: Iterable[tuple[str, int]] = ()) -> Heard:
    """The same from this computer, by this process."""
    heard = Heard()
    jobs = [threading.Thread(target=_name_here, args=(word, heard), daemon=True) for word in dict.fromkeys(names)]
    jobs += [
        threading.Thread(target=_call_here, args=(*one, heard, False), daemon=True) for one in dict.fromkeys(calls)
    ]
    jobs += [threading.Thread(target=_call_here, args=(*one, heard, True), daemon=True) for one in dict.fromkeys(held)]
    for job in jobs:
        job.start()
    until = time.monotonic() + 2 * SECONDS + 0.6
    for job in jobs:
        job.join(max(until - time.monotonic(), 0))
    return heard


def place_here() -> str:
    """What `Ear.place` would say of this process; "" where the system does not tell."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/net').readlink()}"
    except OSError:
        return ""


def _name_here(word: str, heard: Heard) -> None:
    try:
        found = socket.getaddrinfo(word, None, socket.AF_INET, socket.SOCK_STREAM)
        heard.names[word] = (None, tuple(dict.fromkeys(str(row[4][0]) for row in found)))
    except socket.gaierror as error:
        silent = error.errno in (socket.EAI_AGAIN, getattr(socket, "EAI_SYSTEM", None))
        heard.names[word] = (Reach.NO_DNS if silent else Reach.NO_NAME, ())
    except (OSError, UnicodeError):
        heard.names[word] = (Reach.NO_NAME, ())


def _call_here(address: str, port: int, heard: Heard, hold: bool) -> None:
    """One call. hold: look whether it is hung up at once, as a proxy does if nothing listens behind it."""
    calls = heard.held if hold else heard.calls
    for attempt in (1, 2):
        reach = _called_here(address, port, hold)
        calls[address, port] = reach
        if reach is not Reach.REFUSED or attempt == 2:
            return
        time.sleep(0.2)


def _called_here(address: str, port: int, hold: bool) -> Reach:
    try:
        with socket.create_connection((address, port), timeout=SECONDS) as line:
            if not hold:
                return Reach.REACHED
            line.settimeout(0.35)
            try:
                return Reach.REACHED if line.recv(1) else Reach.REFUSED
            except TimeoutError:
                return Reach.REACHED  # it waits for us to say something
            except ConnectionError:
                return Reach.REFUSED
    except ConnectionRefusedError:
        return Reach.REFUSED
    except TimeoutError:
        return Reach.FILTERED
    except OSError:
        return Reach.NO_ROUTE
