"""The desk in words: one sentence, lines for a terminal, a line for what just happened."""

from __future__ import annotations

import time
from collections.abc import Sequence

from helpers.desk.model.scenery import Link, Scenery
from helpers.desk.model.story import Line
from helpers.drawing.text import count, listed, plain
from helpers.engine.model.container import State
from helpers.networks.model.networks import HOST, NONE, Member

TITLE = "What is on the engine?"
NOTHING = ("Nothing of yours is on the engine yet.", "Type a docker command in a terminal, or run a cell.")
MOST = 12  # named in a sentence


def summary(found: Scenery) -> str:
    """The answer in numbers."""
    if found.link is Link.LOOKING:
        return "Looking for the engine …"
    if found.link is Link.SILENT:
        return f"✕ The engine does not answer ({plain(found.why)}). It is looked for every second."
    counts = found.counts
    if not any(counts.values()):
        return "nothing of yours"
    parts = [count(counts["container"], "container")]
    if counts["container"]:
        parts[0] += f", {found.running or 'none'} running"
    return " · ".join(
        parts + [count(number, kind) for kind, number in counts.items() if number and kind != "container"]
    )


def rest(found: Scenery) -> str:
    """Everybody else's, in words; "" if there is nothing, or the engine is silent."""
    counts = [count(number, kind) for kind, number in found.rest.items() if number]
    said = f"Not drawn: {listed(counts)}." if counts and found.link is Link.ANSWERS else ""
    if found.shared and found.link is Link.ANSWERS:
        said += " Others use this engine: what is new there may be theirs, so only what the course made is drawn."
    return said.strip()


def sentence(found: Scenery) -> str:
    """What the picture says, for who can't see it."""
    parts = [f"{summary(found)}."]
    members = [m for m in found.map.members if m.state is not State.REMOVED]
    if members:
        named = [_member(m, found) for m in members[:MOST]]
        if len(members) > MOST:
            named.append(f"{len(members) - MOST} more")
        parts.append(f"{'; '.join(named)}.")
    volumes = [v.name for v in found.volumes if not v.gone]
    images = [name for i in found.images for name in i.names if not i.gone]
    for title, all_of_them in (("Volumes", volumes), ("Images", images)):
        if all_of_them:
            parts.append(f"{title}: {listed(all_of_them[:MOST])}.")
    return plain(" ".join(parts))


def _member(member: Member, found: Scenery) -> str:
    said = f"{member.name} {member.state.value}"
    networks = [net.name for tap in member.taps if (net := found.map.network(tap.network)) is not None]
    if networks:
        said += f" on {listed(networks)}"
    elif member.mode == HOST:
        said += " on the host's network"
    elif member.mode == NONE:
        said += " on no network"
    if member.published and member.state is State.RUNNING:
        one = member.published[0]
        said += f", port {one.container_port} published on {one.address or 'any address'}:{one.port}"
    return said


def lines(found: Scenery) -> list[str]:
    """The whole desk for a terminal."""
    said = [summary(found)]
    for member in found.map.members:
        said.append(f"  {_member(member, found)} ({member.image})")
    for volume in found.volumes:
        said.append(f"  volume {volume.name}")
    for image in found.images:
        said.append(f"  image {', '.join(image.names)}")
    return [plain(line) for line in [*said, *filter(None, [rest(found)])]]


def clock(at: float) -> str:
    """The time of day here, of seconds since 1970."""
    return time.strftime("%H:%M:%S", time.localtime(at))


def told(line: Line) -> str:
    """One line of what happened."""
    return f"{clock(line.at)} {line.as_text()}"


def newest(story: Sequence[Line]) -> str:
    """What is read out."""
    return story[-1].as_text() if story else ""
