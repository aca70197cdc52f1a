"""Namespaces and the view of the engine's host: reading, marks, sentences, pictures at every size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.isolation.engine.host_processes import host_column
from helpers.isolation.model import host_processes
from helpers.isolation.model.host_processes import BothSides, HostView, Seen, both_sides
from helpers.isolation.model.namespaces import KINDS, Column, Grid
from helpers.isolation.views import namespaces as views

# As the helper printed it on engine 28, kernel 6.18; shortened.
RECORDED = """\
hostname harbour
/proc/self/ns/cgroup -> cgroup:[4026531835]
/proc/self/ns/pid -> pid:[4026531836]
/proc/self/ns/net -> net:[4026532642]
/proc/self/ns/user -> user:[4026531837]
/proc/1/status:Name:\tinit
/proc/1/status:PPid:\t0
/proc/1/status:Uid:\t0\t0\t0\t0
/proc/1/status:NSpid:\t1
/proc/1/status:CapEff:\t000001ffffffffff
/proc/700/status:Name:\tcontainerd-shim
/proc/700/status:PPid:\t1
/proc/700/status:Uid:\t0\t0\t0\t0
/proc/700/status:NSpid:\t700
/proc/723/status:Name:\tsh
/proc/723/status:PPid:\t700
/proc/723/status:Uid:\t101000\t101000\t101000\t101000
/proc/723/status:NSpid:\t723\t1
/proc/723/status:CapEff:\t00000000a80425fb
/proc/723/status:CapBnd:\t00000000a80425fb
/proc/723/status:NoNewPrivs:\t1
/proc/723/status:Seccomp:\t2
/proc/740/status:Name:\tsleep
/proc/740/status:PPid:\t723
/proc/740/status:Uid:\t101000\t101000\t101000\t101000
/proc/740/status:NSpid:\t740\t8
/proc/741/status:Name:\tgone
/proc/1/ns/pid -> pid:[4026531836]
/proc/700/ns/pid -> pid:[4026531836]
/proc/723/ns/pid -> pid:[4026532541]
/proc/740/ns/pid -> pid:[4026532541]
/proc/723/ns/net -> net:[4026532542]
/proc/723/ns/user -> user:[4026531837]
mounts 1 46
mounts 723 29
map 723 0 100000 65536
net 723 lo eth0
net 0 lo eth0 docker0
"""


def column(name: str, **numbers: int) -> Column:
    return Column(name=name, numbers=numbers, host=name == "host")


def full(name: str, number: int, **other: int) -> Column:
    return Column(name=name, numbers={kind: other.get(kind, number + i) for i, kind in enumerate(KINDS)})


def test_the_helpers_output_is_read() -> None:
    view = host_processes.parse(RECORDED)

    assert view.hostname == "harbour"
    assert [p.pid for p in view.processes] == [1, 700, 723, 740]  # 741 was gone before it was read to its end
    shell = view.process(723)
    assert shell == Seen(
        name="sh",
        parent=700,
        user=101000,
        pids=(723, 1),
        capabilities=0xA80425FB,
        bounding=0xA80425FB,
        no_new_privileges=True,
        seccomp=2,
    )
    assert [p.inside for p in view.beside(723)] == [1, 8]
    assert view.inner_user(723) == 1000
    assert view.inner_user(999) is None
    assert view.interfaces[723] == ("lo", "eth0")
    assert (view.mounts[1], view.mounts[723]) == (46, 29)
    assert view.own["net"] == 4026532642


def test_one_process_from_both_sides() -> None:
    view = host_processes.parse(RECORDED)
    found = both_sides(view, name="web", full_name="cu-web", pid=723, host_name="abc", daemon=1)

    assert (found.pid_inside, found.user_inside, found.user_outside) == (1, 1000, 101000)
    assert [p.name for p in found.parents] == ["init", "containerd-shim"]
    assert (found.mounts_inside, found.mounts_outside) == (29, 46)
    assert found.shared == {"user"}
    assert repr(views.both_sides(found).sentence).count("number 1 inside") == 1


def test_what_the_host_does_not_show_is_said() -> None:
    empty = HostView(processes=(), own={}, namespaces={})
    found = both_sides(empty, name="web", full_name="cu-web", pid=7, host_name="", daemon=None, why_not="no process 7")

    figure = views.both_sides(found)
    assert "Can't tell: no process 7" in figure.alt
    assert "can&#x27;t tell" in figure.html()
    assert figure.sentence == "The first process of web could not be seen: no process 7."


@given(st.text(max_size=400))
def test_any_text_is_read_without_an_error(text: str) -> None:
    host_processes.parse(text)
    host_processes.parse(RECORDED[: len(text)] + text)


def test_the_same_letter_means_the_same_namespace() -> None:
    grid = Grid(
        columns=(column("host", pid=1, net=2), column("a", pid=3, net=2), column("b", pid=3), column("c", pid=4))
    )

    assert grid.letters("pid") == ("", "A", "A", "")
    assert grid.letters("net") == ("A", "A", "?", "?")
    assert grid.with_host("net") == ("a",)
    assert grid.same("pid", "a", "b") is True
    assert grid.same("pid", "a", "c") is False
    assert grid.same("net", "a", "b") is None
    with pytest.raises(KeyError):
        grid.same("net", "nobody")


@given(st.lists(st.integers(1, 5) | st.none(), min_size=1, max_size=60))
def test_letters_say_exactly_who_shares(numbers: list[int | None]) -> None:
    grid = Grid(columns=tuple(column(f"c{i}", **({} if n is None else {"pid": n})) for i, n in enumerate(numbers)))
    letters = grid.letters("pid")
    for i, one in enumerate(numbers):
        assert (letters[i] == "?") == (one is None)
        for j, two in enumerate(numbers):
            if i != j and one is not None and two is not None:
                assert (letters[i] == letters[j] != "") == (one == two)


def test_the_sentence_does_not_depend_on_numbers_or_on_what_engines_differ_in() -> None:
    host = Column(name="engine's host", host=True, numbers={kind: i for i, kind in enumerate(KINDS)})
    for differs in ({"user": 5, "cgroup": 6, "time": 7}, {"user": 50, "cgroup": 60, "time": 70}, {}):
        grid = Grid(columns=(host, full("web", 100, **differs), full("store", 200, **differs)))
        assert views.grid(grid).sentence == (
            "Namespaces of web, store. Each one has to itself: pid, mnt, net, uts, ipc."
        )
    joined = Grid(columns=(host, full("web", 100), full("spy", 200, pid=100, net=102)))
    assert "pid: shared by web and spy. net: shared by web and spy." in views.grid(joined).sentence


@pytest.mark.parametrize("number", [0, 1, 3, 12, 200])
def test_the_grid_at_every_size_holds_all_numbers_in_its_text(number: int) -> None:
    host = Column(name="engine's host", host=True, numbers=dict.fromkeys(KINDS, 1))
    columns = tuple(full("n" * 55 + f"-{i:04}", 1000 * (i + 1)) for i in range(number))
    figure = views.grid(Grid(columns=(host, *columns)))
    text = figure.html()

    assert all(str(n) in text for one in columns for n in one.numbers.values())
    assert figure.svg.startswith("<svg")
    assert figure.sentence


def test_the_hosts_clocks_are_those_of_its_first_process_or_of_the_engine_not_the_helpers() -> None:
    first, engine = {1: {"time": 3}}, {9: {"time": 4}}
    dockerd = Seen(name="dockerd", parent=1, user=0, pids=(9,), capabilities=0, bounding=0)
    for seen, told in (({**first, **engine}, 3), (engine, 4), ({}, None)):
        view = HostView(processes=(dockerd,), own={"time": 5, "pid": 1}, namespaces=seen)
        assert host_column(view).numbers.get("time") == told
    older = HostView(processes=(), own={"pid": 1}, namespaces={})  # before Linux 5.6
    assert host_column(older).why_not["time"] == "this kernel has no namespaces of that kind"


def test_a_cell_that_cant_be_told_says_why() -> None:
    host = Column(name="engine's host", host=True, numbers={}, why_not={"mnt": "no dockerd to be seen"})
    figure = views.grid(Grid(columns=(host, full("web", 100))))

    assert "can&#x27;t tell: no dockerd to be seen" in figure.html()
    assert "? can&#x27;t tell" in figure.svg


def test_names_are_hostile_text() -> None:
    bad = "<script>alert(1)</script>"
    grid = Grid(columns=(full(bad, 1),))
    assert "<script>" not in views.grid(grid).html() + views.grid(grid).svg
    sides = BothSides(
        name=bad, full_name=bad, pid=1, process=bad, pid_inside=1, user_inside=0, user_outside=0, host_name_inside=bad,
        host_name_outside=bad, interfaces_inside=(bad,), interfaces_outside=(bad,), mounts_inside=1, mounts_outside=1,
        tree=(), parents=(), host_number=1,
    )  # fmt: skip
    assert "<script>" not in views.both_sides(sides).html() + views.both_sides(sides).svg
