"""Limits and use, read from what engines answer."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.containers.model.records import Record
from helpers.engine import container_list
from helpers.engine.model.container import State
from helpers.isolation.model.recorded_limits import Bounds, Use, options


@pytest.mark.parametrize(
    ("host", "cpus"),
    [
        ({}, 0),
        ({"NanoCpus": 250_000_000}, 0.25),
        ({"CpuQuota": 10_000, "CpuPeriod": 100_000}, 0.1),
        ({"CpuQuota": 10_000, "CpuPeriod": 0}, 0.1),  # the kernel's usual period
        ({"CpuQuota": -1, "CpuPeriod": 100_000}, 0),
    ],
)
def test_a_cpu_limit_has_two_spellings(host: dict[str, Any], cpus: float) -> None:
    assert Bounds.of(host).cpus == cpus


def test_no_limit_has_several_spellings() -> None:
    for nothing in (0, -1, None):
        found = Bounds.of({"Memory": nothing, "MemorySwap": nothing, "PidsLimit": nothing, "CpuShares": nothing})
        assert found == Bounds()
    set_ = Bounds.of({"Memory": 64, "MemorySwap": 128, "PidsLimit": 20, "CpuShares": 8192})
    assert (set_.memory, set_.memory_and_swap, set_.processes, set_.weight) == (64, 128, 20, 8192)


def test_the_options_are_the_bounds_in_words() -> None:
    host = {"Memory": 64, "MemorySwap": -1, "CpuQuota": 50_000, "CpuShares": 512, "CpusetCpus": "0", "PidsLimit": 20}
    assert list(options(host).values()) == ["64 bytes", "no limit", "0.5", "512", "0", "20"]
    assert list(options({}).values()) == ["no limit", "not set", "no limit", "not set", "all", "no limit"]


@pytest.mark.parametrize(
    ("state", "found", "said"),
    [
        ({"Status": "exited", "ExitCode": 137, "OOMKilled": True}, (137, True, 9), "out of memory"),
        ({"Status": "exited", "ExitCode": 0}, (0, True, None), "success"),
        ({"Status": "running", "ExitCode": 0}, (None, False, None), "not ended"),
        ({"Status": "restarting", "ExitCode": 3}, (None, False, None), "not ended"),
        ({"Status": "created", "ExitCode": 0}, (None, False, None), "not ended"),
        ({"Status": "created", "ExitCode": 127, "Error": "no such file"}, (127, False, None), "never ran"),
    ],
)
def test_an_end_is_read_in_one_way(state: dict[str, Any], found: tuple[object, ...], said: str) -> None:
    end = container_list.ended({"Id": "a", "Name": "/web", "State": state, "HostConfig": {"Memory": 64}})
    assert (end.exit_code, end.ended, end.signal) == found
    assert said in end.meaning
    assert (end.name, end.memory_limit) == ("web", 64)


def test_use_reads_what_is_there_and_0_for_what_an_engine_does_not_tell() -> None:
    told = {
        "cpu_stats": {"cpu_usage": {"total_usage": 1_500_000_000}, "throttling_data": {"throttled_periods": 7}},
        "memory_stats": {"usage": 4096},
    }
    assert Use.of(told) == Use(cpu=1.5, held_back=7, memory=4096)
    assert Use.of({"cpu_stats": None, "memory_stats": {}}) == Use(cpu=0, held_back=0, memory=0)


@pytest.mark.parametrize("state", State)
def test_only_a_running_container_runs(state: State) -> None:
    record = Record(name="web", state=state, exit_code=0, restarts=0, command=())
    assert record.runs is (state is State.RUNNING)
