"""The connection to the engine: one client, every call recorded, every failure in the course's own words."""

from __future__ import annotations

import contextlib
import functools
import http.client
import json
import os
import struct
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

import requests
import urllib3.exceptions
from docker.errors import APIError, DockerException, StreamParseError
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
FRAME = 8  # bytes before each piece of what a container writes: which stream, and how long the piece is
PLAIN = {"Accept-Encoding": "identity"}  # else an engine packs what it sends, and a megabyte may be a gigabyte

T = TypeVar("T")


def patience(seconds: float) -> float:
    """How long the engine may say nothing: so many seconds, unless COURSE_ANSWER_SECONDS names another number."""
    try:
        named = float(os.environ.get("COURSE_ANSWER_SECONDS") or seconds)
    except ValueError:
        return seconds
    return named if named > 0 else seconds


class Stream:
    """What an answer brings, piece by piece, for as long as it is wanted. To be closed by who reads it."""

    def __init__(self, pieces: Iterator[Any], response: requests.Response) -> None:
        """pieces: as the client guards them, so that a connection that breaks off is no end."""
        self._pieces, self._response = pieces, response
        self._cancelled = False

    @classmethod
    def of(cls, made: Any) -> Stream:
        """Of docker-py's own, which takes a connection that breaks off for the end, and closes but half of it."""
        return cls(made._stream, made._response)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return next(self._pieces)
        except StopIteration:
            raise
        except Exception:  # whatever reading says of a line that was closed meanwhile: this is its end
            if self._cancelled:
                raise StopIteration from None
            raise

    def cancel(self) -> None:
        """Ends it, from any thread; who reads it comes to its end. Over SSH that is not possible."""
        self._cancelled = True
        with contextlib.suppress(Exception):  # it has ended by itself
            CancellableStream(self._pieces, self._response).close()

    def close(self) -> None:
        """Ends it and lets go of the connection."""
        self.cancel()
        with contextlib.suppress(Exception):
            self._response.close()


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
            whole = max(1, int(timeout))
            super().__init__(base_url=address.url, version="auto", timeout=whole, tls=address.tls or False)
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

        Raises: EngineNotReachable if the engine is gone, or goes in the middle of its answer; WaitedTooLong if it says
        nothing.
        """
        started = time.perf_counter()
        status = 0
        try:
            with self._whole(f"an answer to {request.method} {_path(request.url)}"):
                response = self._recording.response = super().send(request, **kwargs)
                if _headless(response):
                    response.close()
                    raise ConnectionResetError("the connection broke off")
            status = response.status_code
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

    @contextlib.contextmanager
    def _whole(self, what: str) -> Iterator[None]:
        """What breaks on the line inside, in the course's words. Raises: EngineNotReachable; WaitedTooLong."""
        started = time.perf_counter()
        try:
            yield
        except BROKEN as error:
            # A body that does not come in time is no Timeout of requests: `wait` answers with headers at once.
            if isinstance(error, TimeoutError | requests.ReadTimeout) or "read timed out" in str(error).lower():
                seconds = round(time.perf_counter() - started, 1)
                raise errors.WaitedTooLong(what, seconds=seconds, status="connected, no answer") from error
            raise errors.EngineNotReachable((Tried(self.address.url, _reason(error)),)) from error

    def pieces(self, stream: Iterable[T]) -> Generator[T, None, None]:
        """What an answer brings, bit by bit.

        Raises: EngineNotReachable if the engine goes away in the middle; WaitedTooLong if it says nothing more.
        """
        with self._whole("the rest of an answer"):
            yield from stream

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
        return Stream.of(super().logs(container, stream=True, follow=False, **wanted))

    def exec_stream(self, exec_id: str) -> Stream:
        """POST /exec/ID/start, and what the command says."""
        return Stream.of(super().exec_start(exec_id, stream=True))

    def build_stream(self, **wanted: Any) -> Stream:
        """POST /build, see docker-py's `build` for what may be wanted; what the engine tells of it, as objects."""
        return Stream(super().build(decode=True, **wanted), self._recording.response)

    @contextlib.contextmanager
    def archive(self, container: str, path: str) -> Iterator[Any]:
        """GET /containers/ID/archive: a path as a tar, which is the file that is given; read as far as wanted."""
        asked = {"params": {"path": path}, "stream": True, "headers": PLAIN}
        answer = self._answer("get", "/containers/{0}/archive", container, **asked)
        with contextlib.closing(answer), self._whole("the rest of an answer"):
            yield answer.raw

    def past_events(self, *, since: str, until: str, filters: Mapping[str, list[str]]) -> tuple[Event, ...]:
        """GET /events, of a time that is over."""
        asked = {"since": since, "until": until, "filters": json.dumps(filters)}
        return tuple(map(Event.read, self._objects(self._answer("get", "/events", params=asked, stream=True))))

    def _answer(self, method: str, path: str, *parts: str, **kwargs: Any) -> requests.Response:
        if "timeout" in kwargs:
            kwargs["timeout"] = patience(kwargs["timeout"])
        api: Any = self  # docker-py's stubs leave its own ways out
        answer: requests.Response = getattr(api, f"_{method}")(api._url(path, *parts), **kwargs)
        self._raise_for_status(answer)
        return answer

    def _set_request_timeout(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """docker-py's, but for calls that it lets wait for ever, such as the subscription to events.

        Their answer has to begin in time; how long it then may say nothing, `_stream_helper` decides.
        """
        if kwargs.get("timeout", 0) is None:
            kwargs["timeout"] = self.timeout
        return super()._set_request_timeout(kwargs)  # type: ignore[misc, no-any-return]

    def events(self, *args: Any, **kwargs: Any) -> Any:
        """As docker-py's: a subscription, which may say nothing for hours once it has begun."""
        made: Any = super().events(*args, **kwargs)
        raw: Any = self
        if made._response.ok:
            raw._disable_socket_timeout(raw._get_raw_response_socket(made._response))
        return Stream.of(made)

    def _stream_helper(self, response: requests.Response, decode: bool = False) -> Generator[Any, None, None]:
        """docker-py's, in the course's errors."""
        return self.pieces(super()._stream_helper(response, decode=decode))  # type: ignore[misc]

    def _stream_raw_result(
        self,
        response: requests.Response,
        chunk_size: int = 1,
        decode: bool = True,
    ) -> Generator[Any, None, None]:
        """docker-py's, but with its time limit left on: an archive that stops coming is no archive."""
        self._raise_for_status(response)
        return self.pieces(response.iter_content(chunk_size, decode))

    def _get_result(self, container: str, stream: bool, response: requests.Response) -> Any:
        """docker-py's, which asks about the container when the log is on its way; if that fails, nobody reads it."""
        raw: Any = super()
        try:
            return raw._get_result(container, stream, response)
        except BaseException:
            response.close()
            raise

    def _multiplexed_response_stream_helper(self, response: requests.Response) -> Generator[bytes, None, None]:
        """A log. docker-py reads it with no time limit, and takes one that ends within a piece for whole."""
        return self.pieces(_frames(response.raw))

    def _read_from_socket(
        self, response: requests.Response, stream: bool, tty: bool = True, demux: bool = False
    ) -> Any:
        """What a second command writes. docker-py waits for it without end, and takes a broken line for the end."""
        raw: Any = super()
        if tty or demux:
            return raw._read_from_socket(response, stream, tty=tty, demux=demux)
        self._raise_for_status(response)
        raw = response.raw
        frames = self.pieces(_frames(raw._fp.fp))  # not docker-py's bare socket: some came with the head, into this
        if stream:
            return frames
        with contextlib.closing(response):
            return b"".join(frames)

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


# what docker-py and the libraries below it raise if the line breaks, or if what came is no whole answer
BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, StreamParseError)


def _headless(response: requests.Response) -> bool:
    """True if the head of an answer is cut off, which Python's http takes for its end, and the lost body for none."""
    if response.status_code == 101:
        return "upgrade" not in response.headers
    bare = response.status_code in (204, 304) or response.request.method == "HEAD"
    return not bare and not {"content-length", "transfer-encoding"} & {name.lower() for name in response.headers}


def _frames(file: Any) -> Iterator[bytes]:
    """The pieces that a container or a second command wrote. Raises: ConnectionError if it ends within one."""
    while head := file.read(FRAME):
        size = struct.unpack(">BxxxL", head)[1] if len(head) == FRAME else 0
        piece = file.read(size) if size else b""
        if len(head) < FRAME or len(piece) < size:
            raise ConnectionResetError("the connection broke off")
        yield piece


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
            next_step="It was removed, or never made: run the cell that makes it again. Without a tag the engine looks "
            "for `:latest`; the course's images end in `:1`."
            if " hs-" in f" {low.rpartition(' ')[2]}"
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
            next_step='Look at the spelling. Each word is a separate argument: "echo", "hello".',
        ) from error
    if status == 409 and "is not running" in low:
        raise errors.NotRunning(
            "The container is not running.",
            status=status,
            message=message,
            next_step="containers.logs shows what it wrote before it ended; containers.start(NAME) starts it again.",
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


CHOSEN_BY = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "COURSE_ANSWER_SECONDS")
_clients: dict[tuple[str, ...], Client] = {}


def connect(*, timeout: float = ANSWER_SECONDS) -> Client:
    """The client of the engine in use; connects at the first call of this process.

    timeout: seconds that the engine may say nothing; COURSE_ANSWER_SECONDS, if it is set, is used in its place.

    Raises: EngineNotReachable if none answers, NoPermission if one is there that this user may not use.
    """
    key = tuple(os.environ.get(name, "") for name in CHOSEN_BY)
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
    "(dockerd-rootless-setuptool.sh install), or run the command with sudo. Leave the socket's permissions as they "
    "are: anyone who can write to it is root."
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
        client = Client(address, timeout=min(CONNECT_SECONDS, patience(CONNECT_SECONDS)))
    except (errors.EngineError, DockerException, requests.RequestException, OSError, ValueError) as error:
        reason = _reason(error)
        kind = errors.NoPermission if "permission denied" in reason else errors.EngineNotReachable
        raise kind((Tried(address.url, reason),)) from error
    client.timeout = patience(timeout)  # type: ignore[assignment]
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
        ("connectionrefusederror", "refused: nothing is listening there"),
        ("connection refused", "refused: nothing is listening there"),
        ("timeout", f"no answer within {CONNECT_SECONDS:g} s"),
        ("timed out", f"no answer within {CONNECT_SECONDS:g} s"),
        ("certificate", "the TLS certificate was not accepted"),
        ("name or service not known", "no such host"),
        ("nodename nor servname", "no such host"),
        ("failed to resolve", "no such host"),
        ("incompleteread", "the connection broke off in the middle of an answer"),
        ("broke off", "the connection broke off in the middle of an answer"),
        ("streamparseerror", "the connection broke off in the middle of an answer"),
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
