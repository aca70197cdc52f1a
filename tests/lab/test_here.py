"""Where engines differ: exactly one sentence fits any engine, and what is told as the reason decides which."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from nbformat import v4

from helpers import errors, here
from helpers.book import pages
from helpers.engine.model.facts import Facts
from helpers.engine.model.location import Where
from helpers.lab import catalogue
from helpers.lab import here as room
from helpers.lab.model.difference import Difference, Here, Variant
from helpers.lab.views import difference as views
from tests.harness import notebooks as chapters

# Below, at and above every version that a variant names.
VERSIONS = ("", "19.3.1", "20.10.24+dfsg1", "26.1.5", "27.99", "28.0.0", "28.5", "29.0.0", "29.4.9", "29.5.0", "30.1")
RUNCS = ("", "1.1.5+ds1", "1.3.1", "1.3.2", "1.3.6", "1.4.0")
BOTH = (False, True)
V4: Any = v4  # it has no types
DIFFERENCES = tuple(catalogue.differences().values())


@cache
def engines() -> tuple[Facts, ...]:
    """Every combination of facts, those that no engine has, too."""
    fields: dict[str, tuple[Any, ...]] = {
        "podman": BOTH,
        "version": VERSIONS,
        "runc": RUNCS,
        "containerd_store": BOTH,
        "cgroup": (1, 2),
        "buildkit": BOTH,
        "rootless": BOTH,
        "where": tuple(Where),
        "desktop": BOTH,
    }
    return tuple(Facts(**dict(zip(fields, row, strict=True))) for row in itertools.product(*fields.values()))


def decides(difference: Difference, facts: Facts) -> tuple[Any, ...]:
    """What is told as the reason: name and version always; that it is Docker Desktop is told with the place."""
    told = [getattr(facts, field) for field in difference.by]
    return (facts.podman, facts.version, facts.desktop if "where" in difference.by else None, *told)


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda one: one.id)
def test_exactly_one_variant_fits_any_engine_and_the_reason_told_decides(difference: Difference) -> None:
    found: dict[tuple[Any, ...], Variant] = {}
    for facts in engines():
        assert found.setdefault(decides(difference, facts), difference.on(facts)) is difference.on(facts)
    assert set(map(id, found.values())) == set(map(id, difference.variants)), "a variant fits no engine"


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda one: one.id)
def test_each_is_told_once_in_its_chapter_in_the_course_s_words(difference: Difference) -> None:
    path = next(path for path in chapters.CHAPTERS if path.stem[:2] == difference.id[:2])
    code = [cell.source for cell in chapters.load(path).cells if cell.cell_type == "code"]
    assert code.count(f'here("{difference.id}")') == 1
    forbidden = chapters.forbidden_words(chapters.GLOSSARY.read_text(encoding="utf-8"))
    for variant in difference.variants:
        assert not chapters.words_used(chapters.prose(variant.text), forbidden)
        assert "**" not in variant.text  # code between backticks, and nothing else, is shown as such


def test_what_holds_here_comes_first_and_the_rest_is_to_open() -> None:
    for difference in DIFFERENCES:
        for facts in engines()[:: len(engines()) // 40]:
            found = Here(difference=difference, facts=facts)
            figure = views.here(found)
            assert found.variant is difference.on(facts)
            assert figure.sentence.startswith(f"{difference.question} {difference.on(facts).text} Your engine: ")
            assert figure.terminal is not None
            assert figure.terminal.count("\n") == len(difference.variants) - 2
            assert figure.html().count("(this one)") == 1


def test_the_book_shows_all_of_them_and_calls_no_engine_the_readers() -> None:
    html = views.here(Here(difference=DIFFERENCES[0], facts=engines()[0])).html()
    shown = V4.new_output("display_data", data={"text/html": html})
    cells = [V4.new_markdown_cell("# 07"), V4.new_code_cell("here()", id="told", outputs=[shown])]
    chapter = pages.Chapter(name="07-x", notebook=pages.still(V4.new_notebook(cells=cells)))
    page = pages.chapter_page(chapter, before=None, after=None, made="today")
    assert "<details data-engines" in html
    assert "<details open data-engines" in page
    assert "Your engine" in html
    assert "Your engine" not in page
    assert "The engine of these pages" in page


def test_without_an_engine_all_of_them_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Any:
        raise errors.EngineNotReachable(())

    monkeypatch.setattr(room, "connect", nobody)
    found = here("08-dns")
    assert views.NOBODY in repr(found)
    assert "On Podman: " in repr(found)
    assert "On Docker: " in repr(found)
    assert "<details data-engines open " in found.figure().html()


@pytest.mark.engine
def test_the_engine_of_this_test_run_has_its_sentence() -> None:
    for difference in DIFFERENCES:
        found = here(difference.id)
        assert found.facts is not None
        assert f"{difference.on(found.facts).text} Your engine: {found.facts.name}" in repr(found)


def variants(*fits: Any) -> tuple[Variant, ...]:
    return tuple(Variant(on=f"engine {at}", text="So it is.", fits=one) for at, one in enumerate(fits))


def always(facts: Facts) -> bool:
    return True


def never(facts: Facts) -> bool:
    return False


def test_what_fits_no_engine_or_twice_is_refused() -> None:
    for fits, many in (((always, always), 2), ((never, never), 0)):
        one = Difference(id="08-dns", question="Which?", by=(), variants=variants(*fits))
        with pytest.raises(errors.WrongUse, match=f"{many} variants of '08-dns' fit"):
            one.on(engines()[0])


def wrongly() -> Iterator[tuple[dict[str, Any], str]]:
    yield {"id": "dns"}, "its id"
    yield {"question": "So?  Yes."}, "asks nothing"
    yield {"variants": variants(always)}, "fewer than two"
    yield {"variants": (*variants(always), Variant(on="x", text=" ", fits=never))}, "empty"
    yield {"variants": variants(always) * 2}, "on the same engines"


@pytest.mark.parametrize(("given", "why"), tuple(wrongly()))
def test_what_could_not_be_told_is_refused_when_it_is_made(given: dict[str, Any], why: str) -> None:
    right: dict[str, Any] = {"id": "08-dns", "question": "Which?", "by": (), "variants": variants(always, never)}
    assert Difference(**right)
    with pytest.raises(errors.WrongUse, match=why):
        Difference(**{**right, **given})


def test_an_id_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(errors.WrongUse, match=r'here\("08-dns"\)'):
        here("08-nothing")
