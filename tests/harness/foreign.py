"""Objects that are not the course's, put on the engine around the tests, and the comparison of before and after.

Their names look like ours and their labels nearly match: whatever is removed, stopped or changed by a test, by a
chapter or by the course's own clean-up shows as a difference. They are removed at the end by the ids written down when
they were made; if the whole run is killed, the next run does it from the file those ids were written to.
"""

from __future__ import annotations

import contextlib
import functools
import getpass
import io
import json
import os
import re
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker

from helpers import errors, store
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from tests.harness.by_hand import by_hand

HOW_MANY = 20  # of each kind, before those with the names of the exercises and the special ones
NETWORKS = 13  # a network takes the engine ten times as long as another thing: as many as there are ways to be `nearly`
ROOT = Path(__file__).resolve().parents[2]
BASE = "localhost/course/"
IMAGE = f"{BASE}busybox:1"
RUN = f"{os.getpid():x}"  # in every name, so that a second run on the same engine does not collide
SUBNETS = "10.96"  # /29 each; of our own choosing, since the engine's own pools hold no more than 31 networks

State = dict[str, str]


@dataclass(frozen=True)
class Snapshot:
    """What is on the engine: for each kind and id, what must stay as it is."""

    objects: dict[tuple[str, str], State]

    def of(self, kind: str) -> set[str]:
        """The ids of one kind."""
        return {object_id for found, object_id in self.objects if found == kind}


def nearly(number: int) -> dict[str, str]:
    """Labels that are nearly the course's: one character, one case, one value away, or the rest without the first."""
    ours = labels.labels("start-here")
    rest = {key: value for key, value in ours.items() if key != labels.COURSE}
    ways: tuple[dict[str, str], ...] = (
        {},
        {labels.COURSE: "0"},
        {labels.COURSE: "2", **rest},
        {labels.COURSE: ""},
        {labels.COURSE: "11", **rest},
        {labels.COURSE: "true"},
        rest,
        {labels.COURSE.title(): "1", **rest},
        {labels.COURSE.upper(): "1"},
        {labels.COURSE.replace("-", "_"): "1"},
        {f"{labels.COURSE}.1": "1", **rest},
        {f"org.{labels.COURSE}": "1"},
        {f"{labels.COURSE}=1": ""},
    )
    return ways[number % len(ways)]


@functools.cache
def bare_names() -> tuple[str, ...]:
    """Every name that a chapter, an exercise or a lab gives to something, without its prefix: what is anybody's."""
    cells = [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("labs/*/lab.ipynb")]
    text = "\n".join(
        ["".join(cell["source"]) for path in cells for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
        + [path.read_text(encoding="utf-8") for path in ROOT.glob("notebooks/exercises/*_checks.py")]
        + [path.read_text(encoding="utf-8") for path in ROOT.glob("labs/*/*_checks.py")]
    )
    word = "[a-z][a-z0-9-]*"
    found = {*re.findall(rf'\bname="({word})"', text), *re.findall(rf"--name ({word})", text)}
    found |= {*re.findall(rf'networks\.(?:create|put)\("({word})"', text), *re.findall(rf'network="({word})"', text)}
    return tuple(sorted({name.removeprefix(labels.PREFIX) for name in found} - {"host", "none", "bridge"}))


def same_beginning() -> dict[str, str]:
    """The labels of another learner whose word begins with the same four digits as this one's."""
    mine = store.learner()
    other = mine[:4] + format(int(mine[4:], 16) ^ 0xFFFF, "04x")
    return {**labels.labels("start-here"), labels.SESSION: other}


SPECIAL: dict[str, dict[str, str]] = {  # a name, and labels of other tools
    "shop-web-1": {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"},
    "web.1.x7k2": {"com.docker.swarm.service.name": "web", "com.docker.swarm.task": ""},
}


def look_alike(number: int) -> str:
    """A name as the course draws them: ours with another word, a stranger's, or nearly one."""
    mine = store.learner()
    word = f"foreign{RUN}-{number:02d}"
    ways = (
        f"hs-{word}-{mine}",
        f"hs-{word}-0000",
        f"cu-start-here-{word}-{mine}",
        f"hs_{word}",
        f"hs-{word}",
    )
    return ways[number % len(ways)]


class Foreign:
    """The objects of one run. `plant` makes them, `remove` takes exactly those away."""

    def __init__(self, client: Client, *, image: str = IMAGE, record: Path | None = None) -> None:
        self.client = by_hand(client)
        self.url = client.address.url
        self.image = image
        self.record = record or _records() / f"{os.getpid()}.jsonl"
        self.made: list[tuple[str, str]] = []

    def _note(self, kind: str, object_id: str) -> str:
        self.made.append((kind, object_id))
        with self.record.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"kind": kind, "id": object_id, "engine": self.url}) + "\n")
        return object_id

    def plant(self) -> None:
        """Makes HOW_MANY images, volumes and containers, and NETWORKS. A failure on the way removes what was made."""
        try:
            third = self._free_subnets()
            for number in range(HOW_MANY):
                self._image(number)
                self._volume(number)
            for number in range(NETWORKS):
                self._network(look_alike(number), nearly(number), f"{SUBNETS}.{third}.{number * 8}/29")
            for number in range(HOW_MANY):
                self._container(number)
            if HOW_MANY >= 20:
                self._with_names_of_exercises()
                self._special(third)
        except BaseException:
            self.remove()
            raise

    def _image(self, number: int) -> None:
        """Tagged ones, and some without a tag: the ones that a prune would take first."""
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w") as tar:
            content = f"not the course's: {number} of {os.getpid()}".encode()
            member = tarfile.TarInfo("foreign")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        tag = "" if number % 5 == 4 else f"hs-lookalike{number:02d}:{RUN}"
        changes = [f'LABEL "{key}"="{value}"' for key, value in nearly(number).items() if "=" not in key]
        answer = self.client.import_image_from_data(file.getvalue(), repository=tag or None, changes=changes)
        self._note("image", str(json.loads(answer.splitlines()[-1])["status"]))

    def _volume(self, number: int) -> None:
        name = None if number % 7 == 6 else look_alike(number)  # None: an anonymous one
        self._note("volume", str(self.client.create_volume(name=name, labels=nearly(number))["Name"]))

    def _free_subnets(self) -> int:
        """A third byte that no network on this engine uses: another run may have taken one."""
        taken = json.dumps([row.get("IPAM") for row in self.client.networks()])
        return next(third for third in range(1, 255) if f'"{SUBNETS}.{third}.' not in taken)

    def _network(self, name: str, found: dict[str, str], subnet: str) -> None:
        pool = docker.types.IPAMPool(subnet=subnet)
        made = self.client.create_network(
            name, labels=found, ipam=docker.types.IPAMConfig(pool_configs=[pool]), check_duplicate=True
        )
        self._note("network", str(made["Id"]))

    def _with_names_of_exercises(self) -> None:
        """A container for each, one of them running, and an image of that name; some volumes."""
        there = {name.lstrip("/") for row in self.client.containers(all=True) for name in row.get("Names") or ()}
        tags = {tag for row in self.client.images() for tag in row.get("RepoTags") or ()}
        image = next(object_id for kind, object_id in self.made if kind == "image")
        none = self.client.create_host_config(network_mode="none")
        for place, name in enumerate(word for word in bare_names() if word not in there):  # a second run has them
            made = self.client.create_container(
                self.image, ["sleep", "100000"], name=name, host_config=none, stop_signal="SIGKILL"
            )
            self._note("container", str(made["Id"]))
            if place == 0:
                self.client.start(made["Id"])
            if f"{name}:1" not in tags:
                self.client.tag(image, name, "1")

    def _special(self, third: int) -> None:
        """What inherited the course's labels, a commit with a nonce, a learner of nearly the same word, other tools."""
        inherited = "".join(f'LABEL "{key}"="{value}"\n' for key, value in labels.labels("start-here").items())
        for tag, more in (("image", ""), ("built", "RUN true\n")):
            recipe = f"FROM {self.image}\n{inherited}LABEL foreign={RUN}\n{more}"
            steps = self.client.build(fileobj=io.BytesIO(recipe.encode()), tag=f"foreign-{tag}:{RUN}", rm=True)
            list(steps)
            image = str(self.client.inspect_image(f"foreign-{tag}:{RUN}")["Id"])
            self._note("image", image)
            made = self.client.create_container(image, ["true"], name=f"foreign-from-{tag}-{RUN}")
            self._note("container", str(made["Id"]))
        nonce = {**labels.labels("start-here"), labels.NONCE: "0" * 32}
        changes = [f'LABEL "{key}"="{value}"' for key, value in nonce.items()]
        committed = self.client.commit(self.made[-1][1], repository="foreign-committed", tag=RUN, changes=changes)
        self._note("image", str(committed["Id"]))
        made = self.client.create_container(f"foreign-committed:{RUN}", ["true"], name=f"foreign-from-commit-{RUN}")
        self._note("container", str(made["Id"]))
        other = same_beginning()
        for place, (name, found) in enumerate(
            {f"hs-web{RUN}-{other[labels.SESSION]}": other, **SPECIAL}.items(), start=HOW_MANY
        ):
            there = {row["Names"][0].lstrip("/") for row in self.client.containers(all=True) if row.get("Names")}
            if name in there:  # a second run has them
                continue
            made = self.client.create_container(self.image, ["true"], name=name, labels=found)
            self._note("container", str(made["Id"]))
            self._note("volume", str(self.client.create_volume(name=name, labels=found)["Name"]))
            self._network(name, found, f"{SUBNETS}.{third}.{place * 8}/29")

    def _container(self, number: int) -> None:
        """Three running, two exited, one paused, the others created."""
        command = ["true"] if number in (3, 4) else ["sleep", "100000"]
        networks = [object_id for kind, object_id in self.made if kind == "network"]
        volumes = [object_id for kind, object_id in self.made if kind == "volume"]
        place = number % len(networks)
        host = self.client.create_host_config(network_mode=networks[place], binds=[f"{volumes[place]}:/foreign"])
        made = self.client.create_container(
            self.image, command, name=look_alike(number), labels=nearly(number), host_config=host, stop_signal="SIGKILL"
        )
        self._note("container", str(made["Id"]))
        if number < 6:
            self.client.start(made["Id"])
        if number in (3, 4):
            self.client.wait(made["Id"])
        if number == 5:
            self.client.pause(made["Id"])

    def remove(self) -> None:
        """Removes exactly what `plant` made, containers first."""
        _remove(self.client, self.made)
        self.made.clear()
        self.record.unlink(missing_ok=True)


def _remove(client: Any, made: list[tuple[str, str]]) -> None:
    for kind in ("container", "network", "volume", "image"):
        for found, object_id in reversed(made):  # what is built on another goes first
            if found == kind:
                with contextlib.suppress(docker.errors.NotFound):
                    _remove_one(client, kind, object_id)


def _remove_one(client: Any, kind: str, object_id: str) -> None:
    if kind == "container":
        client.remove_container(object_id, force=True)
    elif kind == "network":
        client.remove_network(object_id)
    elif kind == "volume":
        client.remove_volume(object_id)
    else:
        client.remove_image(object_id, force=True)  # it may have several names; the steps below it go with it


def _records() -> Path:
    folder = Path(tempfile.gettempdir()) / f"containers-unpacked-tests-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def remove_those_of_killed_runs(client: Client) -> int:
    """Removes the foreign objects of runs that were killed before they could; returns how many files it worked off."""
    done = 0
    for record in sorted(_records().glob("*.jsonl")):
        if _alive(int(record.stem)):
            continue
        rows = []
        try:
            text = record.read_text(encoding="utf-8")
        except FileNotFoundError:  # another run has worked it off just now
            continue
        for line in text.splitlines():
            with contextlib.suppress(ValueError):  # a line cut off
                rows.append(json.loads(line))
        if all(row["engine"] == client.address.url for row in rows):
            _remove(by_hand(client), [(row["kind"], row["id"]) for row in rows])
            record.unlink(missing_ok=True)
            done += 1
    return done


def _alive(pid: int) -> bool:
    if os.name == "nt":  # os.kill(pid, 0) would end the process there
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def snapshot(client: Client, *, closely: bool = True) -> Snapshot:
    """Everything on the engine but the course's base images, which tests may prepare anew.

    closely: with the state of each container, for `changes`; `leftovers` does without, in a tenth of the time.
    """
    return Snapshot({(kind, object_id): state for kind, object_id, state in _rows(client, closely=closely)})


def _rows(client: Client, *, closely: bool) -> Iterator[tuple[str, str, State]]:
    attached: dict[str, list[str]] = {}
    for row in client.containers(all=True):
        if not closely:
            name = (row.get("Names") or [""])[0].lstrip("/")
            yield "container", row["Id"], {"name": name, "labels": _text(row.get("Labels"))}
            continue
        try:
            more: dict[str, Any] = client.inspect_container(row["Id"])
        except errors.NotFound:
            continue  # it went while we looked
        state = more["State"]
        for found in more["NetworkSettings"]["Networks"].values():
            if found.get("NetworkID"):
                attached.setdefault(found["NetworkID"], []).append(row["Id"])
        yield (
            "container",
            row["Id"],
            {
                "name": more["Name"].lstrip("/"),
                "state": state["Status"],
                "started": state["StartedAt"],
                "exit code": str(state["ExitCode"]),
                "labels": _text(more["Config"]["Labels"]),
                "networks": _text(sorted(more["NetworkSettings"]["Networks"])),
                "mounts": _text(sorted(str(mount.get("Name") or mount["Source"]) for mount in more["Mounts"])),
            },
        )
    for row in client.images():
        tags = [tag for tag in row.get("RepoTags") or () if tag != "<none>:<none>"]
        if not any(tag.startswith(BASE) for tag in tags):
            yield "image", row["Id"], {"tags": _text(sorted(tags)), "labels": _text(row.get("Labels"))}
    for row in client.volumes().get("Volumes") or ():
        yield "volume", row["Name"], {"created": str(row.get("CreatedAt")), "labels": _text(row.get("Labels"))}
    for row in client.networks():
        yield (
            "network",
            row["Id"],
            {
                "name": row["Name"],
                "labels": _text(row.get("Labels")),
                "subnets": _text((row.get("IPAM") or {}).get("Config")),
                "containers": _text(sorted(attached.get(row["Id"], ()))),
            },
        )


def _text(value: object) -> str:
    return json.dumps(value or None, sort_keys=True)


def base_images(client: Client) -> set[str]:
    """The tags of the course's base images."""
    return {tag for row in client.images() for tag in row.get("RepoTags") or () if tag.startswith(BASE)}


def changes(before: Snapshot, after: Snapshot) -> list[str]:
    """One line for each object of `before` that is gone or not as it was."""
    found = []
    for (kind, object_id), was in before.objects.items():
        now = after.objects.get((kind, object_id))
        called = f"{kind} {was.get('name') or was.get('tags') or ''} {object_id[:19]}"
        if now is None:
            found.append(f"{called} is gone")
        else:
            found += [f"{called}: {key} was {was[key]}, is {now[key]}" for key in was if not _same(key, was, now)]
    return found


def _same(key: str, was: State, now: State) -> bool:
    """True if nothing changed; a container that was added to a network is not the network's change."""
    if key == "containers":
        return set(json.loads(was[key]) or ()) <= set(json.loads(now[key]) or ())
    return was[key] == now[key]


def leftovers(before: Snapshot, after: Snapshot) -> list[str]:
    """One line for each object with the course's label, and each image, that was not there before."""
    found = []
    for (kind, object_id), now in after.objects.items():
        if (kind, object_id) in before.objects:
            continue
        carried = json.loads(now["labels"]) or {}
        if kind == "image" or carried.get(labels.COURSE) == "1":  # a failed build leaves images without a label
            called = now.get("name") or now.get("tags") or ""
            scene = carried.get(labels.SCENE, "no scene")
            found.append(f"{kind} {called} {object_id[:19]} is left ({scene}, learner {carried.get(labels.SESSION)})")
    return found
