"""Which tests a change can reach, asked of this very checkout."""

from __future__ import annotations

import pytest

from tests.harness.reachable import reached

NETWORKS = "tests/networks/test_model.py::test_x"
CHAPTER = "notebooks/08-networks.ipynb::runs"
EXERCISE = "tests/chapters/test_exercises.py::test_the_solution_passes[{}]"


@pytest.mark.parametrize(
    ("changed", "held", "spared"),
    [
        (
            ["helpers/networks/views/map.py"],
            ["tests/networks/test_engine.py::x", EXERCISE.format("08.1-a"), CHAPTER],
            ["tests/packaging/test_elf.py::x", "tests/oci/test_reference.py::x", EXERCISE.format("03.1-blame")],
        ),
        (["helpers/oci/reference.py"], ["tests/oci/test_reference.py::x"], ["tests/packaging/test_elf.py::x"]),
        (
            ["helpers/layers/widgets/explorer.js"],
            ["tests/layers/test_explorer.py::x"],
            ["tests/oci/test_reference.py::x", NETWORKS],
        ),
        (
            ["notebooks/03-layers.ipynb"],
            ["notebooks/03-layers.ipynb::runs", EXERCISE.format("03.1-blame")],
            [NETWORKS, EXERCISE.format("08.1-a")],
        ),
        (["notebooks/exercises/networks_checks.py"], [EXERCISE.format("08.1-a")], [EXERCISE.format("03.1-blame")]),
        (["tests/networks/topologies.py"], ["tests/networks/test_reach_truth.py::x"], [NETWORKS]),
        (["tests/networks/test_model.py"], [NETWORKS], ["tests/networks/test_engine.py::x"]),
        (["docs/AUTHORS.md", "README.md"], [], [NETWORKS, EXERCISE.format("03.1-blame")]),
    ],
)
def test_a_change_reaches_its_own_and_spares_the_others(changed: list[str], held: list[str], spared: list[str]) -> None:
    found = reached(changed, since="then")
    assert [test for test in held if not found.holds(test)] == []
    assert [test for test in spared if found.holds(test)] == []


@pytest.mark.parametrize("changed", ["start.py", "pyproject.toml", "tests/harness/guards.py", "requirements/test.txt"])
def test_what_no_rule_covers_reaches_everything(changed: str) -> None:
    assert reached([changed], since="then").holds(NETWORKS)


def test_the_ground_reaches_the_topics_on_it() -> None:
    found = reached(["helpers/engine/client.py"], since="then")
    assert found.holds("tests/networks/test_engine.py::x")
    assert found.holds("notebooks/03-layers.ipynb::runs")
