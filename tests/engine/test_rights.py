"""What each of the course's helper containers may do: by the code's table, by README's, and by the containers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers import containers, daemon, isolation, networks, scene
from helpers.daemon.engine import doctor_trials
from helpers.dockerfile.engine import processes
from helpers.engine import from_host
from helpers.engine.bounded import rights
from helpers.engine.bounded.rights import HELPERS, Rights
from helpers.engine.build import guard
from helpers.engine.client import Client
from helpers.layers.engine import engine_lists
from tests.harness import foreign

ROOT = Path(__file__).resolve().parents[2]
BUSYBOX = "localhost/course/busybox:1"
HERE = "test-rights"
KEYS = {"pid": "PidMode", "network": "NetworkMode", "uts": "UTSMode", "ipc": "IpcMode", "cgroup": "CgroupnsMode"}


@pytest.fixture
def hosts(client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """The settings of every container that was made, as the engine has them."""
    found: list[dict[str, Any]] = []
    real = Client.create_container

    def watched(self: Client, *args: Any, **kwargs: Any) -> Any:
        made = real(self, *args, **kwargs)
        found.append(self.inspect_container(made["Id"])["HostConfig"])
        return made

    with scene(HERE):
        before = foreign.snapshot(client)
        containers.start(BUSYBOX, "sh", "-c", "mkdir /w; exec httpd -f -p 8080 -h /w", name="hs-box", publish=8080)
        monkeypatch.setattr(Client, "create_container", watched)
        yield found
    assert foreign.leftovers(before, foreign.snapshot(client)) == []


def room(client: Client) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "_root_here", lambda _: "")
        with guard._room(client) as free:
            assert (free() or 0) > 1_000_000


def page(client: Client) -> None:
    port = containers.ps().containers[0].published[0].port
    answer = from_host.get(client, f"http://127.0.0.1:{port}/")
    assert answer is not None
    assert answer.status == 404


def lists(client: Client) -> None:
    with engine_lists._mounted(client, "/"):
        pass


def folder(client: Client) -> None:
    doctor_trials._bind(client, BUSYBOX)


# What makes a helper of each kind, by what a learner or the doctor does.
MAKES: dict[str, Callable[[Client], Any]] = {
    "processes": lambda _: isolation.namespaces("hs-box"),
    "cgroups": lambda _: isolation.limits("hs-box"),
    "programs": lambda _: daemon.processes_of("hs-box"),
    "calls": lambda _: networks.reach("hs-box"),
    "pages": page,
    "ender": lambda _: containers.exec("hs-box", "sleep", "30", seconds=0.5),
    "lists": lists,
    "marker": lambda _: daemon.timeline(lambda: None),
    "inside": lambda client: processes.inside(client, containers.ps().containers[0].id, scene=HERE),
    "room": room,
    "folder": folder,
}


def may(host: dict[str, Any], found: Rights) -> tuple[Any, ...]:
    """What the engine has on record, in the form of `allowed`.

    With version 1 of cgroups the host's view of them is what every container has, unless it is asked otherwise.
    """
    shares = sorted(kind for kind, key in KEYS.items() if re.match(r"host$|container:", str(host.get(key) or "")))
    if "cgroup" not in found.shares and "cgroup" in shares:
        shares.remove("cgroup")
    capabilities = sorted(str(word).removeprefix("CAP_") for word in host.get("CapAdd") or ())
    return (
        shares,
        capabilities,
        host["CapDrop"],
        host["ReadonlyRootfs"],
        # an engine adds label=disable where the host's processes are shared: SELinux would forbid it else
        [str(option).partition(":")[0] for option in host["SecurityOpt"] if option != "label=disable"],
        (host["Memory"], host["MemorySwap"], host["PidsLimit"]),
        host["Privileged"],
        host["PublishAllPorts"] or bool(host["PortBindings"]),
        "none" if "network" not in shares and host["NetworkMode"] == "none" else "shared",
        sorted(host["Tmpfs"]),
        bool(host["Binds"]),
        all(mount.get("ReadOnly") for mount in host.get("Mounts") or ()),
        host["LogConfig"]["Config"].get("max-size"),
    )


def allowed(found: Rights) -> tuple[Any, ...]:
    return (
        sorted(found.shares),
        sorted(found.capabilities),
        ["ALL"],
        True,
        ["no-new-privileges"],
        (found.memory, found.memory, found.processes),
        False,
        False,
        "shared" if "network" in found.shares else "none",
        ["/tmp"],
        False,
        True,
        "5000000",
    )


@pytest.mark.engine
@pytest.mark.parametrize("kind", HELPERS)
def test_a_helper_s_container_may_what_the_table_says_and_nothing_else(
    client: Client, hosts: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    made: list[str] = []
    real = rights.host_config

    def noted(client: Client, kind: str, **more: Any) -> Any:
        made.append(kind)
        return real(client, kind, **more)

    monkeypatch.setattr(rights, "host_config", noted)
    MAKES[kind](client)

    assert kind in made
    assert len(hosts) == len(made), "one was made past the table"
    for which, host in zip(made, hosts, strict=True):
        assert may(host, HELPERS[which]) == allowed(HELPERS[which]), which


def test_every_kind_is_made_by_something() -> None:
    assert set(MAKES) == set(HELPERS)


def test_readme_holds_the_same_table() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", text, re.M)
    wanted = []
    for kind, found in HELPERS.items():
        extra = f"{', '.join(found.capabilities)}: {found.why}" if found.capabilities else "none"
        wanted.append((kind, found.does, ", ".join(found.shares) or "nothing", extra))
    assert rows == wanted
