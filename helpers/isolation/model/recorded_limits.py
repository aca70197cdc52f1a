"""How much of the machine one container may have, and how much it has had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CPU_PERIOD = 100_000  # microseconds, the kernel's default


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What it may have, as the engine has it on record; 0: no limit.

    cpus: how many CPUs' worth of time. weight: CPU shares, against others that want the same CPU; 0: none were
    given, and the kernel takes its own. memory: bytes. memory_and_swap: bytes, both together. processes: with threads.
    """

    cpus: float = 0.0
    weight: int = 0
    memory: int = 0
    memory_and_swap: int = 0
    processes: int = 0

    @classmethod
    def of(cls, host: Mapping[str, object]) -> Bounds:
        """From the HostConfig of a container. A number below 0 is the engine's other word for no limit."""

        def number(name: str) -> int:
            value = host.get(name)
            return max(value, 0) if isinstance(value, int) else 0

        quota, period = number("CpuQuota"), number("CpuPeriod") or CPU_PERIOD
        return cls(
            cpus=number("NanoCpus") / 1e9 or quota / period,
            weight=number("CpuShares"),
            memory=number("Memory"),
            memory_and_swap=number("MemorySwap"),
            processes=number("PidsLimit"),
        )


def options(host: Mapping[str, object]) -> dict[str, str]:
    """The same as options of `docker run`, in words; "no limit" where there is none."""
    found = Bounds.of(host)
    no_swap = "no limit" if host.get("MemorySwap") else "not set"
    return {
        "--memory": f"{found.memory} bytes" if found.memory else "no limit",
        "--memory-swap": f"{found.memory_and_swap} bytes" if found.memory_and_swap else no_swap,
        "--cpus": f"{found.cpus:g}" if found.cpus else "no limit",
        "--cpu-shares": str(found.weight or "not set"),
        "--cpuset-cpus": str(host.get("CpusetCpus") or "all"),
        "--pids-limit": str(found.processes or "no limit"),
    }


@dataclass(frozen=True, kw_only=True)
class Use:
    """What it has had since it started.

    cpu: seconds. held_back: how often its CPU limit stopped it. memory: bytes at this moment.
    """

    cpu: float
    held_back: int
    memory: int

    @classmethod
    def of(cls, stats: Mapping[str, object]) -> Use:
        """From one answer of the engine's stats; what an engine does not tell counts as 0."""

        def number(*path: str) -> int:
            found: object = stats
            for name in path:
                found = found.get(name) if isinstance(found, Mapping) else None
            return found if isinstance(found, int) else 0

        return cls(
            cpu=number("cpu_stats", "cpu_usage", "total_usage") / 1e9,
            held_back=number("cpu_stats", "throttling_data", "throttled_periods"),
            memory=number("memory_stats", "usage"),
        )
