"""The base images behave as the chapters need, whatever their source; and each source gives them."""

from __future__ import annotations

import json
import secrets
import shutil
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from helpers import errors
from helpers.daemon.engine import doctor
from helpers.daemon.model.doctor import Status
from helpers.engine import base_images, waiting
from helpers.engine.base_images import provenance
from helpers.engine.build import classic
from helpers.engine.client import Client
from helpers.engine.model.base_images import BUILT, PULLED, Origin
from helpers.engine.model.base_images import platform as platform_of
from helpers.engine.ownership import labels
from helpers.setup.images import prepare, pull, recipes, sources
from tests.harness.by_hand import by_hand
from tests.harness.guards import absent
from tests.harness.sweeping import swept

pytestmark = pytest.mark.engine
NAMES = [image.name for image in base_images.lock().images]


@pytest.fixture(autouse=True)
def home(home: Path, monkeypatch: pytest.MonkeyPatch, client: Client) -> Path:
    monkeypatch.delenv(sources.MIRROR, raising=False)
    missing = [status.reference for status in base_images.status(client) if not status.present]
    if missing:
        absent(f"not prepared: {', '.join(missing)}")
    return home


def inspect(client: Client, image: str) -> dict[str, Any]:
    raw: Any = client
    found: dict[str, Any] = raw.inspect_image(image)
    return found


class Run:
    """Containers of a test; gone at its end."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.made: list[str] = []

    def start(self, name: str, *command: str, port: int = 0, network: str = "") -> str:
        host = self.client.create_host_config(
            port_bindings={port: ("127.0.0.1", None)} if port else {}, network_mode=network or None
        )
        container = by_hand(self.client).create_container(
            base_images.reference(name),
            list(command) or None,
            labels=labels.labels("test-base"),
            host_config=host,
            ports=[port] if port else None,
        )["Id"]
        self.made.append(container)
        by_hand(self.client).start(container)
        return str(container)

    def output(self, name: str, *command: str, network: str = "") -> str:
        container = self.start(name, *command, network=network)
        status = self.client.wait(container, timeout=60)["StatusCode"]
        said = self.client.logs(container).decode()
        assert status == 0, said
        return said

    def address(self, container: str, port: int) -> str:
        found = self.client.port(container, port)
        assert found
        return f"127.0.0.1:{found[0]['HostPort']}"

    def remove(self) -> None:
        for container in self.made:
            by_hand(self.client).remove_container(container, force=True, v=True)


@pytest.fixture
def run(client: Client) -> Iterator[Run]:
    containers = Run(client)
    yield containers
    containers.remove()


def test_the_status_knows_them_all_in_one_call(client: Client) -> None:
    with client.tracing("status"):
        found = base_images.status(client)

    assert [status.name for status in found] == NAMES
    assert all(status.present and status.image_id and status.size > 0 for status in found)
    assert len(client.last_trace.calls) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_base_image_carries_no_label_of_the_course(client: Client, name: str) -> None:
    given = inspect(client, base_images.reference(name))["Config"]["Labels"] or {}
    assert not [label for label in given if label.startswith(labels.COURSE)]


def test_preparing_what_is_there_does_nothing(client: Client) -> None:
    before = base_images.status(client)
    lines: list[str] = []
    assert prepare.prepare(client, say=lines.append) == before
    assert lines == []


def test_the_tiny_one_has_its_tools(run: Run) -> None:
    said = run.output("busybox", "sh", "-c", "stat -c %a /tmp; id -un; for t in httpd nc wget ip ps; do which $t; done")
    assert said.split()[:2] == ["1777", "root"]
    assert len(said.split()) == 7


def test_python_installs_from_the_wheelhouse_with_no_network(run: Run) -> None:
    script = """
        set -e
        python --version; python3 --version
        pip install -q --no-index --find-links /wheels bottle redis humanize==3.14.0
        python -W ignore -c 'import bottle, redis, humanize; print(humanize.VERSION, hasattr(humanize, "natural_list"))'
        pip install -q --no-index --find-links /wheels humanize==4.12.3
        python -c 'import humanize; print(hasattr(humanize, "VERSION"), humanize.natural_list(["a", "b"]))'
    """
    said = run.output("python", "sh", "-c", script, network="none").splitlines()
    assert said[0] == said[1]
    assert said[0].startswith("Python 3.13.")
    assert said[2:] == ["3.14.0 False", "False a and b"]


def test_redis_answers_other_containers_as_an_ordinary_user(run: Run, client: Client) -> None:
    store = run.start("redis", "--appendonly", "yes")

    def answers() -> bool | None:
        made = client.exec_create(store, ["redis-cli", "ping"])["Id"]
        return True if client.exec_start(made).strip() == b"PONG" else None

    waiting.until(answers, "redis answers", seconds=20, status=lambda: client.logs(store).decode()[-500:])
    settings = inspect(client, base_images.reference("redis"))["Config"]
    assert list(settings["Volumes"]) == ["/data"]
    address = next(iter(client.inspect_container(store)["NetworkSettings"]["Networks"].values()))["IPAddress"]
    assert run.output("redis", "redis-cli", "-h", address, "set", "key", "value").strip() == "OK"
    made = client.exec_create(store, ["sh", "-c", "grep Uid /proc/1/status; ls /data"])["Id"]
    said = client.exec_start(made).decode().split()
    assert said[1] != "0"
    assert "appendonlydir" in said
    assert run.output("redis", "redis-server", "--version").startswith("Redis server v=8")


def fetched(url: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    accept = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json"
    request = urllib.request.Request(url, method=method, headers={"Accept": accept})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()


class Mirror:
    """A real registry that holds what a test pushes."""

    def __init__(self, client: Client, run: Run) -> None:
        self.client = client
        container = run.start("registry", port=5000)
        self.host = run.address(container, 5000)
        waiting.until_answers(client, container, f"http://{self.host}/v2/")
        self.tags: list[str] = []

    def push(self, name: str) -> None:
        image = base_images.lock().image(name)
        repository = f"{self.host}/library/{image.hub_repository}"
        by_hand(self.client).tag(base_images.reference(name), repository, image.hub_tag)
        self.tags.append(f"{repository}:{image.hub_tag}")
        for item in self.client.push(repository, tag=image.hub_tag, stream=True, decode=True):
            assert "error" not in item, item

    def digest(self, name: str) -> str:
        image = base_images.lock().image(name)
        _, headers, _ = fetched(f"http://{self.host}/v2/library/{image.hub_repository}/manifests/{image.hub_tag}")
        return headers["docker-content-digest"]


@pytest.fixture
def mirror(client: Client, run: Run) -> Iterator[Mirror]:
    found = Mirror(client, run)
    yield found
    for row in client.images():
        names = [*(row.get("RepoTags") or ()), *(row.get("RepoDigests") or ())]
        for name in names:
            if name.startswith(f"{found.host}/"):
                try:
                    by_hand(client).remove_image(name, noprune=True)
                except docker.errors.NotFound:
                    continue


@pytest.fixture
def prefix(client: Client) -> Iterator[str]:
    """References of this test's own, so that the real ones stay as they are."""
    name = f"localhost/cu-test-{secrets.token_hex(4)}"
    yield name
    for status in base_images.status(client, prefix=name):
        if status.present:
            by_hand(client).remove_image(status.reference, noprune=True)
    swept(client)


def test_from_a_mirror_the_images_come_by_digest_and_no_tag_moves(
    client: Client, mirror: Mirror, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("busybox", "registry"):
        mirror.push(name)
    # a tag of the same name that somebody has for something else
    by_hand(client).tag(
        base_images.reference("debian"), mirror.tags[0].rpartition(":")[0], mirror.tags[0].rpartition(":")[2]
    )
    monkeypatch.setenv(sources.MIRROR, mirror.host)
    lines: list[str] = []

    found = prepare.prepare(client, say=lines.append, names=["busybox", "registry"], prefix=prefix, sources=(PULLED,))

    got = {status.name: status for status in found if status.present}
    assert set(got) == {"busybox", "registry"}
    for name, status in got.items():
        assert status.source == PULLED
        assert mirror.digest(name) in status.detail
        assert f"{name}: ready" in "\n".join(lines)
    layers = inspect(client, got["busybox"].reference)["RootFS"]["Layers"]
    assert layers == inspect(client, base_images.reference("busybox"))["RootFS"]["Layers"]
    assert "REGISTRY_STORAGE_DELETE_ENABLED=true" in inspect(client, got["registry"].reference)["Config"]["Env"]
    assert inspect(client, mirror.tags[0])["Id"] == inspect(client, base_images.reference("debian"))["Id"]
    assert not [
        t for row in client.images() for t in row.get("RepoTags") or () if t.startswith(prefix) and "pulled" in t
    ]

    lines.clear()
    prepare.prepare(client, say=lines.append, names=["busybox", "registry"], prefix=prefix, sources=(PULLED,))
    assert lines == []


def test_the_lock_gets_the_digests_and_pulling_keeps_to_them(
    client: Client, mirror: Mirror, prefix: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = json.loads(base_images.LOCK_FILE.read_text(encoding="utf-8"))
    data["images"] = {"busybox": {**data["images"]["busybox"], "needs": []}}
    file = tmp_path / "lock.json"
    file.write_text(json.dumps(data))
    mirror.push("busybox")
    first = mirror.digest("busybox")

    lock = prepare.update_lock(client, say=lambda _: None, path=file, registry=mirror.host)

    assert base_images.lock(file) == lock
    assert set(lock.image("busybox").digests.values()) == {first}
    assert lock.date == time.strftime("%Y-%m-%d")

    # the tag moves in the registry; the lock does not
    other = classic.build(client, dockerfile=f"FROM {base_images.reference('busybox')}\nENV MOVED=1\n").image_id
    repository, _, tag = mirror.tags[0].rpartition(":")
    by_hand(client).tag(other, repository, tag)
    for item in client.push(repository, tag=tag, stream=True, decode=True):
        assert "error" not in item, item
    assert mirror.digest("busybox") != first
    monkeypatch.setattr(base_images, "LOCK_FILE", file)
    monkeypatch.setenv(sources.MIRROR, mirror.host)
    (status,) = prepare.prepare(client, say=lambda _: None, prefix=prefix, sources=(PULLED,))
    assert first in status.detail
    assert "MOVED=1" not in (inspect(client, status.reference)["Config"]["Env"] or ())
    by_hand(client).remove_image(mirror.tags[0], noprune=True)


@pytest.fixture
def withheld(client: Client, mirror: Mirror, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The lock names a digest of busybox that the mirror had, and has no more; its tag stands for another image."""
    data = json.loads(base_images.LOCK_FILE.read_text(encoding="utf-8"))
    data["images"] = {"busybox": {**data["images"]["busybox"], "needs": []}}
    mirror.push("busybox")
    locked = mirror.digest("busybox")
    data["images"]["busybox"]["digests"] = {platform_of(client.version()): locked}
    file = tmp_path / "lock.json"
    file.write_text(json.dumps(data))
    repository, _, tag = mirror.tags[0].rpartition(":")
    other = classic.build(client, dockerfile=f"FROM {base_images.reference('busybox')}\nENV MOVED=1\n").image_id
    by_hand(client).tag(other, repository, tag)
    for item in client.push(repository, tag=tag, stream=True, decode=True):
        assert "error" not in item, item
    status, _, _ = fetched(f"http://{mirror.host}/v2/library/busybox/manifests/{locked}", "DELETE")
    assert status == 202
    assert mirror.digest("busybox") != locked
    monkeypatch.setattr(base_images, "LOCK_FILE", file)
    monkeypatch.setenv(sources.MIRROR, mirror.host)
    return locked


def test_a_registry_that_withholds_the_locked_digest_is_refused(client: Client, withheld: str, prefix: str) -> None:
    lines: list[str] = []
    with pytest.raises(errors.BaseImageMissing, match="busybox") as missing:
        prepare.prepare(client, say=lines.append, prefix=prefix, sources=(PULLED,))

    assert f"does not give busybox:1.37 with the locked digest ({withheld})" in missing.value.why
    assert "images --any-digest" in missing.value.why
    assert any("another is not taken" in line for line in lines)
    assert not any(status.present for status in base_images.status(client, prefix=prefix))


@pytest.mark.parametrize("how", ["option", "environment"])
def test_another_digest_is_taken_on_request_only_and_stays_known_as_such(
    client: Client, withheld: str, mirror: Mirror, prefix: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "environment":
        monkeypatch.setenv(sources.ANY_DIGEST, "1")
    lines: list[str] = []

    (status,) = prepare.prepare(client, say=lines.append, prefix=prefix, sources=(PULLED,), any_digest=how == "option")

    assert "MOVED=1" in inspect(client, status.reference)["Config"]["Env"]
    assert any("as was asked for" in line for line in lines)
    monkeypatch.delenv(sources.ANY_DIGEST, raising=False)
    (again,) = prepare.prepare(client, say=lines.append, prefix=prefix, sources=(PULLED,))
    assert again.unlocked
    assert mirror.digest("busybox") in again.detail
    assert "not the locked digest" in again.detail
    assert withheld not in again.detail


@pytest.mark.timeout(400)  # a package of the distribution is fetched in this build
def test_what_is_built_on_an_image_of_another_digest_is_known_as_such(client: Client, prefix: str) -> None:
    debian = base_images.lock().image("debian")
    by_hand(client).tag(base_images.reference("debian"), f"{prefix}/debian", debian.tag)
    image_id = inspect(client, debian.reference(prefix))["Id"]
    recipe = recipes.fingerprint(debian, base_images.lock())
    origin = Origin(name="debian", source=PULLED, detail="x", date="", recipe=recipe, unlocked=True)
    provenance.remember({image_id: origin})

    found = prepare.prepare(client, say=lambda _: None, names=["busybox"], prefix=prefix, sources=(BUILT,))

    (busybox,) = (status for status in found if status.name == "busybox")
    assert busybox.unlocked
    assert "on debian, which was not taken by the locked digest" in busybox.detail


def test_the_doctor_goes_on_showing_another_digest(client: Client) -> None:
    assert "locked digests" not in {check.name for check in doctor.examine().checks}
    image_id = inspect(client, base_images.reference("busybox"))["Id"]
    origin = Origin(name="busybox", source=PULLED, detail="pulled x@y", date="2026-11-30", unlocked=True)
    provenance.remember({image_id: origin})

    report = doctor.examine()

    (check,) = (check for check in report.checks if check.name == "locked digests")
    assert check.status is Status.ATTENTION
    assert base_images.reference("busybox") in check.what
    assert "pulled x@y, 2026-11-30" in check.why
    assert f"docker rmi {base_images.reference('busybox')}" in check.next
    assert [row["name"] for row in report.images if row["unlocked"]] == ["busybox"]


def test_an_image_the_registry_does_not_have_is_told_from_no_registry(
    client: Client, mirror: Mirror, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror.push("busybox")
    monkeypatch.setenv(sources.MIRROR, mirror.host)
    lines: list[str] = []

    with pytest.raises(errors.BaseImageMissing, match="redis") as missing:
        prepare.prepare(client, say=lines.append, names=["redis", "busybox"], prefix=prefix, sources=(PULLED,))

    assert "busybox" not in missing.value.what
    assert "can't be used" not in "\n".join(lines)  # asked for one image in vain, and then for the next


def test_an_engine_that_can_not_ask_pulls_by_tag_unless_a_tag_would_move(client: Client, mirror: Mirror) -> None:
    mirror.push("busybox")
    tag = mirror.tags[0]
    with pytest.raises(pull.NotThere, match="would move"):
        pull.by_tag(client, tag, name="busybox", platform="linux/amd64", say=lambda _: None)
    by_hand(client).remove_image(tag, noprune=True)
    platform = platform_of(client.version())
    pulled = pull.by_tag(client, tag, name="busybox", platform=platform, say=lambda _: None)
    assert pulled.tag == tag
    assert inspect(client, tag)["Id"] == pulled.image_id


def test_a_changed_recipe_is_made_again_or_the_older_image_stays(
    client: Client, mirror: Mirror, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"{prefix}/busybox"
    by_hand(client).tag(base_images.reference("busybox"), name, "1")
    image_id = inspect(client, f"{name}:1")["Id"]
    provenance.remember({image_id: Origin(name="busybox", source="built", detail="x", date="", recipe="older")})
    monkeypatch.setenv(sources.MIRROR, mirror.host)
    lines: list[str] = []

    prepare.prepare(client, say=lines.append, names=["busybox"], prefix=prefix, sources=(PULLED,))
    assert "an older one is there and stays in use" in lines[-1]

    mirror.push("busybox")
    prepare.prepare(client, say=lines.append, names=["busybox"], prefix=prefix, sources=(PULLED,))
    assert {s.source for s in base_images.status(client, prefix=prefix) if s.present} == {PULLED}


def test_no_registry_is_asked_once_and_said_once(client: Client, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sources.MIRROR, "127.0.0.1:1")
    lines: list[str] = []
    with pytest.raises(errors.BaseImageMissing) as missing:
        prepare.prepare(client, say=lines.append, names=["busybox", "redis"], prefix=prefix, sources=(PULLED,))
    assert len(lines) == 1
    assert "127.0.0.1:1 can't be used" in lines[0]
    assert "2 of 2" in missing.value.what
    assert "images load" in missing.value.next_step


def test_a_registry_that_accepts_and_says_nothing_is_given_up(
    client: Client, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "PROBE_SECONDS", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv(sources.MIRROR, f"127.0.0.1:{silent.getsockname()[1]}")
        started = time.monotonic()
        with pytest.raises(errors.BaseImageMissing):
            prepare.prepare(client, say=lambda _: None, names=["busybox"], prefix=prefix, sources=(PULLED,))
    assert time.monotonic() - started < 10


def test_without_a_registry_the_lock_stays_as_it_is(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "lock.json"
    shutil.copy(base_images.LOCK_FILE, file)
    with pytest.raises(errors.BaseImageMissing, match="unchanged"):
        prepare.update_lock(client, say=lambda _: None, path=file, registry="127.0.0.1:1")
    assert file.read_bytes() == base_images.LOCK_FILE.read_bytes()
    assert list(tmp_path.glob(".lock*")) == []


def test_the_registry_serves_and_deletes(mirror: Mirror) -> None:
    mirror.push("busybox")
    status, _, body = fetched(f"http://{mirror.host}/v2/_catalog")
    assert (status, json.loads(body)) == (200, {"repositories": ["library/busybox"]})
    status, _, _ = fetched(f"http://{mirror.host}/v2/library/busybox/manifests/{mirror.digest('busybox')}", "DELETE")
    assert status == 202
