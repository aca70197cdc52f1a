"""The connection to the engine: one client, every call recorded, every failure in the course's own words."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import requests
from docker.errors import APIError, DockerException
from docker.transport import UnixHTTPAdapter
from docker.types import CancellableStream

from helpers import errors
from helpers.engine import again
from helpers.engine.discovery import Address, candidates
from helpers.engine.model.calls import Call, Trace
from helpers.engine.model.events import Event, stamp
from helpers.engine.model.log_limit import log_config
from helpers.engine.ownership.ledger import OwningClient
from helpers.engine.unix_socket import UnixAdapter
from helpers.errors import Tried

CONNECT_SECONDS = 4.0
ANSWER_SECONDS = 120.0
PLAIN = {"Accept-Encoding": "identity"}  # else an engine packs what it sends, and a megabyte may be a gigabyte


class Stream:
    """What a container says, piece by piece. To be closed by who reads it."""

    def __init__(self, stream: Any, pieces: Iterable[Any] | None = None) -> None:
        """`pieces`, if docker-py's stream would take a connection that breaks off for its end."""
        self._stream = stream
        self._pieces = stream if pieces is None else pieces

    def __iter__(self) -> Iterator[Any]:
        return iter(self._pieces)

    def cancel(self) -> None:
        """Ends it, from any thread; who reads it comes to its end. Over SSH that is not possible."""
        with contextlib.suppress(Exception):  # it has ended by itself
            self._stream.close()

    def close(self) -> None:
        """Lets go of the connection, which docker-py's own way to close leaves half open."""
        with contextlib.suppress(Exception):
            self._stream._response.close()


class Client(OwningClient):
    """docker-py's low-level client that keeps a trace and raises the course's errors; see OwningClient, too.

    Low-level on purpose: `client.list()` of the high-level one inspects each object again.
    """

    def __init__(self, address: Address, *, timeout: float = ANSWER_SECONDS) -> None:
        self.address = address
        self._calls: deque[Call] = deque(maxlen=2000)
        self._recording = threading.local()
        self.last_trace = Trace(verb="nothing yet", calls=())
        try:
            super().__init__(base_url=address.url, version="auto", timeout=int(timeout), tls=address.tls or False)
        except BaseException:
            with contextlib.suppress(AttributeError):  # the session may not have come to be
                self.close()
            raise

    def mount(self, prefix: str | bytes, adapter: requests.adapters.BaseAdapter) -> None:
        """Puts the course's adapter for Unix sockets in the place of docker-py's, before the first call."""
        if isinstance(adapter, UnixHTTPAdapter):
            adapter = self._custom_adapter = UnixAdapter(
                f"http+unix://{adapter.socket_path}", adapter.timeout, max_pool_size=adapter.max_pool_size
            )
        super().mount(prefix, adapter)

    def merge_environment_settings(self, *args: Any, **kwargs: Any) -> Any:
        """No setting of the environment's: an engine is no page of the web, and is reached by no proxy (HTTP_PROXY)."""
        self.trust_env = False
        return super().merge_environment_settings(*args, **kwargs)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Sends one request, keeping its method, path, status and time.

        Raises: EngineNotReachable if the engine is gone.
        """
        started = time.perf_counter()
        status = 0
        try:
            response = self._recording.response = super().send(request, **kwargs)
            status = response.status_code
        except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError) as error:
            # A body that does not come in time is a ConnectionError too: `wait` answers with headers at once.
            if isinstance(error, requests.exceptions.ReadTimeout) or "read timed out" in str(error).lower():
                raise errors.WaitedTooLong(
                    f"an answer to {request.method} {_path(request.url)}",
                    seconds=time.perf_counter() - started,
                    status="connected, no answer",
                ) from error
            raise errors.EngineNotReachable((Tried(self.address.url, _reason(error)),)) from error
        finally:
            call = Call(
                method=request.method or "?",
                path=_path(request.url),
                status=status,
                seconds=time.perf_counter() - started,
            )
            calls: list[Call] | None = getattr(self._recording, "calls", None)
            if calls is not None:
                calls.append(call)
        return response

    @functools.cached_property
    def _log_config(self) -> dict[str, object] | None:
        """How much of a container's output the engine may keep, in its own words; None if it knows no such limit."""
        with self.unrecorded():
            return log_config(str(self.info().get("LoggingDriver") or ""))

    def create_container(self, *args: Any, **kwargs: Any) -> Any:
        """As OwningClient's, with a limit for what the engine keeps of its output, unless one was given.

        A container whose notebook was killed may write on for hours; the engine's disk must not fill meanwhile.
        """
        wanted = self._log_config
        if wanted is not None:
            host = kwargs.get("host_config")
            host = dict(self.create_host_config() if host is None else host)
            kwargs["host_config"] = {"LogConfig": wanted, **host}
        return super().create_container(*args, **kwargs)

    def images(self, *args: Any, **kwargs: Any) -> Any:
        """The list of images; asked for again if one of them went while the engine was reading them."""
        return again.persist(functools.partial(super().images, *args, **kwargs), again.changed)

    def inspect_image(self, *args: Any, **kwargs: Any) -> Any:
        """What there is to know of one image; asked for again if it went, or its name did, in the middle."""
        return again.persist(functools.partial(super().inspect_image, *args, **kwargs), again.changed)

    # -- what docker-py lacks, or has with no time limit, or only with a look at credentials

    def save(self, references: Sequence[str], *, timeout: float) -> requests.Response:
        """GET /images/get: images as one archive, which is the body; to be read, and closed, by whoever asks."""
        return self._answer("get", "/images/get", params={"names": references}, stream=True, timeout=timeout)

    def load(self, archive: Iterable[bytes], *, timeout: float) -> Generator[Any, None, None]:
        """POST /images/load: what the engine tells of it."""
        asked = {"data": archive, "params": {"quiet": True}}
        return self._objects(self._answer("post", "/images/load", stream=True, timeout=timeout, **asked))

    def create_image(self, reference: str, *, platform: str, timeout: float) -> Generator[Any, None, None]:
        """POST /images/create, which is a pull without credentials: what the engine tells of it."""
        wanted = {"fromImage": reference, "platform": platform}
        return self._objects(self._answer("post", "/images/create", params=wanted, stream=True, timeout=timeout))

    def distribution(self, reference: str, *, timeout: float) -> dict[str, Any]:
        """GET /distribution/NAME/json: what the registry has, asked by the engine, without credentials."""
        found: dict[str, Any] = self._answer("get", "/distribution/{0}/json", reference, timeout=timeout).json()
        return found

    def update(self, container: str, wanted: Mapping[str, Any]) -> tuple[str, ...]:
        """POST /containers/ID/update, of any limit that the engine knows; its warnings. Raises: NotOurs."""
        answer = self._answer("post", "/containers/{0}/update", self.require("container", container), json=wanted)
        return tuple(map(str, answer.json().get("Warnings") or ()))

    def now(self) -> str:
        """Seconds since 1970 in the engine's clock, which need not be this computer's; as `until` of its events."""
        return stamp(str(self.info().get("SystemTime") or ""))

    def log_stream(self, container: str, **wanted: Any) -> Stream:
        """GET /containers/ID/logs, up to now; see docker-py's `logs` for what may be wanted."""
        return Stream(super().logs(container, stream=True, follow=False, **wanted))

    def exec_stream(self, exec_id: str) -> Stream:
        """POST /exec/ID/start, and what the command says."""
        return Stream(super().exec_start(exec_id, stream=True))

    def build_stream(self, **wanted: Any) -> Stream:
        """POST /build, see docker-py's `build` for what may be wanted; what the engine tells of it, as objects."""
        told = super().build(decode=True, **wanted)
        return Stream(CancellableStream(told, self._recording.response), told)

    def archive(self, container: str, path: str) -> requests.Response:
        """GET /containers/ID/archive: a path as a tar, which is the body; to be read as far as wanted, and closed."""
        return self._answer(
            "get", "/containers/{0}/archive", container, params={"path": path}, stream=True, headers=PLAIN
        )

    def past_events(self, *, since: str, until: str, filters: Mapping[str, list[str]]) -> tuple[Event, ...]:
        """GET /events, of a time that is over."""
        asked = {"since": since, "until": until, "filters": json.dumps(filters)}
        return tuple(map(Event.read, self._objects(self._answer("get", "/events", params=asked, stream=True))))

    def _answer(self, method: str, path: str, *parts: str, **kwargs: Any) -> requests.Response:
        api: Any = self  # docker-py's stubs leave its own ways out
        answer: requests.Response = getattr(api, f"_{method}")(api._url(path, *parts), **kwargs)
        self._raise_for_status(answer)
        return answer

    def _objects(self, answer: requests.Response) -> Generator[Any, None, None]:
        """What an answer brings that comes bit by bit; closed with it."""
        api: Any = self
        with contextlib.closing(answer):
            yield from api._stream_helper(answer, decode=True)

    def _raise_for_status(self, response: requests.Response) -> None:
        try:
            super()._raise_for_status(response)  # type: ignore[misc]
        except APIError as error:
            refuse(error)

    @contextlib.contextmanager
    def unrecorded(self) -> Iterator[None]:
        """Calls made inside are not the learner's: no trace shows them."""
        calls = getattr(self._recording, "calls", None)
        self._recording.calls = None
        try:
            yield
        finally:
            self._recording.calls = calls

    @contextlib.contextmanager
    def tracing(self, verb: str) -> Iterator[None]:
        """Keeps the calls made inside as one trace, named after the helper the learner called.

        A helper that calls another one is one trace, the outer one's.
        """
        if getattr(self._recording, "calls", None) is not None:
            yield
            return
        calls: list[Call] = []
        self._recording.calls = calls
        try:
            yield
        finally:
            self._recording.calls = None
            self.last_trace = Trace(verb=verb, calls=tuple(calls))


def refuse(error: APIError) -> NoReturn:
    """Raises the course's error for an error answer of the engine."""
    status = error.response.status_code if error.response is not None else None
    message = str(error.explanation or error).strip()
    low = message.lower()
    if status == 404 and "image" in low:
        raise errors.NoSuchImage(
            "The engine has no such image.",
            status=status,
            message=message,
            next_step="It was removed, or never made: run the cell that makes it again."
            if " cu-" in f" {low.rpartition(' ')[2]}"
            else "The helpers pull nothing. Look at the name: python3 start.py images list shows the base images, "
            "python3 start.py images prepares them.",
        ) from error
    if (
        "executable file not found" in low
        or "no such file or directory: unknown" in low
        or ('exec: "' in low and ": no such file or directory" in low)
    ):
        raise errors.NoSuchProgram(
            "The image has no program of that name.",
            status=status,
            message=message,
            next_step='Look at the spelling. Each word is an argument of its own: "echo", "hello".',
        ) from error
    if status == 409 and "is not running" in low:
        raise errors.NotRunning(
            "The container is not running.",
            status=status,
            message=message,
            next_step="containers.logs shows what it wrote before it ended; containers.start makes a new one.",
        ) from error
    if status == 404:
        raise errors.NotFound("The engine has no such object.", status=status, message=message) from error
    if "already allocated" in low or "address already in use" in low:
        raise errors.PortTaken(
            "The port to publish is taken.",
            status=status,
            message=message,
            next_step="Publish on a port that the engine picks: publish=8080 without a number of your own.",
        ) from error
    if "already in use" in low and ("name" in low or status == 409):
        raise errors.NameTaken("That name is taken.", status=status, message=message) from error
    if "no space left" in low:
        raise errors.EngineRefused(
            "The engine's disk is full.",
            status=status,
            message=message,
            next_step="docker system df shows what fills it. Remove what is yours; the course never prunes.",
        ) from error
    raise errors.EngineRefused("The engine refused.", status=status, message=message) from error


_clients: dict[tuple[str, ...], Client] = {}


def connect(*, timeout: float = ANSWER_SECONDS) -> Client:
    """The client of the engine in use; connects at the first call of this process.

    Raises: EngineNotReachable if none answers, NoPermission if one is there that this user may not use.
    """
    key = tuple(os.environ.get(name, "") for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG"))
    client = _clients.get(key)
    if client is None:
        client = _clients[key] = _first_that_answers(timeout)
    return client


def disconnect() -> None:
    """Forgets every connection, so that the next call looks again."""
    for client in _clients.values():
        client.close()
    _clients.clear()


def _first_that_answers(timeout: float) -> Client:
    tried: list[Tried] = []
    denied = False
    for address in candidates():
        try:
            return open_client(address, timeout=timeout)
        except errors.NoPermission as error:
            denied = True
            tried.extend(error.tried)
        except errors.EngineNotReachable as error:
            if address.only:
                raise  # with its own next step
            tried.extend(error.tried)
    if denied:
        raise errors.NoPermission(tuple(tried), next_step=PERMISSION_ADVICE)
    raise errors.EngineNotReachable(tuple(tried))


PERMISSION_ADVICE = (
    "An engine is there, but your account may not talk to it. One of three ways: ask to be added to the docker group "
    "(sudo usermod -aG docker $USER, then log in again; note that this is root on that machine), use rootless Docker "
    "(dockerd-rootless-setuptool.sh install), or run the command with sudo. "
    "Leave the socket's permissions as they are: whoever may write to it is root."
)


def open_client(address: Address, *, timeout: float = ANSWER_SECONDS) -> Client:
    """Connects to one address.

    Raises: EngineNotReachable with the one reason, NoPermission if the socket may not be opened.
    """
    if address.url.startswith("context://"):
        raise errors.EngineNotReachable(
            (Tried(address.origin, "the context is not there or damaged"),),
            next_step="docker context ls shows the contexts; docker context use default goes back to the first.",
        )
    if address.url.startswith("ssh://"):  # docker-py would, with a library of its own, and trust any host
        raise errors.EngineNotReachable(
            (
                Tried(
                    address.url,
                    "the course reaches no engine by ssh itself; have its socket forwarded (ssh -NL "
                    "/tmp/engine.sock:/var/run/docker.sock USER@HOST) and name unix:///tmp/engine.sock in its place",
                ),
            )
        )
    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except (errors.EngineError, DockerException, requests.RequestException, OSError, ValueError) as error:
        reason = _reason(error)
        kind = errors.NoPermission if "permission denied" in reason else errors.EngineNotReachable
        raise kind((Tried(address.url, reason),)) from error
    client.timeout = timeout  # type: ignore[assignment]
    return client


def _reason(error: BaseException) -> str:
    """The one plain reason in a chain of wrapped connection errors."""
    seen: list[str] = []
    link: BaseException | None = error
    while link is not None and len(seen) < 12:
        seen.append(f"{type(link).__name__} {link}")
        link = link.__cause__ or link.__context__
    text = " ".join(seen).lower()
    for mark, reason in (
        ("permissionerror", "permission denied"),
        ("permission denied", "permission denied"),
        ("filenotfounderror", "nothing there: no such socket"),
        ("no such file", "nothing there: no such socket"),
        ("connectionrefusederror", "refused: nobody is listening there"),
        ("connection refused", "refused: nobody is listening there"),
        ("timeout", f"no answer within {CONNECT_SECONDS:g} s"),
        ("timed out", f"no answer within {CONNECT_SECONDS:g} s"),
        ("certificate", "the TLS certificate was not accepted"),
        ("name or service not known", "no such host"),
        ("nodename nor servname", "no such host"),
        ("failed to resolve", "no such host"),
        ("badstatusline", "something answered, but it is not a Docker engine"),
        ("jsondecodeerror", "something answered, but it is not a Docker engine"),
        ("connectionreseterror", "the connection was closed without an answer"),
        ("brokenpipeerror", "the connection was closed without an answer"),
        ("remotedisconnected", "the connection was closed without an answer"),
        ("waitedtoolong", f"no answer within {CONNECT_SECONDS:g} s"),
    ):
        if mark in text:
            return reason
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _path(url: str | None) -> str:
    """`/containers/json?all=1` of a full URL with host and version prefix."""
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(url or "")
    path = parts.path
    if path.startswith(("/v1.", "/v2.")):
        path = "/" + path.split("/", 2)[2] if path.count("/") > 1 else path
    return unquote(path) + (f"?{unquote(parts.query)}" if parts.query else "")
