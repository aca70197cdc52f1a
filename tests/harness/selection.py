"""Which tests of a run are run: one wrong answer of each task, two chapters of six killed; all of them with --all.

A run of the whole suite draws where a test says so; a run of named files or names, or with --all, runs them all.

- `@pytest.mark.drawn(KEY)` or `drawn(KEY, count=2)`: of the tests with this key so many, by lot.
- `@pytest.mark.thorough`: only with --all, or by name.
- `draw(KEY, options)`, a fixture, in a test: one of the options, or all.
- `--changed REV`: only what a change since REV can reach (reachable.py).
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import pytest

from tests.harness import reachable

T = TypeVar("T")
Draw = Callable[[str, Sequence[str]], list[str]]
REACHED = pytest.StashKey[reachable.Reached]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The run's own options."""
    group = parser.getgroup("course", "Containers, Unpacked")
    group.addoption("--all", action="store_true", dest="course_all", help="every test: nothing is drawn by lot")
    group.addoption("--seed", type=int, metavar="N", help="draws what the run that printed this number drew")
    group.addoption("--changed", metavar="REV", help="only tests that a change since the git revision REV can reach")


def pytest_configure(config: pytest.Config) -> None:
    """Fixes the seed, and whether anything is drawn; workers are told, for all have to draw the same."""
    option = config.option
    told = getattr(config, "workerinput", None)
    if told is not None:
        option.seed, option.course_draws = told["seed"], told["course_draws"]
    else:
        option.seed = secrets.randbelow(1_000_000) if option.seed is None else option.seed
        named = config.args_source is not pytest.Config.ArgsSource.TESTPATHS or bool(option.keyword)
        option.course_draws = not (option.course_all or named)
    if option.changed:
        config.stash[REACHED] = reachable.tests(option.changed)
    for line in (
        "drawn(key, count=1): of the tests with this key so many are run, by lot; all with --all",
        "thorough: run with --all, or if named",
    ):
        config.addinivalue_line("markers", line)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """What xdist's workers are told."""
    node.workerinput |= {"seed": node.config.option.seed, "course_draws": node.config.option.course_draws}


def pytest_report_header(config: pytest.Config) -> list[str]:
    """What was drawn with, so that it can be drawn again; what was left out by --changed."""
    lines = []
    if config.option.course_draws:
        lines.append(f"drawn by lot with --seed {config.option.seed}; everything: --all")
    if REACHED in config.stash:
        lines.append(config.stash[REACHED].said)
    return lines


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what was not drawn, and what a change can't reach."""
    reached, keep = config.stash.get(REACHED, None), set(items)
    if reached is not None:
        keep -= {item for item in items if not reached.holds(item.nodeid)}
    if config.option.course_draws:
        keep -= {item for item in items if item.get_closest_marker("thorough")}
        for key, (count, rivals) in _rivals(item for item in items if item in keep).items():
            keep -= set(rivals) - set(lot(config.option.seed, key, rivals, count=count))
    gone = [item for item in items if item not in keep]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item in keep]


def _rivals(items: Iterable[pytest.Item]) -> dict[str, tuple[int, list[pytest.Item]]]:
    """The tests of each key in the order of their names, and how many of them are run."""
    found: dict[str, tuple[int, list[pytest.Item]]] = {}
    for item in items:
        mark = item.get_closest_marker("drawn")
        if mark is not None:
            found.setdefault(mark.args[0], (mark.kwargs.get("count", 1), []))[1].append(item)
    return {key: (count, sorted(rivals, key=lambda item: item.nodeid)) for key, (count, rivals) in found.items()}


@pytest.fixture
def draw(request: pytest.FixtureRequest) -> Draw:
    """`draw(key, options)`: one of the options in a run that draws, else all of them."""
    option = request.config.option

    def drawn(key: str, options: Sequence[str]) -> list[str]:
        return lot(option.seed, key, options) if option.course_draws else list(options)

    return drawn


def lot(seed: int, key: str, options: Sequence[T], *, count: int = 1) -> list[T]:
    """So many of the options, in their order: the same for the same seed and key."""
    dice = random.Random(f"{seed} {key}")  # noqa: S311 - a lot, no secret
    return [options[place] for place in sorted(dice.sample(range(len(options)), min(count, len(options))))]
