"""Attempts, capabilities, costs, a neighbour: reading, sentences, tables that hold every number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.isolation.model import cost, escape_attempts
from helpers.isolation.model.cost import Cost, Extra, Neighbour, Phase
from helpers.isolation.model.escape_attempts import ATTEMPTS, SETTINGS, Capabilities, Trial, Trials
from helpers.isolation.views import cost as cost_views
from helpers.isolation.views import escape_attempts as views

SAID = "write-etc yes\nread-others no: cat: /private/note: Permission denied\nnonsense\nclock maybe\n"


def test_each_attempt_has_one_answer_and_those_not_made_have_none() -> None:
    tries = escape_attempts.parse(SAID)
    assert [one.name for one in tries] == list(ATTEMPTS)
    by_name = {one.name: one for one in tries}
    assert by_name["write-etc"].worked is True
    assert (by_name["read-others"].worked, by_name["read-others"].said) == (
        False,
        "cat: /private/note: Permission denied",
    )
    assert by_name["clock"].worked is None


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert len(escape_attempts.parse(text)) == len(ATTEMPTS)


def test_the_sentence_names_what_each_setting_changes() -> None:
    plain = Trial(setting="default", options="", tries=escape_attempts.parse("write-etc yes\nuser-namespace no: x"))
    other = Trial(
        setting="user 1000", options="--user 1000", tries=escape_attempts.parse("write-etc no: x\nuser-namespace yes")
    )
    figure = views.trials(Trials(trials=(plain, other)))
    assert figure.sentence == (
        "By default root in a container could: change a file in /etc. "
        "With user 1000: no longer change a file in /etc; also make a user namespace."
    )
    assert figure.html().count("can&#x27;t tell") >= len(ATTEMPTS) - 2
    assert views.trials(Trials(trials=())).sentence == "Nothing was tried."
    with pytest.raises(KeyError):
        Trials(trials=(plain,))["no such"]
    assert set(SETTINGS) >= {"default", "cap-drop ALL"}


def test_bits_are_capabilities_in_the_kernels_order() -> None:
    names = escape_attempts.names(0xA80425FB)  # what Docker gives
    assert len(names) == 14
    assert {"CHOWN", "NET_RAW", "MKNOD", "SETFCAP"} <= set(names)
    assert "SYS_ADMIN" not in names
    assert escape_attempts.names(1 << 21) == ("SYS_ADMIN",)
    assert escape_attempts.names(1 << 50) == ("number 50",)
    found = Capabilities(
        name="web", full_name="cu-web", effective=names, bounding=names, user=0, no_new_privileges=False, seccomp=True
    )
    figure = views.capabilities(found)
    assert figure.sentence == "web runs as user 0 with 14 capabilities of 41."
    assert all(name in figure.html() for name in escape_attempts.CAPABILITIES)


def test_what_is_cited_is_marked_and_has_a_source() -> None:
    found = Cost(
        extras=(Extra(seconds=0.2, memory=300_000, shim=4_000_000), Extra(seconds=0.4, memory=500_000, shim=None)),
        engine_kernel="6.1",
        kernels=(("busybox:1", "6.1"), ("debian:trixie", "6.1")),
    )
    page = cost_views.cost(found).html()
    assert found.same_kernel
    assert page.count("cited, not measured here") + page.count("Cited, not measured here") >= 1
    assert all(one.source and one.source in page.replace("&#x27;", "'") for one in cost.CITED)
    assert "200" in page
    assert "400" in page


def test_a_neighbour_that_hurts_and_one_that_does_not() -> None:
    def one(*medians: float) -> str:
        phases = tuple(Phase(title=f"p{i}", times=(m, m, m)) for i, m in enumerate(medians))
        found = Neighbour(
            app="shop", noisy="noisy", noisy_full_name="cu-noisy", path="/", url="u", cpus=0.1, phases=phases
        )
        return cost_views.neighbour(found).sentence

    assert (
        one(0.01, 0.05, 0.02) == "shop was slower beside its busy neighbour, and faster again once noisy was limited."
    )
    assert (
        one(0.05, 0.01, 0.02) == "shop was no slower beside its busy neighbour, and no faster once noisy was limited."
    )
