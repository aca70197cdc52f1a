"""The desk's drawing and words: golden text, room for twelve, two hundred summed up, hostile names."""

from __future__ import annotations

import json
import re
import time
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.desk.model.scenery import GONE, NEW, Link, Scenery
from helpers.desk.model.story import Line
from helpers.desk.views import page, picture, words
from helpers.drawing.theme import scoped
from helpers.engine.model.container import State
from helpers.setup.jupyter.server import EXTENSIONS
from tests.desk.sceneries import BACK, FRONT, member, scenery, shop
from tests.drawing.hostile import HOSTILE

DESK_CSS = EXTENSIONS / "containers-unpacked" / "static" / "desk.css"
SHOP = scenery(
    member("hs-web", "hs-front", port=32768),
    member("hs-store", "hs-front", "hs-back", image="localhost/course/redis:8"),
    member("hs-old", state=State.EXITED),
    networks=(FRONT, BACK),
    volumes=("hs-orders",),
    images=("hs-shop:1",),
)


def texts(svg: str) -> list[str]:
    return [text for one in ET.fromstring(svg).iter() if one.tag.endswith("text") and (text := one.text)]


def test_the_sentence_says_all_that_the_picture_shows() -> None:
    assert words.sentence(SHOP) == (
        "3 containers, 2 running · 2 networks · 1 volume · 1 image. hs-web running on hs-front, port 8080 published on "
        "127.0.0.1:32768; hs-store running on hs-front and hs-back; hs-old exited. Volumes: hs-orders. "
        "Images: hs-shop:1."
    )
    assert words.rest(SHOP) == "Not drawn: 3 containers and 5 base images."


def test_the_lines_for_a_terminal_say_the_same() -> None:
    assert words.lines(SHOP) == [
        "3 containers, 2 running · 2 networks · 1 volume · 1 image",
        "  hs-web running on hs-front, port 8080 published on 127.0.0.1:32768 (localhost/course/busybox:1)",
        "  hs-store running on hs-front and hs-back (localhost/course/redis:8)",
        "  hs-old exited (localhost/course/busybox:1)",
        "  volume hs-orders",
        "  image hs-shop:1",
        "Not drawn: 3 containers and 5 base images.",
    ]


def test_the_picture_has_names_states_images_networks_ports_volumes_and_images() -> None:
    drawn = picture.draw(SHOP, {}, wide=541)

    said = texts(drawn.svg)
    for word in ("hs-web", "hs-store", "hs-old", "busybox", "redis", "exited", "hs-front", "10.0.1.0/24", "hs-back"):
        assert word in said
    assert {"▶", "■", ":32768→8080", ".2", "hs-orders", "hs-shop:1"} <= set(said)
    assert {spot.id for spot in drawn.spots} == {"id-hs-web", "id-hs-store", "id-hs-old"}


def test_marks_are_words_and_signs_not_colours_alone() -> None:
    said = texts(picture.draw(SHOP, {"id-hs-web": NEW, "id-hs-old": GONE, "volume hs-orders": NEW}, wide=541).svg)

    assert {"+ new", "− gone", "+ "} <= set(said)


@pytest.mark.parametrize("wide", [541, 804])
def test_twelve_have_a_column_each_with_its_name_whole(wide: int) -> None:
    drawn = picture.draw(shop(12), {}, wide=wide)

    assert len(drawn.spots) == 12
    assert drawn.hidden == 0
    assert min(spot.width for spot in drawn.spots) >= 88
    assert all(spot.x + spot.width <= wide for spot in drawn.spots)
    boxes = sorted((spot.y, spot.x) for spot in drawn.spots)
    assert len(set(boxes)) == 12


def test_four_stand_side_by_side_on_a_small_screen() -> None:
    """543 pixels: what a page of 1366 leaves."""
    found = scenery(
        *(member(name, "hs-front") for name in ("hs-web", "hs-api", "hs-store", "hs-paused")), networks=(FRONT,)
    )
    drawn = picture.draw(found, {}, wide=543)

    assert len({spot.y for spot in drawn.spots}) == 1
    assert {"hs-web", "hs-api", "hs-store", "hs-paused"} <= set(texts(drawn.svg))


def test_a_dozen_short_names_are_written_out() -> None:
    found = scenery(*(member(f"hs-w{n}", "hs-front") for n in range(12)), networks=(FRONT,))
    assert {f"hs-w{n}" for n in range(12)} <= set(texts(picture.draw(found, {}, wide=541).svg))


def test_two_hundred_are_summed_up_within_a_tenth_of_a_second() -> None:
    found = shop(200)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        drawn = picture.draw(found, {}, wide=541)
        times.append(time.perf_counter() - started)

    assert min(times) < 0.1
    assert any("×" in word for word in texts(drawn.svg))
    assert len(drawn.svg) < 30_000
    assert "200 containers, 200 running" in words.sentence(found)


def test_two_hundred_that_differ_are_counted_where_there_is_no_room() -> None:
    found = scenery(*(member(f"hs-{n}", image=f"image-{n}") for n in range(200)))
    drawn = picture.draw(found, {}, wide=541)

    assert drawn.hidden > 100
    assert f"And {drawn.hidden} containers more, without a column here." in texts(drawn.svg)


def test_nothing_and_silence_are_said() -> None:
    assert set(words.NOTHING) <= set(texts(picture.draw(scenery(), {}, wide=541).svg))
    silent = Scenery(link=Link.SILENT, why="refused: nothing is listening there")
    assert "✕ The engine does not answer." in texts(picture.draw(silent, {}, wide=541).svg)
    assert words.rest(silent) == ""
    assert page.shown(silent, {}, (), wide=541)["ok"] is False


def test_others_are_said_to_be_there() -> None:
    assert "only what the course made is drawn" in words.rest(replace(SHOP, shared=True))


@given(name=st.text(min_size=1, max_size=60) | st.just(HOSTILE), wide=st.integers(-5, 4000))
def test_no_name_breaks_the_drawing_or_gets_into_its_code(name: str, wide: int) -> None:
    line = Line(number=1, at=0.0, kind="container", id="c", name=name, did=[f"attached to {name}"])
    web = replace(member(name, "hs-front"), id="c1")
    found = scenery(web, networks=(replace(FRONT, name=name),), volumes=(name,), images=(name,))
    told = page.shown(found, {"c1": NEW}, (line,), wide=wide)

    svg = ET.fromstring(told["svg"])
    assert {one.tag.rpartition("}")[2] for one in svg.iter()} <= {"svg", "text", "rect", "line", "circle", "path"}
    assert not re.search(r"[\x00-\x08\x1b\u202e]", json.dumps(told, ensure_ascii=False))


def test_the_figure_for_a_cell_has_the_picture_the_tables_and_the_commands() -> None:
    figure = picture.figure(SHOP)

    assert figure.sentence == words.sentence(SHOP)
    assert [table.caption for table in figure.tables] == ["Your containers", "Your volumes and images"]
    assert "docker ps --all" in figure.how.docker
    ET.fromstring(figure.svg)


def test_every_colour_that_the_page_asks_for_is_told() -> None:
    rules = (DESK_CSS).read_text(encoding="utf-8")
    asked = set(re.findall(r"var\((--[a-z-]+)\)", rules))

    assert {"--hs-ink", "--hs-bad", "--hs-warn"} <= asked
    assert asked <= set(re.findall(r"(--[a-z-]+):", scoped(page.INSIDE)))


def test_the_rules_for_a_page_touch_nothing_outside_of_the_desk() -> None:
    rules = scoped(page.INSIDE).replace("@media(prefers-color-scheme:dark){", "").rstrip("}")
    selectors = re.findall(r"([^{}]+)\{", rules)

    assert len(selectors) > 40
    assert [one for one in selectors if page.INSIDE not in one] == []
