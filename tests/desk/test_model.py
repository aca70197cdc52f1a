"""The desk's model: what is marked and for how long, what happened in words, what of an inspect stays hidden."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.desk.model import tree
from helpers.desk.model.scenery import CHANGED, GONE, MARKED_SECONDS, NEW, Link, Marks, Scenery
from helpers.desk.model.story import EXECUTED, KEPT, Story
from helpers.engine.model.container import State
from helpers.engine.model.events import Event
from tests.desk.sceneries import BACK, FRONT, member, scenery


def seen(*sceneries: Scenery) -> Marks:
    """The marks after these, a second apart, the last one now, at 100."""
    marks = Marks()
    for place, found in enumerate(sceneries):
        marks.see(found, 100.0 - (len(sceneries) - 1 - place))
    return marks


WEB = member("hs-web", "hs-front")


def test_what_was_there_at_first_is_not_marked_and_what_comes_is() -> None:
    marks = seen(
        scenery(WEB, networks=(FRONT,)), scenery(WEB, member("hs-api"), networks=(FRONT, BACK), volumes=("v",))
    )

    assert marks.now(100) == {"id-hs-api": NEW, "net-hs-back": NEW, "volume v": NEW}


def test_a_change_of_state_or_place_is_marked_and_the_others_are_not() -> None:
    moved = member("hs-web", "hs-front", "hs-back")
    ended = replace(WEB, state=State.EXITED)
    api = member("hs-api")

    for changed in (moved, ended):
        before, after = (scenery(one, api, networks=(FRONT, BACK)) for one in (WEB, changed))
        assert seen(before, after).now(100) == {"id-hs-web": CHANGED}


def test_what_is_new_and_changes_at_once_is_still_new() -> None:
    created = replace(WEB, state=State.CREATED)
    assert seen(scenery(), scenery(created), scenery(WEB)).now(100) == {"id-hs-web": NEW}


def test_what_went_stays_in_its_place_for_a_moment_and_is_not_counted() -> None:
    after = scenery()
    marks = seen(scenery(WEB, networks=(FRONT,), volumes=("v",), images=("hs-shop:1",)), after)

    shown = marks.with_gone(after, 100)

    assert marks.now(100)["id-hs-web"] == GONE
    assert [(m.name, m.state) for m in shown.map.members] == [("hs-web", State.REMOVED)]
    assert [n.name for n in shown.map.networks] == ["hs-front"]
    assert shown.counts == dict.fromkeys(("container", "network", "volume", "image"), 0)
    assert shown.own("id-hs-web") is None, "its log can't be asked for any more"


def test_a_network_that_only_enters_or_leaves_the_picture_is_not_marked() -> None:
    """The engine's own bridge: it is drawn while a container of the learner's is on it."""
    without = replace(scenery(), undrawn=frozenset({FRONT.id}))
    drawn = scenery(WEB, networks=(FRONT,))

    assert seen(without, drawn).now(100) == {"id-hs-web": NEW}
    marks = seen(drawn, without)
    assert marks.now(100) == {"id-hs-web": GONE}
    assert [n.name for n in marks.with_gone(without, 100).map.networks] == ["hs-front"], "the line still leads there"


def test_marks_go_after_their_time_and_say_when() -> None:
    marks = seen(scenery(), scenery(WEB))

    assert marks.next_change(100) == MARKED_SECONDS
    assert marks.now(100 + MARKED_SECONDS - 0.1)
    assert marks.now(100 + MARKED_SECONDS) == {}
    assert marks.next_change(200) is None
    assert marks.with_gone(scenery(WEB), 200) == scenery(WEB)


def test_after_a_silence_or_on_another_engine_nothing_is_marked() -> None:
    silent = Scenery(link=Link.SILENT)
    elsewhere = replace(scenery(WEB), where="unix:///other.sock")

    assert seen(scenery(), silent, scenery(WEB)).now(100) == {}
    assert seen(scenery(), elsewhere).now(100) == {}


# -- in words


def event(kind: str, action: str, actor: str = "c1", at: float = 100.0, **attributes: str) -> Event:
    return Event.read(
        {
            "Type": kind,
            "Action": action,
            "Actor": {"ID": actor, "Attributes": attributes},
            "timeNano": int(at * 1e9),
        }
    )


def all_mine(kind: str, thing: str) -> bool:
    del kind, thing
    return True


def told(*events: Event) -> list[str]:
    story = Story()
    for one in events:
        story.hear(one, owns=all_mine)
    return [line.as_text() for line in story.lines]


def test_what_happens_to_one_thing_within_seconds_is_one_line() -> None:
    said = told(
        event("container", "create", name="hs-web"),
        event("network", "connect", "n1", name="hs-front", container="c1"),
        event("container", "start", name="hs-web"),
        event("network", "create", "n2", name="hs-back"),
        event("container", "die", name="hs-web", exitCode="137", at=110),
    )

    assert said == [
        "container hs-web: created, attached to hs-front, started",
        "network hs-back: created",
        "container hs-web: ended with 137",
    ]


def test_the_newest_line_is_the_last_even_if_it_began_before_another() -> None:
    assert told(
        event("container", "create", name="hs-web"),
        event("volume", "create", "v", at=101),
        event("container", "start", name="hs-web", at=102),
    ) == ["volume v: created", "container hs-web: created, started"]


def test_a_container_that_only_a_network_speaks_of_is_called_by_what_was_heard_before() -> None:
    story = Story()
    story.call("c9", "hs-store")
    line = story.hear(event("network", "disconnect", "n1", name="hs-back", container="c9"), owns=all_mine)

    assert line is not None
    assert line.as_text() == "container hs-store: detached from hs-back"


def test_what_is_executed_is_counted_and_never_kept() -> None:
    probe = [
        event("container", f"{what}: cat /secret", name="hs-web", execID="e1", at=100 + 30 * turn)
        for turn in range(5)
        for what in ("exec_create", "exec_start", "exec_die")
    ]
    story = Story()
    for one in probe:
        story.hear(one, owns=all_mine)

    assert [line.as_text() for line in story.lines] == ["container hs-web: executed 5 commands"]
    assert told(*probe[:3]) == [f"container hs-web: {EXECUTED}"]
    assert "secret" not in repr(vars(story))


def test_others_things_and_the_layers_below_an_image_make_no_line() -> None:
    story = Story()
    assert story.hear(event("container", "create", name="theirs"), owns=lambda kind, thing: False) is None
    assert story.hear(event("image", "delete", "sha256:1", name="sha256:1"), owns=all_mine) is None
    assert story.hear(event("container", "exec_create: x", name="hs-web"), owns=all_mine) is None
    assert not story.lines


def test_attributes_other_than_names_and_codes_are_never_said() -> None:
    labelled = event("container", "create", name="hs-web", environment="geheim", image="hs-shop:1")
    assert "geheim" not in " ".join(told(labelled))


@given(name=st.text(max_size=40), code=st.text(max_size=10))
def test_no_name_or_code_acts_on_a_terminal(name: str, code: str) -> None:
    for words in told(event("container", "die", name=name, exitCode=code)):
        assert not [letter for letter in words if unicodedata.category(letter).startswith("C")]


def test_only_the_last_lines_are_kept() -> None:
    story = Story()
    for number in range(KEPT + 20):
        story.hear(event("volume", "create", f"v{number}", at=100.0 + number), owns=all_mine)
    assert len(story.lines) == KEPT
    assert story.lines[-1].name == f"v{KEPT + 19}"


# -- inspect

SECRET = "geheim-4711"
INSPECTED: dict[str, Any] = {
    "Id": "c1",
    "Path": f"/bin/{SECRET}",
    "Args": ["--password", SECRET],
    "Config": {
        "Env": [f"PASSWORD={SECRET}", "EMPTY=", "PATH=/bin"],
        "Cmd": [SECRET],
        "Entrypoint": ["run", SECRET],
        "Healthcheck": {"Test": ["CMD-SHELL", f"curl {SECRET}"], "Interval": 1},
        "Hostname": "hs-web",
    },
    "State": {"Health": {"Log": [{"Output": SECRET, "ExitCode": 0}]}, "Running": True},
    "HostConfig": {"LogConfig": {"Type": "splunk", "Config": {"splunk-token": SECRET}}},
}


def test_values_arguments_and_commands_are_not_in_the_tree_and_all_else_is() -> None:
    found = json.dumps(tree.tree(INSPECTED).as_json())

    assert SECRET not in found
    assert all(word in found for word in ("PASSWORD", "hs-web", "splunk-token", "Interval", "yes"))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("Config", "Env", "0"), SECRET),
        (("Args", "1"), SECRET),
        (("Path",), f"/bin/{SECRET}"),
        (("Config", "Healthcheck", "Test", "1"), f"curl {SECRET}"),
        (("State", "Health", "Log", "0", "Output"), SECRET),
        (("HostConfig", "LogConfig", "Config", "splunk-token"), SECRET),
    ],
)
def test_each_is_told_when_it_is_asked_for(path: tuple[str, ...], value: str) -> None:
    assert tree.revealed(INSPECTED, path) == value


@pytest.mark.parametrize(
    "path", [(), ("Config",), ("Config", "Env"), ("Config", "Hostname"), ("No", "such"), ("Args", "9")]
)
def test_nothing_else_can_be_asked_for(path: tuple[str, ...]) -> None:
    assert tree.revealed(INSPECTED, path) is None


def test_a_command_that_is_one_string_is_hidden_too() -> None:
    assert SECRET not in json.dumps(tree.tree({"Config": {"Cmd": SECRET, "Env": None}}).as_json())


def test_a_huge_inspect_is_cut_and_says_so() -> None:
    huge = {"Config": {"Labels": {f"k{n}": "x" * 9000 for n in range(5000)}}}
    found = json.dumps(tree.tree(huge).as_json())

    assert "more" in found
    assert len(found) < tree.MOST * (tree.LONGEST + 200)
