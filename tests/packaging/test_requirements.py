"""Reading needs, judging versions, the line that says why, and the sentence that says who lacks what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import errors
from helpers.packaging.model import requirements
from helpers.packaging.model.requirements import Cell, Comparison, Fit, Kind, Machine
from helpers.packaging.model.stand_ins import StandIn
from helpers.packaging.views import requirements as views

COMMAND = ("python3", "/shop/shop.py", "--page")


@pytest.mark.parametrize(
    ("word", "name", "kind", "condition"),
    [
        ("python3", "python3", Kind.WORD, ""),
        ("g++", "g++", Kind.WORD, ""),
        ("bottle==0.13.4", "bottle", Kind.PACKAGE, "==0.13.4"),
        ("humanize >= 4, <5", "humanize", Kind.PACKAGE, ">=4,<5"),
        ("ruamel.yaml<1", "ruamel.yaml", Kind.PACKAGE, "<1"),
        ("/shop/goods.csv", "/shop/goods.csv", Kind.FILE, ""),
        ("/my goods/a.csv", "/my goods/a.csv", Kind.FILE, ""),
    ],
)
def test_a_need_is_a_program_a_package_or_a_file(word: str, name: str, kind: Kind, condition: str) -> None:
    need = requirements.read(word)
    assert (need.name, need.kind, need.condition) == (name, kind, condition)
    assert str(need) == name + condition


@pytest.mark.parametrize(
    "word", ["", " ", "/", "-x", "a b>", "a>4", "a~=4", "a>=", "a>=x", "a>=4,", "==4", "a;b", "$(x)", "/a\n", 5, None]
)
def test_anything_else_is_refused(word: str) -> None:
    with pytest.raises(errors.WrongUse, match="For example"):
        requirements.read(word)


@given(st.text(max_size=30))
def test_any_text_is_a_need_or_refused(word: str) -> None:
    try:
        need = requirements.read(word)
    except errors.WrongUse:
        return
    assert requirements.read(str(need)) == need


@pytest.mark.parametrize(
    ("word", "version", "fit"),
    [
        ("a==0.13.4", "0.13.4", Fit.THERE),
        ("a==4", "4.0.0", Fit.THERE),
        ("a==4", "4.1", Fit.NEW),
        ("a==4.2", "4.1", Fit.OLD),
        ("a>=4", "3.14.0", Fit.OLD),
        ("a>=4", "4", Fit.THERE),
        ("a>=4.2", "4.12.3", Fit.THERE),
        ("a>=4", "10", Fit.THERE),
        ("a<5", "5.0", Fit.NEW),
        ("a<5", "4.99", Fit.THERE),
        ("a>=4,<5", "5.1", Fit.NEW),
        ("a>=4,<5", "3", Fit.OLD),
        ("a>=4", "4.0rc1", Fit.THERE),
        ("a>=4", "unknown", Fit.UNCLEAR),
        ("a", "unknown", Fit.THERE),
        ("a>=1", "9" * 5000, Fit.UNCLEAR),
    ],
)
def test_versions_are_compared_number_by_number(word: str, version: str, fit: Fit) -> None:
    assert requirements.judge(requirements.read(word), there=True, version=version).fit is fit


def test_what_is_not_there_is_missing_whatever_the_condition() -> None:
    assert requirements.judge(requirements.read("a>=4"), there=False) == Cell(fit=Fit.MISSING)


TRACEBACK = """\
hello before
Traceback (most recent call last):
  File "/shop/shop.py", line 1, in <module>
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/shop/shop.py", line 14, in <module>
    import bottle
    ^^^^^^^^^^^^^
"""


@pytest.mark.parametrize(
    ("code", "said", "line"),
    [
        (0, "a warning", ""),
        (
            1,
            TRACEBACK + "ModuleNotFoundError: No module named 'bottle'\n",
            "ModuleNotFoundError: No module named 'bottle'",
        ),
        (1, TRACEBACK + "ValueError: two\nlines: of words\n", "ValueError: two"),
        (1, "  File 'x', line 1\n    x y\nSyntaxError: invalid syntax\n", "SyntaxError: invalid syntax"),
        (127, "sh: exec: line 18: python3: not found\n", "python3: not found"),
        (127, "sh: 18: exec: python3: not found", "python3: not found"),
        (126, "sh: exec: line 18: python3: Permission denied", "python3: permission denied"),
        (127, "a program's own word", "a program's own word"),
        (3, "", "exit code 3, without a word"),
        (None, "", "still running after 2.5 s"),
    ],
)
def test_the_line_that_says_why(code: int | None, said: str, line: str) -> None:
    assert requirements.error_line(COMMAND, exit_code=code, errors=said, seconds=2.5) == line


@pytest.mark.parametrize(
    ("error", "word"),
    [
        ("ModuleNotFoundError: No module named 'bottle'", "ModuleNotFoundError"),
        ("subprocess.CalledProcessError: x", "CalledProcessError"),
        ("python3: not found", "python3: not found"),
        ("still running after 2 s", "still running after 2 s"),
    ],
)
def test_what_happened_in_a_word(error: str, word: str) -> None:
    assert Machine(name="m", image="i", cells=(), exit_code=1, error=error).happened == word


def machine(name: str, *cells: Cell, error: str = "") -> Machine:
    return Machine(name=name, image="img:1", cells=cells, exit_code=1 if error else 0, error=error)


YES, NO, OLD = Cell(fit=Fit.THERE), Cell(fit=Fit.MISSING), Cell(fit=Fit.OLD, version="3.14.0")
UNSEEN = Cell(fit=Fit.UNSEEN)


def comparison(*machines: Machine) -> Comparison:
    words = ("bottle==0.13.4", "humanize>=4", "/shop/goods.csv")
    return Comparison(needs=tuple(map(requirements.read, words)), machines=machines, command=COMMAND)


def test_the_sentence_says_who_lacks_what() -> None:
    found = comparison(
        machine("developer", YES, YES, YES),
        machine("ana", NO, NO, YES, error="ModuleNotFoundError: x"),
        machine("ben", YES, OLD, YES, error="ImportError: x"),
        machine("cleo", YES, YES, NO, error="FileNotFoundError: x"),
    )
    figure = views.comparison(found)
    assert figure.sentence == (
        "The shop's needs are met on 1 of 4 machines. ana lacks bottle and humanize; "
        "ben has humanize 3.14.0 where >=4 is needed; cleo lacks /shop/goods.csv."
    )
    assert figure.tables[0].rows[1] == ("humanize>=4", "there", "missing", "3.14.0 (too old)", "there")
    assert figure.tables[1].rows[2] == ("ben", "1", "ImportError: x", "img:1")
    assert "ana lacks bottle and humanize" in figure.svg
    assert found["ben"].happened == "ImportError"
    with pytest.raises(KeyError, match="there are: developer, ana"):
        found["dora"]


def test_needs_and_outcome_can_disagree_and_then_it_says_so() -> None:
    found = comparison(
        machine("ana", YES, YES, NO), machine("ben", YES, YES, YES, error="OSError: x"), machine("cleo", *[UNSEEN] * 3)
    )
    assert views.sentence(found) == (
        "The shop's needs are met on 1 of 3 machines. ana lacks /shop/goods.csv, and yet it works there; "
        "ben has everything, and yet: OSError; cleo has no shell to look with."
    )


def test_one_and_all() -> None:
    full = machine("ana", YES, YES, YES)
    assert views.sentence(comparison(full)) == "The shop's needs are met on the one machine."
    assert views.sentence(comparison(full, full)) == "The shop's needs are met on all 2 machines."
    assert views.sentence(comparison(machine("a", NO, YES, YES))).startswith(
        "The shop's needs are met on 0 of 1 machine."
    )


@pytest.mark.parametrize("number", [1, 4, 6, 7, 20])
def test_any_number_of_machines_fits(number: int) -> None:
    names = [f"a-name-of-sixty-characters-that-goes-on-and-on-and-on-and-on{i}" for i in range(number)]
    found = comparison(*(machine(name, NO, OLD, YES, error="ModuleNotFoundError: x") for name in names))
    figure = views.comparison(found)
    assert len(figure.tables[1].rows) == number
    assert ("machine" in figure.svg.split("And ")[-1] and "more" in figure.svg) is (number > 6)


def test_a_stand_in_says_what_is_on_it() -> None:
    found = StandIn(
        name="ben",
        reference="cu-x-ben-0000:1",
        python="3.13",
        packages=(("bottle", "0.13.4"), ("humanize", "3.14.0")),
        folder="/shop",
        files=("shop.py", "tests/"),
        dockerfile="FROM a\nCOPY shop /shop\n",
    )
    assert views.stand_in(found).sentence == (
        "A stand-in for ben's machine: Python 3.13, bottle 0.13.4, humanize 3.14.0; in /shop: shop.py, tests/."
    )
    assert views.stand_in(found).tables[0].rows == (("1", "FROM a"), ("2", "COPY shop /shop"))
