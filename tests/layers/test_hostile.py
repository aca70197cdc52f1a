"""Whatever somebody wrote into an image: it is read, or refused in a sentence, in bounded time and memory."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests.harness.ceilings import within
from tests.layers import hostile

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the ceilings are set by Linux")

DEEP = pytest.mark.drawn("deep names")


def test_the_ceilings_hold() -> None:
    """Else none of the tests below could fail."""
    greedy = within(_greedy, seconds=5, megabytes=50)

    assert greedy.error == "MemoryError"
    with pytest.raises(AssertionError, match="ended by signal"):
        within(_endless, seconds=1, megabytes=50)


def _greedy() -> Callable[[], object]:
    return lambda: len(bytearray(60 << 20))


def _endless() -> Callable[[], object]:
    def work() -> None:
        while True:
            pass

    return work


@pytest.mark.parametrize("folders", [1_200, 5_000])
def test_a_path_of_a_thousand_directories_is_taken_apart(folders: int) -> None:
    ended = within(hostile.deep, folders, seconds=5, megabytes=300)

    assert ended.error == "", ended


@pytest.mark.parametrize(
    ("made", "args"),
    [
        (hostile.names, ()),
        pytest.param(hostile.entries, (), marks=pytest.mark.thorough),
        pytest.param(hostile.deep, (400_000,), marks=DEEP),
        pytest.param(hostile.deep_ones, (500,), marks=DEEP),
    ],
)
def test_names_are_bounded_in_total(made: Callable[..., hostile.Work], args: tuple[int, ...]) -> None:
    """143 MB of names from 150 kB; two million files; a path of which every part is a directory of its own."""
    ended = within(made, *args, seconds=20, megabytes=900)

    assert ended.error == "DamagedTar"
    assert "more than 128 MB of names" in ended.said


def test_names_of_all_layers_count_together() -> None:
    ended = within(hostile.names_of_many_layers, seconds=20, megabytes=400)

    assert ended.error == ""
    assert ended.said.count("more than 128 MB of names") == 2, "thirteen layers of ten million letters fit"


@pytest.mark.parametrize("where", range(6))
def test_a_number_of_5000_digits_is_none(where: int) -> None:
    ended = within(hostile.digits, where, seconds=2, megabytes=50)

    assert ended.error == "DamagedTar", ended


@pytest.mark.thorough
def test_holes_are_counted_together() -> None:
    ended = within(hostile.holes, seconds=30, megabytes=50)

    assert ended.said == str(40 * (5 << 30))


@pytest.mark.parametrize(
    ("made", "args"),
    [
        (hostile.folder_and_file, ()),
        (hostile.hard_links, (0,)),
        (hostile.hard_links, (1,)),
        (hostile.whiteouts, ()),
        (hostile.history, (0,)),
        (hostile.history, (1,)),
        (hostile.history, (2,)),
        (hostile.history, (3,)),
    ],
)
def test_nothing_takes_the_square_of_its_length(made: Callable[..., hostile.Work], args: tuple[int, ...]) -> None:
    ended = within(made, *args, seconds=6, megabytes=200)

    assert ended.error == "", ended


def test_one_config_that_a_thousand_images_name_is_read_once() -> None:
    ended = within(hostile.one_config_for_all, seconds=5, megabytes=300)

    assert ended.error == "NoImage"


@pytest.mark.parametrize("packing", [0, pytest.param(1, marks=pytest.mark.thorough)])
def test_zeros_without_end_take_no_more_time_than_their_bytes(packing: int) -> None:
    ended = within(hostile.zeros, packing, seconds=20, megabytes=100)

    if packing:
        assert ended.error == "", "gzip: its bytes are what it takes"
    else:
        assert "more than 1100 times its size" in ended.said


def test_changed_images_are_read_or_refused(pytestconfig: pytest.Config) -> None:
    many = 5000 if pytestconfig.getoption("course_all", False) else 300
    ended = within(hostile.fuzz, many, seconds=100, megabytes=400)

    assert ended.said == str(many), ended
