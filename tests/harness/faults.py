"""A line to the engine that breaks when a test says so: a Unix socket that hands everything on, but for one call.

`Relay(engine, folder)` listens; the helpers reach the engine by `relay.url`. `relay.calls` is what was asked since
`relay.listen()`. `relay.strike(Fault(...))` breaks one call in one `Way`, and once; `relay.mend()` makes the line whole
again. What was upgraded (exec, BuildKit) is handed on as it is.
"""

from __future__ import annotations

import contextlib
import enum
import json
import re
import select
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpers.engine.client import Client

PIECE = 1 << 16
HELD = 20.0  # seconds that a stalled call is held: a client without a deadline of its own fails its test, and goes on
LOST = "a1" * 32


class Way(enum.Enum):
    """How a call is broken."""

    STALL = "nothing comes"
    STALL_MIDDLE = "nothing more comes after half an answer"
    CUT_BEFORE = "cut before the engine heard of it"
    CUT_AFTER = "cut when the engine had done it"
    CUT_MIDDLE = "cut in the middle of the answer"
    CUT_BETWEEN = "cut when something had come, between two pieces"
    REFUSED = "answered with 500"
    REFUSED_AFTER = "answered with 500 when the engine had done it"
    ENDED = "the engine ends"
    GONE_LAYER = "404 content digest not found"
    CHANGED = "500 data changed"
    LOST_IMAGE = "the builder lost an image"
    TOGETHER = "the head of the answer and what follows it come at once"


# the containerd store's own words: an image went while it was read
STUMBLES = {
    Way.GONE_LAYER: (404, f"NotFound: content digest sha256:{LOST}: not found"),
    Way.CHANGED: (500, "consistency error: data changed during operation, retry"),
    Way.REFUSED: (500, "the relay of the tests refuses"),
    Way.REFUSED_AFTER: (500, "the relay of the tests refuses"),
}


@dataclass(frozen=True)
class Fault:
    """What breaks: the nth call of that kind from now on, such as "GET /containers/{}/json"."""

    call: str
    nth: int
    way: Way

    def __str__(self) -> str:
        return f"{self.call} ({self.nth}): {self.way.value}"


_WORDS = set(
    re.findall(
        "[a-z]+",
        """json start stop kill wait logs rename pause unpause restart update archive top stats
    changes export connect disconnect tag history attach""",
    )
)
_OWN = {"json", "create", "load", "get"}  # what follows a kind and is no name


def kind_of(method: str, target: str) -> str:
    """A call without its version, ids and question: "GET /containers/{}/json"."""
    path = re.sub(r"^/v\d[\d.]*(?=/)", "", target.partition("?")[0])
    first, _, rest = path.strip("/").partition("/")
    if first in ("containers", "images", "networks", "volumes", "exec", "distribution") and rest and rest not in _OWN:
        last = rest.rpartition("/")[2]
        path = f"/{first}/{{}}" + (f"/{last}" if last in _WORDS and last != rest else "")
    return f"{method} {path}"


class Message:
    """One message of HTTP/1.1 as it passes: what it is, and where it ends.

    answers: the method of the request that it answers; "" for a request. first: the first line's words.
    """

    def __init__(self, answers: str = "") -> None:
        self.answers = answers
        self.first: list[str] = []
        self.headed = self.done = self.open = False  # open: its end is the line's
        self._headers: dict[str, str] = {}
        self._line = b""
        self._left = 0
        self._chunks = self._last = False

    @property
    def status(self) -> int:
        """An answer's status; 0 before its head is whole."""
        return int(self.first[1]) if self.answers and self.headed else 0

    def feed(self, data: bytes) -> int:
        """Reads on; returns how many of the bytes were this message's."""
        at = 0
        while at < len(data) and not self.done:
            if self.open:
                return len(data)
            if self._left:
                taken = min(self._left, len(data) - at)
                at, self._left = at + taken, self._left - taken
                self.done = not self._left and not self._chunks
                continue
            end = data.find(b"\n", at) + 1
            self._line += data[at : end or len(data)]
            at = end or len(data)
            if end:
                line, self._line = self._line.decode("latin-1").strip(), b""
                self._read(line)
        return at

    def _read(self, line: str) -> None:
        if self._chunks:
            if self._last:
                self.done = not line  # after trailers, if there are any
            elif line:  # an empty one ends the chunk before
                self._left = int(line.partition(";")[0], 16)
                self._last = not self._left
        elif not self.first:
            self.first = line.split(" ", 2)
        elif line:
            name, _, value = line.partition(":")
            self._headers[name.strip().lower()] = value.strip().lower()
        elif self.answers and self.first[1] == "100":
            self.first, self._headers = [], {}  # the answer proper follows
        else:
            self._headed()

    def _headed(self) -> None:
        self.headed = True
        self._chunks = "chunked" in self._headers.get("transfer-encoding", "")
        self._left = int(self._headers.get("content-length", "0"))
        if self.answers and (self.answers == "HEAD" or self.status in (204, 304)):
            self.done = True
        elif not self._chunks and not self._left:
            self.open = bool(self.answers) and (self.status == 101 or "content-length" not in self._headers)
            self.done = not self.open


class Relay:
    """The line. engine: the engine's socket. folder: for the relay's own, whose path must be short.

    on_end: called when a fault ends the engine; where there is none, the line plays it: nobody listens until `mend`.
    """

    def __init__(self, engine: str, folder: Path, on_end: Callable[[], None] | None = None) -> None:
        self._engine, self._path, self._on_end = engine, folder / "relay.sock", on_end
        self.url = f"unix://{self._path}"
        self._lock = threading.Lock()
        self._lines: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._mended = threading.Event()
        self.calls: list[str] = []
        self._fault: Fault | None = None
        self._seen = 0
        self.struck = False
        self._door = self._listening()

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_: object) -> None:
        self.mend()
        self._shut()
        for thread in self._threads:
            thread.join(10)
        assert not any(thread.is_alive() for thread in self._threads)

    def listen(self) -> None:
        """Forgets the calls until now."""
        with self._lock:
            self.calls.clear()

    def strike(self, fault: Fault) -> None:
        """Breaks what the fault says, once."""
        with self._lock:
            self._fault, self._seen, self.struck = fault, 0, False
            self._mended.clear()

    def mend(self) -> None:
        """The line is whole again; what was held is let go."""
        with self._lock:
            self._fault = None
            self._mended.set()
            closed = self._door is None
        if closed:
            self._door = self._listening()

    def _listening(self) -> socket.socket:
        self._path.unlink(missing_ok=True)
        door = socket.socket(socket.AF_UNIX)
        door.bind(str(self._path))
        door.listen(64)
        self._begin(self._accept, door)
        return door

    def _begin(self, work: Callable[[socket.socket], None], line: socket.socket) -> None:
        thread = threading.Thread(target=work, args=(line,), name="faults-relay", daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()

    def _shut(self) -> None:
        """Nobody listens any more, and every open line ends."""
        door, self._door = self._door, None  # type: ignore[assignment]
        with self._lock:
            open_lines = list(self._lines)
        for line in [door, *open_lines]:
            if line is not None:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    def _accept(self, door: socket.socket) -> None:
        with door, contextlib.suppress(OSError):
            while True:
                line, _ = door.accept()
                self._begin(self._serve, line)

    def _serve(self, line: socket.socket) -> None:
        with line, socket.socket(socket.AF_UNIX) as engine, contextlib.suppress(OSError), self._known(line):
            connected, rest = False, b""
            while True:
                request, head = Message(), rest
                request.feed(head)
                while not request.headed:
                    piece = line.recv(PIECE)
                    if not piece:
                        return
                    head += piece
                    request.feed(piece)
                way = self._way(kind_of(request.first[0], request.first[1]))
                if way in (Way.STALL, Way.CUT_BEFORE, Way.ENDED):
                    self._break(line, way)
                    return
                if way in (Way.REFUSED, Way.GONE_LAYER, Way.CHANGED, Way.LOST_IMAGE):
                    while not request.done and (piece := line.recv(PIECE)):
                        request.feed(piece)
                    line.sendall(_stumble(way))
                    return
                if not connected:
                    engine.connect(self._engine)
                    connected = True
                if not self._passed(line, engine, request, head, way):
                    return
                rest = b""  # no client of ours sends a request before the last one's answer is whole

    @contextlib.contextmanager
    def _known(self, line: socket.socket) -> Iterator[None]:
        with self._lock:
            self._lines.add(line)
        try:
            yield
        finally:
            with self._lock:
                self._lines.discard(line)

    def _way(self, call: str) -> Way | None:
        """Notes the call; how it is to be broken, if it is."""
        with self._lock:
            self.calls.append(call)
            fault = self._fault
            if fault is None or fault.call != call:
                return None
            self._seen += 1
            if self.struck or self._seen != fault.nth:
                return None
            self.struck = True
            return fault.way

    def _break(self, line: socket.socket, way: Way) -> None:
        if way is Way.STALL or way is Way.STALL_MIDDLE:
            self._hold(line)
        elif way is Way.ENDED:
            if self._on_end is not None:
                self._on_end()
            self._shut()

    def _hold(self, line: socket.socket) -> None:
        """Says nothing until the client has had enough, or the test."""
        hung_up = select.poll()
        hung_up.register(line, select.POLLRDHUP)
        for _ in range(int(HELD / 0.05)):
            if self._mended.is_set() or hung_up.poll(50):
                return

    def _passed(
        self, line: socket.socket, engine: socket.socket, request: Message, head: bytes, way: Way | None
    ) -> bool:
        """Hands one call on, and its answer back; False if the line ends with it."""
        engine.sendall(head)
        answer = Message(request.first[0])
        endless = b"/events" in head.partition(b"\r\n")[0]
        sides, held, tail = [line, engine], b"", b""
        while not (answer.done and (request.done or way)):
            for side in select.select(sides, [], [])[0]:
                piece = side.recv(PIECE)
                if side is line:
                    if not piece and not answer.open:
                        return False
                    if not piece:  # an upgraded line: no more input, but there may be output
                        sides.remove(line)
                        engine.shutdown(socket.SHUT_WR)
                        continue
                    request.feed(piece)
                    engine.sendall(piece)
                    continue
                if not piece:
                    if way is Way.REFUSED_AFTER:
                        line.sendall(_stumble(way))
                    return False
                answer.feed(piece)
                tail = (tail + piece)[-4:]  # engines write an upgraded answer's head in two pieces
                if way in (Way.CUT_MIDDLE, Way.STALL_MIDDLE):
                    piece = held = held + piece
                    if not answer.headed or (answer.status == 101 and tail == b"\r\n\r\n"):
                        continue  # a head that ends early is a whole one to Python's http: broken is what follows
                    body = piece.partition(b"\r\n\r\n")[2]
                    half = len(piece) - len(body) // 2 if body else len(piece) // 2
                    line.sendall(piece[: half - (len(body) == 1)])
                    self._break(line, way)
                    return False
                if way is Way.CUT_BETWEEN and answer.headed and tail != b"\r\n\r\n":
                    line.sendall(piece)
                    return False
                if way is Way.TOGETHER:  # nothing is lost: a quick engine may do so
                    held += piece
                    if answer.headed and held.endswith(b"\r\n\r\n"):
                        continue
                    piece, way = held, None
                if way in (None, Way.CUT_BETWEEN):
                    line.sendall(piece)
                elif answer.headed and (answer.open or endless):  # begun is done
                    answer.done = True
        if way is Way.REFUSED_AFTER:
            line.sendall(_stumble(way))
        return way is None and not answer.open


@contextlib.contextmanager
def relayed(client: Client, on_end: Callable[[], None] | None = None) -> Iterator[Relay]:
    """A relay to the engine that `client` is connected to; skips where that has no socket here."""
    kind, path = client.address.url.split("://")
    if kind != "unix":
        pytest.skip("the engine has no socket here")
    folder = Path(tempfile.mkdtemp(prefix="cu-"))  # a socket's path must be short
    try:
        with Relay(path, folder, on_end) as relay:
            yield relay
    finally:
        shutil.rmtree(folder)


def _stumble(way: Way) -> bytes:
    """An answer in the engine's own form."""
    if way is Way.LOST_IMAGE:
        said = f'unable to find image "sha256:{LOST}"'
        body = json.dumps({"errorDetail": {"message": said}, "error": said}).encode() + b"\r\n"
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
        return f"{head}Connection: close\r\n\r\n{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    status, said = STUMBLES[way]
    body = json.dumps({"message": said}).encode()
    head = f"HTTP/1.1 {status} Broken\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body
