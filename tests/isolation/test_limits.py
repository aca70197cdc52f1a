"""Limits: both versions of cgroup files, charts from readings, how a container ended; the words and the pictures."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.engine.model.container import State
from helpers.engine.model.exit_code import Ending
from helpers.isolation.model import limits, usage
from helpers.isolation.model.limits import Changed, Limits, Reading, squeezed
from helpers.isolation.model.usage import Watched
from helpers.isolation.views import limits as views
from helpers.isolation.views import usage as usage_views

# Read on engine 28 with version 1, from a container with 64m, 0.5 CPUs and 32 processes.
V1 = """\
@ 1860.24 6196 1
memory/memory.limit_in_bytes 67108864
memory/memory.memsw.limit_in_bytes 67108864
memory/memory.usage_in_bytes 2314240
memory/memory.max_usage_in_bytes 3809280
memory/memory.failcnt 7
memory/memory.oom_control oom_kill_disable 0
memory/memory.oom_control under_oom 0
memory/memory.oom_control oom_kill 2
cpu/cpu.cfs_quota_us 50000
cpu/cpu.cfs_period_us 100000
cpu/cpu.shares 512
cpu/cpu.stat nr_periods 30
cpu/cpu.stat nr_throttled 12
cpu/cpu.stat throttled_time 1500000000
cpuacct/cpuacct.usage 39893501
cpuset/cpuset.cpus 0-1
pids/pids.max 32
pids/pids.current 3
pids/pids.events max 4
.
"""
# The same limits as version 2 writes them (kernel documentation, cgroup-v2; Docker turns 512 shares into weight 20).
V2 = """\
@ 1860.24 6196 2
memory.max 67108864
memory.swap.max 0
memory.current 2314240
memory.peak 3809280
memory.events low 0
memory.events high 0
memory.events max 7
memory.events oom 2
memory.events oom_kill 2
memory.events oom_group_kill 0
cpu.max 50000 100000
cpu.weight 20
cpu.stat usage_usec 39893
cpu.stat user_usec 20000
cpu.stat system_usec 19893
cpu.stat nr_periods 30
cpu.stat nr_throttled 12
cpu.stat throttled_usec 1500000
cpuset.cpus.effective 0-1
pids.max 32
pids.current 3
pids.events max 4
.
"""
NONE_V1 = """\
@ 1.5 7 1
memory/memory.limit_in_bytes 9223372036854771712
memory/memory.memsw.limit_in_bytes 9223372036854771712
memory/memory.usage_in_bytes 905216
cpu/cpu.cfs_quota_us -1
cpu/cpu.cfs_period_us 100000
pids/pids.max max
pids/pids.current 1
.
"""
NONE_V2 = """\
@ 1.5 7 2
memory.max max
memory.swap.max max
memory.current 905216
cpu.max max 100000
pids.max max
pids.current 1
.
"""


# Read by the helper's own script on Linux 6.1.192 (Debian 12) with version 2 alone, in QEMU: the first after two OOM
# kills, three seconds of a program that wants a whole CPU, and more processes than it may have; the second is free.
RECORDED_V2 = (Path(__file__).parent / "recorded" / "cgroup-v2.txt").read_text(encoding="utf-8")


def reading(**more: object) -> Reading:
    return dataclasses.replace(limits.parse(V1)[0], **more)  # type: ignore[arg-type]


def shown(found: Reading, name: str = "web") -> Limits:
    return Limits(name=name, full_name=f"cu-{name}", reading=found, recorded={"--memory": "67108864 bytes"})


@pytest.mark.parametrize("text", [V1, V2])
def test_both_versions_say_the_same(text: str) -> None:
    (found,) = limits.parse(text)

    assert (found.at, found.pid) == (1860.24, 6196)
    assert (found.memory, found.memory_limit, found.swap_limit, found.peak) == (2314240, 67108864, 0, 3809280)
    assert (found.limit_hits, found.oom_kills) == (7, 2)
    assert (found.cpus, found.periods, found.throttled, found.throttled_seconds) == (0.5, 30, 12, 1.5)
    assert found.cpu_seconds == pytest.approx(0.0399, abs=0.0001)
    assert (found.cpuset, found.pids, found.pids_limit, found.pids_refused) == ("0-1", 3, 32, 4)
    assert views.limits(shown(found)).sentence == "web: memory 67.1 MB, CPU 0.5 CPU, processes 32."


def test_the_weight_is_in_the_versions_own_unit() -> None:
    assert [limits.parse(text)[0].shares for text in (V1, V2)] == [512, 20]


def test_what_a_kernel_with_version_2_wrote_is_read() -> None:
    box, calm = limits.parse(RECORDED_V2)

    assert (box.memory, box.memory_limit, box.swap_limit, box.peak) == (1032192, 67108864, 0, 67108864)
    assert (box.limit_hits, box.oom_kills) == (70, 2)
    assert (box.cpus, box.shares, box.periods, box.throttled) == (0.5, 20, 113, 101)
    assert (box.throttled_seconds, box.cpu_seconds) == (5.589215, 5.252628)
    assert (box.cpuset, box.pids, box.pids_limit, box.pids_refused) == ("0", 7, 8, 1)
    assert views.limits(shown(box)).sentence == "web: memory 67.1 MB, CPU 0.5 CPU, processes 8."
    assert (calm.memory_limit, calm.cpus, calm.pids_limit, calm.swap_limit) == (None, None, None, None)
    assert (calm.memory, calm.shares, calm.oom_kills) == (94208, 100, 0)


@pytest.mark.parametrize("text", [NONE_V1, NONE_V2])
def test_no_limit_is_none_in_both_versions(text: str) -> None:
    (found,) = limits.parse(text)

    assert (found.memory_limit, found.cpus, found.pids_limit, found.swap_limit) == (None, None, None, None)
    assert found.memory == 905216
    assert views.limits(shown(found)).alt == "web has no limits at all."


def test_every_file_and_its_value_is_in_the_text_version() -> None:
    for text, names in ((V1, limits.V1), (V2, limits.V2)):
        page = views.limits(shown(limits.parse(text)[0])).html()
        for name in names:
            assert name in page
    assert "oom_kill 2" in views.limits(shown(limits.parse(V2)[0])).html()


def test_a_reading_that_was_cut_off_is_passed_over() -> None:
    assert len(limits.parse(V1 + V1[:200])) == 1
    assert len(limits.parse(V1[:200] + "\n" + V1)) == 1
    assert limits.parse(V1.replace("67108864", "many")) == ()


@given(st.text(max_size=300), st.integers(0, len(V2)))
def test_any_text_is_read_without_an_error(text: str, cut: int) -> None:
    limits.parse(text)
    limits.parse(V2[:cut] + text + "\n.\n")


@given(st.integers(0, 2**62 - 1), st.integers(1, 10**6), st.integers(1000, 10**6), st.integers(1, 4_000_000))
def test_what_is_written_is_read_back(memory: int, quota: int, period: int, pids: int) -> None:
    one = f"@ 1 1 1\nmemory/memory.limit_in_bytes {memory}\ncpu/cpu.cfs_quota_us {quota}\n"
    one += f"cpu/cpu.cfs_period_us {period}\npids/pids.max {pids}\n.\n"
    two = f"@ 1 1 2\nmemory.max {memory}\ncpu.max {quota} {period}\npids.max {pids}\n.\n"
    for text in (one, two):
        (found,) = limits.parse(text)
        assert (found.memory_limit, found.cpus, found.pids_limit) == (memory, quota / period, pids)


def test_points_are_differences_between_readings() -> None:
    readings = [
        reading(at=10.0, cpu_seconds=1.0, periods=10, throttled=0, oom_kills=0, pids_refused=0, throttled_seconds=0.0),
        reading(at=10.5, cpu_seconds=1.25, periods=15, throttled=5, oom_kills=0, pids_refused=0, throttled_seconds=0.2),
        reading(at=11.0, cpu_seconds=1.25, periods=15, throttled=5, oom_kills=1, pids_refused=3, throttled_seconds=0.2),
    ]
    found = usage.track("web", readings, begin=10.0)

    assert [p.after for p in found.points] == [0.0, 0.5, 1.0]
    assert [p.cpu for p in found.points] == [0.0, 0.5, 0.0]
    assert [p.throttled for p in found.points] == [0.0, 1.0, 0.0]
    assert found.cpu == pytest.approx(0.25)
    assert (found.oom_kills, found.pids_refused, found.throttled_seconds) == (1, 3, 0.2)
    assert usage.track("gone", [], begin=0.0).points == ()
    assert usage.track("gone", [], begin=0.0).cpu == 0.0


@pytest.mark.parametrize("load", ["", "cpu", "memory", "processes"])
@pytest.mark.parametrize("number", [1, 3, 12])
def test_charts_hold_every_number_in_their_text(load: str, number: int) -> None:
    readings = [reading(at=10.0 + i / 5, cpu_seconds=1.0 + i / 20, memory=10**6 * (i + 1), pids=i) for i in range(20)]
    tracks = tuple(usage.track("n" * 55 + f"-{i:03}", readings, begin=10.0) for i in range(number))
    figure = usage_views.watched(Watched(tracks=tracks, load=load, seconds=4, change=2.0))

    page = figure.html()
    assert page.count("19.0 MB") + page.count("19 MB") >= number
    assert page.count("<caption") == number + 1
    assert figure.svg.startswith("<svg")
    assert "changed here" in figure.svg


def test_a_watch_that_read_nothing_says_so() -> None:
    nothing = Watched(tracks=(usage.track("web", [], begin=0.0, ended=True),), load="cpu", seconds=2)
    figure = usage_views.watched(nothing)
    assert figure.alt == "Nothing could be read yet."
    assert "it ended meanwhile" in figure.sentence


def steady(name: str, cpu: float, *, readings: int = 4, **more: Any) -> usage.Track:
    """A track of a container that used `cpu` CPUs all the time."""
    found = [reading(at=float(at), cpu_seconds=cpu * at, **{"cpus": None, **more}) for at in range(readings)]
    return usage.track(name, found, begin=0)


def test_the_sentence_names_who_got_more() -> None:
    both = Watched(tracks=(steady("light", 0.2), steady("heavy", 0.7)), load="cpu", seconds=3)
    assert usage_views.watched(both).sentence.endswith("heavy got more CPU time than light.")
    even = Watched(tracks=(steady("light", 0.5), steady("heavy", 0.5)), load="cpu", seconds=3)
    assert "more CPU" not in usage_views.watched(even).sentence


def test_a_load_that_was_too_slow_for_its_limit_is_said_to_be() -> None:
    slow = steady("web", 0.4, memory=29 * 2**20, memory_limit=64 * 2**20)
    above = Watched(tracks=(slow,), load="memory", seconds=5, wanted=96 * 2**20)
    assert "had not yet come to its memory limit when the time was over" in usage_views.watched(above).sentence
    below = Watched(tracks=(slow,), load="memory", seconds=5, wanted=48 * 2**20)
    assert "stayed below its memory limit" in usage_views.watched(below).sentence


@pytest.mark.parametrize(
    ("number", "words"), [(0, "was not read once in 3 s"), (1, "was read only once"), (2, "was read only twice")]
)
def test_under_three_readings_nothing_is_concluded_and_that_is_said(number: int, words: str) -> None:
    caps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("cpu", {"cpus": 0.5}),
        ("memory", {"memory_limit": 10**8}),
        ("processes", {"pids_limit": 40}),
    )
    for load, cap in caps:
        few = Watched(tracks=(steady("web", 0.4, readings=number, **cap),), load=load, seconds=3)
        said = usage_views.watched(few).sentence
        assert words in said
        assert "too seldom to tell more" in said
        assert "stayed below" not in said
        assert "never had to wait" not in said
    pair = Watched(tracks=(steady("heavy", 0.9), steady("light", 0.1, readings=number)), load="cpu", seconds=3)
    assert "more CPU time" not in usage_views.watched(pair).sentence


def test_what_was_counted_is_said_even_then() -> None:
    before = reading(at=0.0, oom_kills=1, pids_refused=0)
    last = reading(at=9.0, oom_kills=2, pids_refused=5)
    found = usage.track("web", [last], begin=9.0, before=before)
    assert (found.oom_kills, found.pids_refused, len(found.points)) == (1, 5, 1)
    said = usage_views.watched(Watched(tracks=(found,), load="memory", seconds=3)).sentence
    assert (
        said == "web was read only once in 3 s, too seldom to tell more; a process was killed because memory ran out."
    )


@pytest.mark.parametrize(
    ("heavy", "light", "words"),
    [
        (2048, 512, "Weights 2048 and 512 give light 20%; it got 20%."),  # version 1
        (79, 20, "Weights 79 and 20 give light 20%; it got 20%."),  # version 2
        (174, 59, "Weights 174 and 59 give light 25%; it got 20%."),  # version 2, runc since 1.3.2
    ],
)
def test_a_share_is_reckoned_from_the_weights_that_the_kernel_has(heavy: int, light: int, words: str) -> None:
    tracks = (steady("heavy", 0.8, shares=heavy, cpuset="0"), steady("light", 0.2, shares=light, cpuset="0"))
    found = Watched(tracks=tracks, load="cpu", seconds=3)
    assert sum(found.by_weight) == pytest.approx(1)
    figure = usage_views.watched(found)
    assert figure.alt.endswith(words)
    rows = figure.tables[0].rows
    assert rows[1][2:5] == (str(light), f"{light / (heavy + light):.0%}", "20%")


def test_weights_do_not_decide_where_there_is_room_or_a_limit() -> None:
    def pair(**more: Any) -> Watched:
        tracks = (steady("a", 0.8, **{"shares": 200, **more}), steady("b", 0.2, **{"shares": 100, **more}))
        return Watched(tracks=tracks, load="cpu", seconds=3)

    assert pair(cpuset="0").by_weight
    for other in ({"cpuset": "0-1"}, {"cpuset": "0", "cpus": 0.5}, {"cpuset": "0", "shares": None}, {"cpuset": ""}):
        assert pair(**other).by_weight == ()


def ending(**more: object) -> Ending:
    plain: dict[str, object] = {
        "name": "web", "full_name": "cu-web", "state": State.EXITED, "exit_code": 137, "oom_killed": False,
        "memory_limit": 0, "ordered": False,
    }  # fmt: skip
    return Ending(**{**plain, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (ending(oom_killed=True), "OOMKilled is true: the kernel killed it because memory ran out"),
        (ending(ordered=True), "OOMKilled is false: somebody had it killed"),
        (ending(), "OOMKilled is false: a signal ended it, and not because memory ran out"),
        (ending(ordered=None), "a signal ended it"),
        (ending(memory_limit=32 << 20), "OOMKilled is false: but its memory was limited, and nobody ordered the end"),
        (ending(memory_limit=32 << 20, ordered=None), "a signal ended it"),
        (
            ending(oom_killed=True, ordered=True),
            "somebody had it killed through the engine; before that, the kernel had killed a process in it",
        ),
        (ending(oom_killed=True, ordered=None), "The engine's events no longer tell"),
        (ending(exit_code=0), "exit code 0: it ended by itself"),
        (ending(exit_code=3), "exit code 3: it ended by itself"),
        (ending(exit_code=0, oom_killed=True), "exit code 0: it ended by itself"),
        (ending(exit_code=None, state=State.RUNNING), "has not ended: it is running"),
    ],
)
def test_only_what_was_recorded_is_concluded(found: Ending, words: str) -> None:
    assert words in views.ending(found).sentence


def test_an_exit_code_above_128_is_a_signal() -> None:
    assert [ending(exit_code=code).signal for code in (0, 1, 128, 137, 143, 255, None)] == [
        None,
        None,
        None,
        9,
        15,
        None,
        None,
    ]
    assert "ended by SIGTERM" in views.ending(ending(exit_code=143)).html()


@pytest.mark.parametrize(
    ("after", "exit_code", "words"),
    [
        (reading(memory=500_000, oom_kills=3), None, "the kernel killed 1 process of it, and now it uses 500 kB."),
        (reading(memory=30_000_000, oom_kills=2), None, "what it could without killing, and now it uses 30.0 MB."),
        (None, 137, "killed its first process for it, and it ended with exit code 137."),
    ],
)
def test_a_memory_limit_below_present_use_says_what_the_kernel_did(
    after: Reading | None, exit_code: int | None, words: str
) -> None:
    found = Changed(
        name="web",
        full_name="cu-web",
        rows=(("--memory", "no limit", "33554432 bytes"),),
        options=("--memory", "33554432", "--memory-swap", "33554432"),
        running=True,
        squeeze=squeezed(reading(memory=40_900_000, oom_kills=2), after, exit_code=exit_code),
    )
    said = views.changed(found).sentence
    assert "It used 40.9 MB, more than the new limit allows" in said
    assert said.endswith(words)


def test_a_change_is_said_in_words_and_as_a_command() -> None:
    found = Changed(
        name="web",
        full_name="cu-web",
        rows=(("--memory", "no limit", "67108864 bytes"), ("--cpus", "no limit", "0.5")),
        options=("--memory", "67108864", "--memory-swap", "67108864", "--cpus", "0.5"),
        running=True,
    )
    figure = views.changed(found)
    assert (
        figure.sentence == "web, changed while it runs: --memory from no limit to 67.1 MB; --cpus from no limit to 0.5."
    )
    assert figure.how.docker == ("docker update --memory 67108864 --memory-swap 67108864 --cpus 0.5 cu-web",)
    assert "'NanoCpus': 500000000" in figure.how.python[-1]
    assert "nothing changed" in views.changed(dataclasses.replace(found, rows=())).sentence
