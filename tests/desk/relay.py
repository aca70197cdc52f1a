"""A socket in front of the engine's own, which can hang, refuse, and be there again: an engine's bad days."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path


class Relay:
    """Hands everything through until it is told otherwise. hang: no byte goes on, and nothing is closed."""

    def __init__(self, path: Path, target: str) -> None:
        self.path = path
        self.url = f"unix://{path}"
        self._target = target.removeprefix("unix://")
        self._open = threading.Event()
        self._open.set()
        self._wires: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self.up()

    def up(self) -> None:
        """It listens, as an engine that was started."""
        listener = self._listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.path))
        listener.listen(64)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def gone(self) -> None:
        """It is away: every connection breaks, and there is no socket."""
        self.path.unlink(missing_ok=True)
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        for wire in self._wires:
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
            wire.close()
        self._wires.clear()

    def hang(self) -> None:
        """Connections stay, new ones are taken, and nothing is answered."""
        self._open.clear()

    def go_on(self) -> None:
        """What waited goes on."""
        self._open.set()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._target)
                self._wires += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                self._open.wait()
                other.sendall(data)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_WR)
