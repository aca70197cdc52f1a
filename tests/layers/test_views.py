"""The stack, images before and after, what images share: golden sentences, odd sizes, nothing out of the card."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
import zlib

import pytest

from helpers.drawing.figure import Figure
from helpers.errors import CourseError
from helpers.layers.model.analysis import Analysis
from helpers.layers.model.content import Content
from helpers.layers.model.sharing import Around, Base, Column, Neighbour, Piece, Sharing
from helpers.layers.views import before_after, sharing
from helpers.layers.views import stack as views
from helpers.layers.widgets.explorer import Explorer, pack
from tests.drawing.hostile import HOSTILE
from tests.drawing.inside import SVG, inside
from tests.layers.analyses import BIG, NOTHING, SLIM, image

LONG = "a-name-of-sixty-characters-that-goes-on-and-on-and-on-and-on"


AROUND = Around(base=Base(name="base:1", layers=1, steps=2), neighbours=(Neighbour(name="other:1", common=1),))


def column(name: str, *pieces: tuple[str, int]) -> Column:
    return Column(
        name=name, reference=name, pieces=tuple(Piece(id=id, size=size, command=f"RUN {id}") for id, size in pieces)
    )


SHOP = column("shop", ("base", 100), ("lib", 40), ("app", 1))
OFFICE = column("office", ("base", 100), ("lib", 40), ("desk", 2))
TURNED = column("turned", ("base", 100), ("app", 1), ("lib", 40))
OTHER = column("other", ("elsewhere", 7))


def hostile(word: str) -> list[Figure]:
    odd = image(word, *[(word, [(f"/{word}{n}", n)]) for n in range(3)], (word, [(f"/.wh.{word}1", 0)]), (word, None))
    around = Around(base=Base(name=word, layers=1, steps=1), neighbours=(Neighbour(name=word, common=2),) * 3)
    columns = tuple(column(word, (word, 5), (f"{n % 2}", 1), (word * 2, 8)) for n in range(7))
    return [
        views.stack(odd, around),
        views.stack(image(word, *[(word, [(f"/{n}", n)]) for n in range(60)])),
        before_after.before_after(odd, odd),
        sharing.sharing(Sharing(columns=columns)),
        sharing.sharing(Sharing(columns=columns[:1])),
    ]


@pytest.mark.parametrize("figure", hostile(LONG))
def test_no_text_and_no_bar_leaves_the_card(figure: Figure) -> None:
    inside(figure)


@pytest.mark.parametrize("figure", hostile(HOSTILE))
def test_hostile_words_stay_words(figure: Figure) -> None:
    html = figure.html()
    assert "<script" not in html
    assert "\x1b" not in html
    tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(figure.svg.encode("utf-8", "replace")).iter()}
    assert tags <= {"svg", "style", "rect", "text", "line", "circle", "path"}


@pytest.mark.parametrize("found", [BIG, SLIM, NOTHING, image("none:1"), image("tiny:1", ("ADD x /", [("/x", 3)]))])
@pytest.mark.parametrize("around", [None, AROUND])
def test_images_of_any_shape_fit(found: Analysis, around: Around | None) -> None:
    inside(views.stack(found, around))


def test_the_stack_says_which_instruction_stored_what_nobody_sees() -> None:
    figure = views.stack(BIG, AROUND)
    assert figure.sentence == (
        "The image harbour-shop:big has 3 layers, 1 of which is its base image's. "
        "Bytes that no container can see were stored by “COPY . .”."
    )
    assert "No container can ever see 29.8 MB of it." in figure.svg
    assert "FROM base:1" in figure.svg
    assert "shared with 1 image here" in figure.svg
    assert "LABEL containers-unpacked" not in figure.svg  # in no Dockerfile; the text version tells it
    rows = figure.tables[0].rows
    assert [row[0] for row in rows] == ["0–1", "2", "3", "4", "5"]
    assert rows[3] == ("4", "COPY . .", "29.8 MB", "29.8 MB", "3", "0", "0", "")
    hidden = next(table for table in figure.tables if "no container sees" in table.caption)
    assert hidden.rows[0] == ("/shop/.git/pack", "20.0 MB", "COPY . .", "RUN rm -rf .git raw.csv")


def test_an_image_without_layers_says_so() -> None:
    assert views.stack(NOTHING).sentence == "The image nothing:1 has no layers: it holds settings only."
    assert views.stack(SLIM).sentence.endswith("It stores no byte that a container can't see.")


@pytest.mark.parametrize("number", [1, 30, 34, 35, 200])
def test_long_histories_keep_their_ends(number: int) -> None:
    found = image("long:1", *[(f"RUN step-{n}-end", [(f"/f{n}", n)]) for n in range(number)])
    figure = views.stack(found)
    assert len(figure.tables[0].rows) == number
    assert "step-0-end" in figure.svg
    assert f"step-{number - 1}-end" in figure.svg
    assert ("more: see the text version" in figure.svg) == (number > 34)


def test_hatching_is_as_wide_as_what_is_hidden() -> None:
    bars = re.findall(r'<rect class="s-bad"[^>]* width="([\d.]+)"', views.stack(BIG).svg)
    assert [round(float(bar)) for bar in bars] == [round(130 * 29_800_000 / 78_000_000)]


def test_before_and_after() -> None:
    figure = before_after.before_after(BIG, SLIM)
    assert figure.sentence == "The second image is smaller than the first, and hides less."
    assert figure.tables[0].rows[1][:3] == ("harbour-shop:slim", "78.0 MB", "0 B")
    assert before_after.before_after(SLIM, BIG).sentence.startswith("The second image is larger than the first")
    assert before_after.before_after(SLIM, SLIM).sentence == "Nothing: both have the same layers."


# what images share


def test_a_disk_shares_beginnings_and_a_registry_shares_layers() -> None:
    found = Sharing(columns=(SHOP, TURNED, OFFICE, OTHER))
    assert (found.apart, found.on_disk, found.in_registry) == (431, 100 + 40 + 1 + 2 + 1 + 40 + 7, 150)
    turned, office, other = found.costs()
    assert (turned.sent, turned.stored, turned.shared, len(turned.twice)) == (0, 41, 1, 2)
    assert (office.sent, office.stored, office.shared, office.twice) == (2, 2, 2, ())
    assert (other.sent, other.stored, other.shared) == (7, 7, 0)


def test_every_layer_is_drawn_once_for_all_that_have_it_on_the_same_layers() -> None:
    found = Sharing(columns=(SHOP, TURNED, OTHER, OFFICE))
    assert [one.name for one in found.order] == ["shop", "office", "turned", "other"]
    blocks = {(block.piece.id, block.level): (block.first, block.last, block.known) for block in found.blocks()}
    assert blocks == {
        ("base", 0): (0, 2, False),
        ("lib", 1): (0, 1, True),
        ("app", 2): (0, 0, True),
        ("desk", 2): (1, 1, False),
        ("app", 1): (2, 2, True),
        ("lib", 2): (2, 2, True),
        ("elsewhere", 0): (3, 3, False),
    }


def test_sharing_in_words() -> None:
    assert sharing.sharing(Sharing(columns=(SHOP, OFFICE, TURNED))).sentence == (
        "office shares its lowest 2 layers with shop. turned shares its lowest 1 layer with shop and office. "
        "2 more layers of it are the same bytes, on other layers: a registry shares that, a disk does not."
    )
    assert sharing.sharing(Sharing(columns=(SHOP, OTHER))).sentence == "other shares no beginning with shop."
    assert sharing.sharing(Sharing(columns=(SHOP,))).sentence == "shop alone: there is nothing to share."


# what the explorer sends


def unpacked(found: Analysis) -> dict[str, object]:
    data = json.loads(zlib.decompress(pack(found)))
    assert isinstance(data, dict)
    return data


def test_the_columns_hold_every_entry_of_every_layer() -> None:
    data = json.loads(zlib.decompress(pack(BIG)))
    names = data["names"].split("\n")
    assert len(names) == len(data["parents"])
    assert all(parent < node for node, parent in enumerate(data["parents"]) if node)
    for layer, packed in zip([one for one in BIG.layers if not one.empty], data["layers"], strict=True):
        node = 0
        paths: list[str] = []
        for step in packed["nodes"]:
            node += step
            at = node
            parts: list[str] = []
            while at:
                parts.insert(0, names[at])
                at = data["parents"][at]
            paths.append("/" + "/".join(parts))
        assert paths == [entry.path for entry in layer.entries]
        assert packed["sizes"] == [entry.size for entry in layer.entries]
        assert len(packed["changes"]) == len(packed["kinds"]) == len(paths)
    assert [waste["path"] for waste in data["waste"]] == ["/shop/.git/pack", "/shop/raw.csv"]


def test_a_hostile_name_is_one_line_of_the_columns() -> None:
    data = unpacked(image("x", ("RUN", [(f"/a{HOSTILE.replace('/', '')}\nb", 1), ("/\udcff", 2)])))
    assert len(str(data["names"]).split("\n")) == 3


@pytest.mark.parametrize(
    ("content", "whole", "text", "note"),
    [
        (b"one\x1b[31m", 8, "one", "What is in it:"),
        (b"", 0, "", "The file is empty."),
        (b"x\0", 2, "", "It is not text"),
        (b"x" * 10, 150_000, "x" * 10, "The first 10 B of 150 kB:"),
    ],
)
def test_a_look_into_a_file(content: bytes, whole: int, text: str, note: str) -> None:
    def read(path: str, layer: int) -> Content:
        return Content(image="x", path=path, layer=layer, instruction="RUN", size=whole, content=content)

    shown = Explorer(BIG, text=read)
    layer = [one for one in BIG.layers if not one.empty][1]
    found = shown.look(layer, layer.entries[0])
    assert found["text"] == text
    assert found["note"].startswith(note)


def test_what_a_page_asks_is_answered_by_row_and_nothing_else() -> None:
    asked: list[tuple[str, int]] = []
    sent: list[object] = []

    def text(path: str, layer: int) -> Content:
        asked.append((path, layer))
        raise CourseError("It is not text.", "it holds a zero byte", "")

    shown = Explorer(BIG, text=text)
    shown.send = sent.append
    for odd in (None, {}, {"ask": "1"}, {"ask": 1, "layer": 9, "row": 0}, {"ask": 1, "layer": "x"}, {"ask": 1}):
        shown._asked(shown, odd, [])
    assert (asked, sent) == ([], [])
    shown._asked(shown, {"ask": 3, "layer": 1, "row": 0}, [])
    assert asked == [("/shop/.git/pack", 4)]
    assert sent == [{"answer": 3, "text": "", "note": "It is not text. it holds a zero byte"}]
