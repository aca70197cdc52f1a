"""What a Figure promises: text in three forms, nothing hostile gets through, nothing runs out of the card."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.containers.model.wait import Sight, Waited
from helpers.containers.views import containers as container_views
from helpers.daemon.model.doctor import Check, Report, Status
from helpers.daemon.model.processes import Chain, Process
from helpers.daemon.views import daemon as daemon_views
from helpers.daemon.views import doctor as doctor_views
from helpers.daemon.views import inventory as inventory_views
from helpers.daemon.views import location as location_views
from helpers.drawing import theme
from helpers.drawing.figure import Figure, Shows, Table
from helpers.drawing.svg import LINE, Card
from helpers.drawing.text import count, escape, fit, plain, size, width, wrap
from helpers.engine.build.model.log import Build, Step
from helpers.engine.model.calls import Call, Trace
from helpers.engine.model.container import Container, Finished, Listing, Published, State
from helpers.engine.model.events import Event, timeline
from helpers.engine.model.image import Gone, Held
from helpers.engine.model.inventory import Inventory, Owned
from helpers.engine.model.location import Machine, locate
from helpers.images.model.saved_files import Journey, Loaded, Parcel, Ran
from helpers.images.views import build as build_views
from helpers.images.views import saved_files as saved_files_views
from helpers.images.views import transfer as transfer_views
from helpers.networks.model.explanation import explain
from helpers.networks.model.networks import Change, Member, Network, NetworkMap, Tap
from helpers.networks.model.reachability import Attempt, Listener, Reach, Reachability, Way
from helpers.networks.model.route import Path as Path_
from helpers.networks.model.route import Step as RequestStep
from helpers.networks.model.route import Way as RequestWay
from helpers.networks.views import map as map_views
from helpers.networks.views import matrix as matrix_views
from helpers.networks.views import route as route_views
from helpers.oci.saved import Layer
from helpers.packaging.model import requirements as requirements_model
from helpers.packaging.model.elf import Foreign, Tried
from helpers.packaging.model.http_answers import Answers, Asked, Body
from helpers.packaging.model.stand_ins import StandIn
from helpers.packaging.views import foreign_cpu as foreign_cpu_views
from helpers.packaging.views import http_answers as http_answers_views
from helpers.packaging.views import requirements as requirements_views
from helpers.scenes.views import mistakes as mistake_views
from tests.drawing.hostile import HOSTILE


def container(name: str = "web", state: State = State.RUNNING, **more: object) -> Container:
    given = {"id": "f" * 64, "full_name": f"cu-x-{name}-0000", "image": "img:1", "command": ("sh", "-c", "x")}
    return Container(name=name, state=state, **{**given, **more})  # type: ignore[arg-type]


def figures(word: str) -> list[Figure]:
    """Every view of the course, with `word` wherever the engine could put one."""
    machine = Machine(name=word, system=word, kernel=word, architecture=word)
    process = Process(pid=2, parent=1, name=word)
    found = container(
        word, command=(word, word), image=word, published=(Published(address=word, port=1, container_port=2),)
    )
    held = Held(image_id=word, config=word, layers=(word,) * 20, platform=word)
    parcel = Parcel(
        path=Path(word), size=1, name=word, reference=word, config=word, platform=word,
        layers=(Layer(id=word, size=1, compression=word),) * 20, names=(word,),
    )  # fmt: skip
    ran = Ran(exit_code=1, sha256=word)
    return [
        saved_files_views.parcel(parcel),
        saved_files_views.gone(Gone(name=word, reference=word, others=(word,), base=word)),
        transfer_views.loaded(Loaded(reference=word, parcel=parcel, before=held, after=held, engine_platform=word)),
        transfer_views.journey(
            Journey(
                parcel=parcel,
                before=None,
                after=held,
                address=word,
                command=(word,),
                here=ran,
                there=ran,
                stayed=(word,),
            )
        ),
        container_views.container(found),
        container_views.listing(Listing(containers=(found,) * 3, everything=True)),
        container_views.finished(Finished(image=word, command=(word,), exit_code=0, output=word, seconds=1)),
        doctor_views.doctor(
            Report(
                checks=(Check(name=word, status=Status.BROKEN, what=word, why=word, next=word),),
                engine={word: word},
                images=({"reference": word, "present": True, "source": word},),
            )
        ),
        daemon_views.chain(
            Chain(container=word, full_name=word, dockerd=process, containerd=process, shim=process, process=process)
        ),
        daemon_views.timeline(timeline(word, (Event(at=1, kind=word, action=word, actor=word, name=word),))),
        daemon_views.trace(Trace(verb=word, calls=(Call(method=word, path=word, status=200, seconds=0.1),))),
        location_views.where(locate(address=word, notebook=machine, engine=machine, in_container=False)),
        inventory_views.inventory(
            Inventory(mine=(Owned(kind="container", id=word, name=word, scene=word),), others={}, base_images=(word,))
        ),
        build_views.build(built(word), name=word, folder=word, own=True),
        container_views.waited(
            Waited(container=found, condition=word, sights=(Sight(after=0.0, said=word),) * 30, looks=31)
        ),
        mistake_views.mistake(word, word, word, word),
        *packaging_figures(word),
        *network_figures(word),
    ]


def built(word: str, number: int = 20) -> Build:
    steps = (
        Step(
            number=n + 1,
            total=number,
            instruction=word,
            line=n,
            cached=n % 2 == 0,
            output=(word,),
            seconds=float(n),
        )
        for n in range(number)
    )
    return Build(image_id=word, tag=word, steps=tuple(steps), seconds=1.0)


def network_figures(word: str) -> list[Figure]:
    """The views of the networks topic: none, one container, a dozen of all kinds, more than one row holds."""
    network = Network(id=word, name=word, full_name=word, driver=word, subnets=(word,), gateways=(word,))
    lanes = tuple(replace(network, id=f"{word}{n}", internal=n == 1, icc=n != 2, names=n != 3) for n in range(12))
    published = (Published(address=word, port=65535, container_port=65535),) * 3
    modes = ("", "host", "none", f"container:{word}0")
    members = tuple(
        Member(
            id=f"{word}{n}",
            name=word,
            full_name=word,
            image=word,
            state=list(State)[n % len(State)],
            mode=modes[n % 7] if n % 7 < len(modes) else "",
            taps=(Tap(network=f"{word}{n % 12}", address=word, address6=word), Tap(network=f"{word}0", address=word)),
            published=published if n % 5 == 0 else (),
            declares=(80,),
        )
        for n in range(20)
    )
    seen = [Change(kind=kind, what="container", id=f"{word}{n}", words=word) for n, kind in enumerate("+~−+~−+")]
    maps = [NetworkMap(networks=lanes, members=members[:n], elsewhere=n, focus=word) for n in (0, 1, 12, 20)]
    attempts = tuple(
        Attempt(source=s, target=t, way=way, tried=word, port=65535, column=80, reach=reach, place=word, others=(word,))
        for s in (f"{word}a", f"{word}b", "this computer")
        for t in (f"{word}a", f"{word}b")
        for way, reach in zip(Way, (Reach.NO_NAME, Reach.NO_DNS, Reach.REACHED, Reach.REFUSED), strict=True)
        if s != t
    )
    pair = tuple(replace(members[0], id=n, name=f"{word}{n}", mode="") for n in "ab")
    matrix = Reachability(
        map=NetworkMap(networks=lanes, members=pair),
        sources=(f"{word}a", f"{word}b", "this computer"),
        columns=((f"{word}a", 80), (f"{word}b", 80)),
        attempts=attempts,
        listening={f"{word}a": (Listener(address=word, port=80),), f"{word}b": None},
    )
    path = Path_(
        begin=word,
        arrives=False,
        why=word,
        steps=(RequestStep(where=word, what=word, detail=word, measured=False),) * 5,
    )
    return [
        map_views.network(network),
        *(map_views.network_map(one, seen, watched=True) for one in maps),
        matrix_views.matrix(matrix),
        matrix_views.explanation(explain(matrix, f"{word}a", f"{word}b")),
        route_views.way(RequestWay(container=word, full_name=word, port=1, paths=(path, replace(path, arrives=True)))),
    ]


def packaging_figures(word: str) -> list[Figure]:
    """The views of the packaging topic: one machine, six, and more than a picture shows."""
    found = container(word, image=word)
    cells = tuple(
        requirements_model.Cell(fit=fit, version=version) for fit in requirements_model.Fit for version in ("", word)
    )
    needs = tuple(
        requirements_model.Need(name=word, kind=requirements_model.Kind.PACKAGE, conditions=((">=", word),))
        for _ in cells
    )
    tried = Tried(cpu=word, size=1, said=word, ran=True, exit_code=0)
    refused = Tried(cpu=word, size=1, said=word, ran=False, exit_code=None)
    figures = [
        requirements_views.stand_in(
            StandIn(
                name=word,
                reference=word,
                python=word,
                packages=((word, word),),
                folder=word,
                files=(word,),
                dockerfile=word,
            )
        ),
        foreign_cpu_views.foreign(Foreign(cpu=word, control=tried, foreign=tried)),
        foreign_cpu_views.foreign(Foreign(cpu=word, control=tried, foreign=refused)),
    ]
    for number in (1, 6, 8):
        machines = tuple(
            requirements_model.Machine(name=word, image=word, cells=cells, exit_code=code, error=word, output=word)
            for code in range(number)
        )
        figures.append(
            requirements_views.comparison(
                requirements_model.Comparison(needs=needs, machines=machines, command=(word, word))
            )
        )
        bodies = tuple(Body(status=status, digest=word, size=1) for status in (200, 404))
        asked = tuple(Asked(name=word, container=found, bodies=bodies) for _ in range(number))
        figures.append(http_answers_views.answers(Answers(paths=(word, word + "2"), asked=asked)))
    return figures


def svg_of(html: str) -> str:
    found = re.search(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", html)
    assert found
    return base64.b64decode(found.group(1)).decode()


@pytest.mark.parametrize("figure", figures(HOSTILE))
def test_hostile_words_stay_words(figure: Figure) -> None:
    html = figure.html()
    assert "<script" not in html
    assert "\x1b" not in html
    assert "\u202e" not in html
    if figure.svg:
        drawing = svg_of(html)
        tags = {element.tag.split("}")[1] for element in ET.fromstring(drawing).iter()}
        assert tags <= {"svg", "style", "rect", "text", "line", "circle", "path", "g"}


@settings(deadline=None)  # all views in one example; how long that takes is not what is tested
@given(st.text(max_size=40))
def test_any_text_gives_well_formed_pictures(word: str) -> None:
    for figure in figures(word):
        if figure.svg:
            ET.fromstring(figure.svg.encode("utf-8", "replace"))


@pytest.mark.parametrize("figure", figures("a-name-of-sixty-characters-that-goes-on-and-on-and-on-and-on"))
def test_no_text_leaves_the_card(figure: Figure) -> None:
    if not figure.svg:
        return
    root = ET.fromstring(figure.svg)
    card, height = float(root.attrib["width"]), float(root.attrib["height"])
    for element in root.iter("{http://www.w3.org/2000/svg}text"):
        classes = element.attrib["class"].split()
        mono, pixels = "m" in classes, 12 if {"m", "n"} & set(classes) else 15 if "h" in classes else 13
        long = width(element.text or "", size=pixels, mono=mono)
        x = float(element.attrib["x"])
        left, right = (x - long, x) if element.attrib.get("text-anchor") else (x, x + long)
        assert left >= 12, element.text
        assert right <= card - 12, element.text
        assert float(element.attrib["y"]) < height - 8


@pytest.mark.parametrize("number", [0, 1, 3, 12, 200])
def test_a_listing_of_any_length(number: int) -> None:
    listing = Listing(containers=tuple(container(f"c{i}") for i in range(number)), everything=True)
    figure = container_views.listing(listing)
    assert len(figure.tables[0].rows) == number
    assert figure.sentence.startswith("No containers" if not number else str(number))


def test_every_number_of_the_picture_is_in_the_text() -> None:
    moments = timeline(
        "t",
        (
            Event(at=1.0, kind="container", action="create", actor="a"),
            Event(at=1.25, kind="container", action="die", actor="a"),
        ),
    )
    assert daemon_views.timeline(moments).tables[0].rows == (
        ("container create", "0.0", "its writable layer; nothing runs yet"),
        ("container die", "250.0", "the process has ended"),
    )


def test_the_html_has_an_alternative_text_captions_and_scopes() -> None:
    html = inventory_views.inventory(Inventory(mine=(), others={"image": 3}, base_images=())).html()
    assert re.search(r'<img alt="[^"]{20,}"', html)
    assert html.count("<caption") == html.count("<table") == 3
    assert 'scope="col"' in html
    assert 'scope="row"' in html
    assert html.count("<summary ") == html.count("<summary data-lm-suppress-shortcuts") == 2


@pytest.mark.parametrize("number", [0, 1, 5])
def test_a_lanes_words_stand_whole_where_there_is_room(number: int) -> None:
    bridge = Network(
        id="b", name="bridge", full_name="bridge", driver="bridge", names=False,
        subnets=("172.17.0.0/16",), gateways=("172.17.0.1",),
    )  # fmt: skip
    tap = Tap(network="b", address="172.17.0.2")
    members = tuple(
        Member(id=str(n), name=f"c{n}", full_name=f"c{n}", image="img:1", state=State.RUNNING, taps=(tap,))
        for n in range(number)
    )
    assert ">no names · gateway .0.1<" in map_views.network_map(NetworkMap(networks=(bridge,), members=members)).svg


def test_a_shown_model_tells_the_same_without_a_notebook() -> None:
    class Word(Shows):
        def figure(self) -> Figure:
            return Figure(sentence="One sentence.", terminal="two\nlines\n")

    bundle = Word()._repr_mimebundle_(include=None, exclude=None)
    assert bundle["text/plain"] == repr(Word()) == "One sentence.\ntwo\nlines"
    assert "<pre" in bundle["text/html"]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("mode", [0, 1])
@pytest.mark.parametrize("kind", [*theme.KINDS, "ink", "soft"])
def test_every_colour_can_carry_text(kind: str, mode: int) -> None:
    colour = {**theme.KINDS, **theme.INK}[kind][mode]
    for ground in ("card", "fill"):
        dark, light = sorted((luminance(colour), luminance(theme.INK[ground][mode])))
        assert (light + 0.05) / (dark + 0.05) >= 4.5


@given(st.text(max_size=200), st.integers(min_value=20, max_value=300))
def test_fit_fits(text: str, pixels: int) -> None:
    assert width(fit(text, pixels)) <= pixels


@given(st.text())
def test_plain_holds_no_control_characters(text: str) -> None:
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", plain(text))
    assert "<" not in escape(text)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (78_600_000, "78.6 MB"),
        (999_600, "1.0 MB"),
        (127_000_000, "127 MB"),
        (2.5e9, "2.5 GB"),
    ],
)
def test_sizes_are_decimal(number: float, said: str) -> None:
    assert size(number) == said


def test_count() -> None:
    assert [count(n, "image") for n in (0, 1, 2)] == ["no images", "1 image", "2 images"]


def test_tables_are_rectangular() -> None:
    for figure in figures("word"):
        for table in figure.tables:
            assert {len(row) for row in table.rows} <= {len(table.columns)}
    assert {f.name for f in fields(Table)} == {"caption", "columns", "rows"}


@given(st.text(max_size=200), st.integers(30, 600), st.integers(1, 4))
def test_wrapped_lines_fit_and_lose_nothing_but_the_middle(text: str, pixels: int, lines: int) -> None:
    found = wrap(text, pixels, lines=lines, size=12)
    assert 1 <= len(found) <= lines
    assert all(width(line, size=12) <= pixels for line in found)
    if not any("…" in line for line in found):
        assert " ".join(found).split() == plain(text).split()


def test_lines_are_broken_at_blanks_and_the_last_one_is_cut() -> None:
    assert wrap("one two three", 60, lines=3, size=12) == ["one two", "three"]
    assert wrap("one two three four five six", 60, size=12)[0] == "one two"
    assert "…" in wrap("one two three four five six", 60, size=12)[1]
    assert wrap("", 60) == [""]


def test_an_answer_too_long_for_a_line_gets_a_second_one_and_all_below_moves_down() -> None:
    words = "word " * 30
    short, long = Card("What?", "A word."), Card("What?", words.strip())
    for card in (short, long):
        card.text(30, 100, "below")
    one, two = ET.fromstring(short.svg()), ET.fromstring(long.svg())
    assert float(two.attrib["height"]) == float(one.attrib["height"]) + LINE
    said = " ".join(text.text or "" for text in two.iter("{http://www.w3.org/2000/svg}text"))
    assert said.count("word") == 30
    assert f'<g transform="translate(0 {LINE})">' in long.svg()
    assert "<g" not in short.svg()
