"""The picture of a build, and what it says of each step."""

from __future__ import annotations

import pytest

from helpers.engine.build.model.log import Build, Step
from helpers.images.views import build as views


def step(number: int, instruction: str, *, cached: bool, seconds: float = 0.001) -> Step:
    return Step(number=number, total=3, line=number, instruction=instruction, cached=cached, seconds=seconds)


def built(builder: str, *cached: bool) -> Build:
    words = ("FROM busybox", "COPY . .", "RUN make")
    steps = tuple(step(n, word, cached=was) for n, (word, was) in enumerate(zip(words, cached, strict=False), start=1))
    return Build(image_id="sha256:" + "0" * 64, tag="cu-shop:1", steps=steps, seconds=1.2, builder=builder)


@pytest.mark.parametrize(
    ("cached", "said"),
    [
        # whether BuildKit calls the base image cached differs from one build to the next
        ((True, False, False), "3 steps in 1.2 s: 2 made now, on the base image."),
        ((True, True, False), "3 steps in 1.2 s: 1 made now, on the base image, 1 from the cache."),
        ((False, True, True), "3 steps in 1.2 s: 2 from the cache, on the base image."),
        ((True,), "1 step in 1.2 s: the base image."),
    ],
)
def test_the_base_image_is_neither_made_nor_from_the_cache(cached: tuple[bool, ...], said: str) -> None:
    figure = views.build(built("buildkit", *cached), name="shop", folder="shop", own=True)
    assert f"BuildKit: {said}" in figure.alt


def test_where_nothing_took_time_no_bar_is_long() -> None:
    figure = views.build(built("buildkit", True, True, True), name="shop", folder="shop", own=True)
    assert figure.svg.count(f'width="{views.ROOM}') == 0


def test_the_builder_is_named_and_so_is_how_to_ask_for_it() -> None:
    for builder, word, command in (
        ("buildkit", "BuildKit", "docker build --tag shop:1 shop"),
        ("classic", "The classic builder", "DOCKER_BUILDKIT=0 docker build --tag shop:1 shop"),
    ):
        figure = views.build(built(builder, False, False, False), name="shop", folder="shop", own=True)
        assert word in figure.svg
        assert figure.how.docker == (command,)
