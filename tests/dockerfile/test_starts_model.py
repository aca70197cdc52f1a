"""Trees of processes, forms of a start, an engine's words cut short."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.dockerfile.model.starts import Cell, Ended, Outcome, Process, Row, Starts, brief, read, tree

ROWS = [["71", "70", "S", "greet"], ["70", "9", "Ss", "/bin/sh -c greet"], ["90", "9", "S", "ps"], ["x", "1", "S", "y"]]


def test_children_stand_below_their_parents_and_strangers_at_the_end() -> None:
    found = tree(read(["PID", "PPID", "STAT", "COMMAND"], ROWS), 70)
    assert found == (
        Process(command="/bin/sh -c greet", depth=0, state="S"),
        Process(command="greet", depth=1, state="S"),
        Process(command="ps", depth=1, state="S"),
    )
    assert tree((), 1) == ()


@pytest.mark.parametrize("title", ["COMMAND", "CMD", "Args"])
def test_titles_differ_by_ps(title: str) -> None:
    assert read(["PID", "PPID", "STATE", title], [["1", "0", "Z", "[sh]"]]) == ((1, 0, "Z", "[sh]"),)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.just("S"), st.just("x")), max_size=12))
def test_each_process_stands_in_it_at_most_once(rows: list[tuple[int, int, str, str]]) -> None:
    assert len(tree(rows, 1)) <= len({row[0] for row in rows})


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create "
            'failed: unable to start container process: exec: "Ben": executable file not found in $PATH: unknown',
            'exec: "Ben": executable file not found in $PATH',
        ),
        (
            "OCI runtime create failed: container_linux.go:380: starting container process caused: "
            'exec: "/x": permission denied: unknown',
            'exec: "/x": permission denied',
        ),
        ("something else", "something else"),
        ("y" * 200, "y" * 119 + "…"),
    ],
)
def test_the_engine_s_reason_is_cut_to_what_tells(message: str, said: str) -> None:
    assert brief(message) == said


def test_a_cell_goes_one_of_four_ways() -> None:
    heard = Cell(tree=(Process(command="x"),), signalled=Ended(seconds=0.1, exit_code=0))
    deaf = Cell(signalled=Ended(seconds=None, exit_code=None, killed=137))
    cells = (heard, deaf, Cell(exited=3), Cell(refused="no"))
    assert [cell.outcome for cell in cells] == [Outcome.HEARD, Outcome.DEAF, Outcome.OVER, Outcome.REFUSED]
    row = Row(name="x", entrypoint=("a",), command=("/bin/sh", "-c", "b"), entrypoint_form="exec",
              command_form="shell", cells=(heard, deaf))  # fmt: skip
    assert row.recipe == ('ENTRYPOINT ["a"]', "CMD b")
    found = Starts(rows=(row,), arguments=("Ben",), seconds=2)
    assert found["x", True] is deaf
    assert found["x", False] is heard
    with pytest.raises(KeyError):
        found["y", False]
