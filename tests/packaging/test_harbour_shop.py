"""The running example on the real engine: its own tests, its three ways to fail, and what packaging changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import containers, images, packaging, scene
from helpers.engine.client import Client

pytestmark = pytest.mark.engine
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
MAILED = ["harbour-shop/shop.py"]
PAGE = ("python3", "/shop/shop.py", "--page")
NEEDS = ["python3", "bottle", "humanize>=4.11", "/shop/goods.csv"]


@pytest.fixture(autouse=True)
def stage(client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(NOTEBOOKS)  # where a chapter's kernel runs
    with scene("test-shop"):
        yield


def test_it_fails_in_three_different_ways_and_works_where_everything_is() -> None:
    developer = packaging.stand_in("developer", "bottle==0.13.4", "humanize==4.12.3", files=["harbour-shop"])
    ana = packaging.stand_in("ana", files=MAILED)
    ben = packaging.stand_in("ben", "bottle==0.13.4", "humanize==3.14.0", files=MAILED)
    cleo = packaging.stand_in("cleo", "bottle==0.13.4", "humanize==4.12.3", files=MAILED)

    outcomes = {who.name: containers.run(who, *PAGE) for who in (developer, ana, ben, cleo)}

    assert "Today we sell anchor, rope, lantern and compass." in outcomes["developer"].output
    assert [outcomes[name].exit_code for name in ("developer", "ana", "ben", "cleo")] == [0, 1, 1, 1]
    last = {name: outcome.output.splitlines()[-1] for name, outcome in outcomes.items()}
    assert last["ana"] == "ModuleNotFoundError: No module named 'bottle'"
    assert last["ben"].startswith("ImportError: cannot import name 'natural_list' from 'humanize'")
    assert last["cleo"] == "FileNotFoundError: [Errno 2] No such file or directory: '/shop/goods.csv'"

    found = packaging.compare(needs=NEEDS, machines=[developer, ana, ben, cleo])

    assert [found[name].error.partition(":")[0] for name in ("ana", "ben", "cleo")] == [
        "ModuleNotFoundError",
        "ImportError",
        "FileNotFoundError",
    ]
    assert not found["developer"].error


def test_its_own_tests_pass_in_its_image_and_it_ends_when_asked() -> None:
    shop = images.build("harbour-shop", name="hs-shop")

    done = containers.run(shop, "python3", "-m", "unittest", "discover", "-s", "tests")
    assert done.exit_code == 0, done.output

    containers.start(shop, name="hs-web", publish=8080)
    containers.wait("hs-web", log="open on port 8080")
    assert containers.get("hs-web", "/health").body == "ok\n"
    assert containers.stop("hs-web", grace=5).exit_code == 0  # it handles the signal; 137 would mean it was killed


def test_visitors_are_counted_by_each_container_for_itself() -> None:
    shop = images.build("harbour-shop", name="hs-shop")
    for name in ("one", "two"):
        containers.start(shop, name=name, publish=8080)

    counts = [containers.get(name, "/visit").body for name in ("one", "one", "two")]

    assert counts == [f"You are visitor number {number}.\n" for number in (1, 2, 1)]
