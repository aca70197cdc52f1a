"""How the client reaches a Unix socket: docker-py's way, but for one socket that it leaves open."""

from __future__ import annotations

import socket
from typing import Any

from docker.transport import UnixHTTPAdapter
from docker.transport.unixconn import UnixHTTPConnection, UnixHTTPConnectionPool


class UnixAdapter(UnixHTTPAdapter):
    """docker-py's, with connections that close the socket of a failed attempt.

    docker-py 7.2 drops such a socket unclosed: whoever asks an engine that has gone holds one descriptor for each
    question until the garbage collector comes by, and is told of it then (ResourceWarning).
    """

    def get_connection(self, url: Any, proxies: Any = None) -> Any:  # noqa: ARG002 - docker-py's signature
        """The pool of connections for one address."""
        with self.pools.lock:
            pool = self.pools.get(url)
            if pool is None:
                pool = _Pool(url, self.socket_path, self.timeout, maxsize=self.max_pool_size)
                self.pools[url] = pool
        return pool


class _Pool(UnixHTTPConnectionPool):
    def _new_conn(self) -> Any:
        seconds: Any = self.timeout  # of two types, says the stub
        return _Connection(self.base_url, self.socket_path, seconds)


class _Connection(UnixHTTPConnection):
    def connect(self) -> None:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.settimeout(self.timeout)
            line.connect(self.unix_socket)
        except BaseException:
            line.close()
            raise
        self.sock = line
