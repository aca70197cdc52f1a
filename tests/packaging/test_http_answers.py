"""Which answers are the same, and how that is said."""

from __future__ import annotations

import hashlib

import pytest

from helpers.engine.model.container import Container, Published, State
from helpers.packaging.model.http_answers import Answers, Asked, Body
from helpers.packaging.views import http_answers as views


def body(text: str, *, status: int = 200, cut: bool = False) -> Body:
    return Body(status=status, digest=hashlib.sha256(text.encode()).hexdigest(), size=len(text), cut=cut)


def asked(name: str, *bodies: Body) -> Asked:
    found = Container(
        id="f" * 64,
        name=name,
        full_name=f"cu-x-{name}-0000",
        image="img:1",
        command=(),
        state=State.RUNNING,
        published=(Published(address="127.0.0.1", port=40000, container_port=8080),),
    )
    return Asked(name=name, container=found, bodies=bodies)


def test_all_the_same() -> None:
    found = Answers(
        paths=("/", "/goods"), asked=tuple(asked(name, body("a"), body("b")) for name in ("ana", "ben", "cleo"))
    )
    figure = views.answers(found)
    assert found.same
    assert figure.sentence == "2 paths asked of 3 containers: every answer is byte for byte the same."
    assert figure.svg.count(">=<") == 4
    assert body("a").digest not in figure.svg
    assert figure.tables[0].rows[0] == ("/", "ana", "200", "1", body("a").digest, "same")


def test_the_odd_one_out_is_named_at_each_path() -> None:
    found = Answers(
        paths=("/", "/goods", "/x"),
        asked=(
            asked("ana", body("a"), body("b"), body("c")),
            asked("ben", body("z"), body("y"), body("c", status=500)),
            asked("cleo", body("a"), body("b"), body("x")),
        ),
    )
    assert not found.same
    assert found.odd("/") == ("ben",)
    figure = views.answers(found)
    assert figure.sentence == "3 paths asked of 3 containers: ben differs at / and /goods; ben and cleo differ at /x."
    assert "HTTP 500" in figure.svg
    assert "≠" in figure.svg


def test_where_nobody_is_in_front_the_first_one_counts() -> None:
    found = Answers(paths=("/",), asked=(asked("ana", body("a")), asked("ben", body("b"))))
    assert found.odd("/") == ("ben",)


def test_the_first_part_of_a_longer_answer_is_not_the_same_as_a_whole_one() -> None:
    found = Answers(paths=("/",), asked=(asked("ana", body("a")), asked("ben", body("a", cut=True))))
    assert found.odd("/") == ("ben",)
    assert views.answers(found).tables[0].rows[1][3] == "1, and more that were not read"


@pytest.mark.parametrize("number", [1, 2, 6, 7, 30])
def test_any_number_of_containers(number: int) -> None:
    found = Answers(paths=("/",), asked=tuple(asked(f"web{i}", body("a")) for i in range(number)))
    figure = views.answers(found)
    assert len(figure.tables[0].rows) == number
    assert ("nothing to compare with" in figure.sentence) is (number == 1)
    assert ("more: see the text version" in figure.svg) is (number > 6)
