"""The pictures of chapter 02: of any length, with long and hostile words, and with every number in the text."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.containers.model.changed_files import Change, Changes, Copied, Copy, Cost, Costs, Family, Kind, Sheet
from helpers.containers.model.lifecycle import Cause, Life, Step, Verb
from helpers.containers.model.timing import Strip, Timing
from helpers.containers.views import changed_files, lifecycle, timing
from helpers.drawing.figure import Figure
from helpers.drawing.text import width
from helpers.engine.model.container import Container, State
from helpers.engine.model.exit_code import Ending
from helpers.images.model.anatomy import Anatomy, Tagged
from helpers.images.model.comparison import METADATA, Comparison, FileDifference, Setting
from helpers.images.views import anatomy, comparison
from helpers.oci.history import Origin
from helpers.oci.reference import Reference

HOSTILE = "</text><script>alert(1)</script>\"'&\x00\x1b[31mred\u202egnp.exe\ud800"
LONG = "a-name-of-sixty-characters-that-goes-on-and-on-and-on-and-on"


def box(word: str) -> Container:
    return Container(id=word, name=word, full_name=word, image=word, command=(word,), state=State.RUNNING)


def path(number: int) -> tuple[Step, ...]:
    """Created, then started and stopped again and again."""
    steps = [Step(source=None, target=State.CREATED, cause=Cause.CREATE)]
    for place in range(number - 1):
        starts = steps[-1].target is not State.RUNNING
        steps.append(
            Step(
                source=steps[-1].target,
                target=State.RUNNING if starts else State.EXITED,
                cause=Cause.START if starts else Cause.STOP,
                after=float(place),
                signals=() if starts else (15, 9),
                exit_code=None if starts else 137,
            )
        )
    return tuple(steps[:number])


def family(word: str, number: int) -> Family:
    changes = tuple(Change(kind=kind, path=f"/{word}/{kind.value}") for kind in Kind)
    copies = tuple(Copy(name=word, full_name=word, state=State.RUNNING, size=n, changes=changes) for n in range(number))
    layers = tuple(Sheet(made_by=word, size=10**n) for n in range(min(number, 20)))
    return Family(reference=word, image=word, layers=layers, copies=copies)


def figures(word: str, number: int) -> list[Figure]:
    changes = tuple(Change(kind=kind, path=f"/{n}/{word}") for n in range(number) for kind in Kind)
    states = [
        lifecycle.life(Life(name=word, state=state, steps=path(number), policy=word, complete=number % 2 == 0))
        for state in State
    ]
    ends = tuple(
        Ending(name=word, full_name=word, exit_code=code, error=word if n % 2 else "", oom_killed=n % 3 == 0)
        for n, code in zip(range(number), [0, 1, 137, 143, None, 126] * 40, strict=False)
    )
    strips = tuple(Strip(what=word, seconds=tuple(0.001 * n for n in range(1, number + 2))) for _ in range(3))
    found = Reference(
        written=word, registry="", namespace=word, repository=word, tag=word, digest=word if number % 2 else ""
    )
    history = tuple(Origin(made_by=word, size=n) for n in range(number))
    return [
        *states,
        changed_files.changes(Changes(container=box(word), changes=changes)),
        changed_files.copied(Copied(container=box(word), path=word, text=word, size=1)),
        changed_files.copied(Copied(container=box(word), path=word, text=word, size=1, written=True)),
        changed_files.family(family(word, number)),
        changed_files.endings(ends),
        changed_files.costs(
            Costs(
                reference=word,
                image=word,
                image_size=10**9,
                written=1,
                costs=tuple(Cost(number=n, own_size=n) for n in range(1, min(number, 5) + 2)),
            )
        ),
        timing.timing(Timing(image=word, rounds=number, grace=1, start=strips[:2], stop=strips)),
        anatomy.reference(found),
        anatomy.anatomy(
            Anatomy(
                reference=word, id=word, names=(word,) * number, parts=found, platform=word, created=word, size=1,
                layers=number, entrypoint=(word,), command=(word,), environment=(word,) * number, user=word,
                folder=word, ports=(word,), volumes=(word,), labels={word: word}, history=history,
            )
        ),
        anatomy.tagged(Tagged(reference=word, id=word, before="x", others=(word,) * number, left=(word,) * number)),
        comparison.comparison(
            Comparison(
                first=word, second=word, shared=number, layers=(number, number + 1),
                settings=(Setting(what="environment", first=word, second=""),) * min(number, 9),
                files=(FileDifference(path=f"/{word}", how=METADATA, first=10**9, second=1),) * number,
            ),
            (word, word),
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("number", [0, 1, 3, 12, 200])
@pytest.mark.parametrize("word", [LONG, HOSTILE], ids=["long", "hostile"])
def test_any_number_of_things_with_any_names_stay_on_their_card(word: str, number: int) -> None:
    for figure in figures(word, number):
        html = figure.html()
        assert "<script" not in html
        assert "\x1b" not in html
        if not figure.svg:
            continue
        root = ET.fromstring(figure.svg.encode("utf-8", "replace"))
        card, height = float(root.attrib["width"]), float(root.attrib["height"])
        assert height < 1000
        for element in root.iter("{http://www.w3.org/2000/svg}text"):
            classes = element.attrib["class"].split()
            mono, pixels = "m" in classes, 12 if {"m", "n"} & set(classes) else 15 if "h" in classes else 13
            long = width(element.text or "", size=pixels, mono=mono)
            x = float(element.attrib["x"])
            left, right = (x - long, x) if element.attrib.get("text-anchor") else (x, x + long)
            assert left >= 12, element.text
            assert right <= card - 12, element.text
            assert float(element.attrib["y"]) < height - 8


@settings(deadline=None, max_examples=25)
@given(st.text(max_size=30))
def test_any_text_gives_well_formed_pictures(word: str) -> None:
    for figure in figures(word, 3):
        if figure.svg:
            ET.fromstring(figure.svg.encode("utf-8", "replace"))


def test_the_text_holds_each_step_with_its_signals_and_code() -> None:
    rows = lifecycle.life(Life(name="web", state=State.EXITED, steps=path(3))).tables[0].rows
    assert [row[0] for row in rows] == ["1", "2", "3"]
    assert "SIGTERM was sent; it did not end within the grace period, and SIGKILL ended it" in rows[2][4]
    assert "exit code 137" in rows[2][4]


def test_each_command_is_listed_with_its_reason() -> None:
    rows = lifecycle.life(Life(name="web", state=State.PAUSED, steps=path(2))).tables[1].rows
    assert len(rows) == len(Verb)
    assert ("docker start", "no", "paused is not stopped: unpause it") in rows
    assert ("docker unpause", "yes", "") in rows


def test_every_number_of_the_dot_strips_is_in_the_text() -> None:
    strips = (Strip(what="a", seconds=(0.1, 0.2, 0.4)),) * 2
    figure = timing.timing(Timing(image="x", rounds=3, grace=1, start=strips, stop=strips))
    assert figure.tables[0].rows[0] == ("a", "200.0", "150.0", "300.0", "100.0, 200.0, 400.0")


def test_folders_that_only_hold_a_change_are_left_out_of_the_picture() -> None:
    changes = (
        Change(kind=Kind.CHANGED, path="/etc"),
        Change(kind=Kind.ADDED, path="/etc/new"),
        Change(kind=Kind.CHANGED, path="/var"),
    )
    found = Changes(container=box("web"), changes=changes)
    assert [one.path for one in found.own] == ["/etc/new", "/var"]
    assert len(changed_files.changes(found).tables[0].rows) == 3
