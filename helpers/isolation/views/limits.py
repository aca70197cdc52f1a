"""Limits, what was changed of them, how a container ended, and charts of what it used."""

from __future__ import annotations

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count, size
from helpers.engine.model.exit_code import Ending, name_of, read_signal
from helpers.isolation.model.limits import Changed, Limits, Reading, Squeeze

_BAR = 300.0


def limits(found: Limits) -> Figure:
    """Three bars: memory, CPU, processes, each against its limit; and the files that say so."""
    reading = found.reading
    rows = _rows(reading)
    limited = [what for what, _, _, part in rows if part is not None]
    answer = f"{found.name} has {_listed(limited, 'a limit')}."
    card = Card("What may it use, and what does it use?", answer)
    y = float(TOP) + 8
    for what, used, most, part in rows:
        card.text(MARGIN, y + 14, what, style="b")
        x = MARGIN + 104
        card.rect(x, y + 1, _BAR, 18, "box", dashed=part is None)
        if part is not None:
            card.rect(x, y + 1, max(_BAR * min(part, 1.0), 2), 18, "container")
        card.text(x + _BAR + 16, y + 14, used, style="m")
        card.text(WIDTH - MARGIN, y + 14, most, style="m", end=True)
        y += 34
    y += 6
    card.text(
        MARGIN,
        y + 6,
        f"The kernel keeps this in files (cgroup version {reading.version}). In the container:",
        style="soft",
    )
    y += 28
    key = _KEY_FILES_V2 if reading.version == 2 else _KEY_FILES_V1
    for file in (f for f in reading.files if f.path in key):
        card.text(MARGIN, y, f"/sys/fs/cgroup/{file.path}", style="m", room=330)
        card.text(MARGIN + 344, y, file.value, style="m", room=140)
        card.text(MARGIN + 496, y, file.says, style="n soft", room=WIDTH - 2 * MARGIN - 496)
        y += 20
    card.note("Dashed: no limit. The CPU bar shows how often it had used up its share and had to wait.")
    return Figure(
        sentence=_limits_sentence(found),
        svg=card.svg(),
        alt=answer,
        tables=(
            Table(
                caption="Used and allowed",
                columns=("what", "used now", "at most"),
                rows=tuple((what, used, most) for what, used, most, _ in rows),
            ),
            Table(
                caption=f"Files of cgroup version {reading.version}, under /sys/fs/cgroup in the container",
                columns=("file", "value", "what it says"),
                rows=tuple((f.path, f.value, f.says) for f in reading.files),
            ),
            Table(
                caption="What the engine keeps",
                columns=("option of docker run", "value"),
                rows=tuple(found.recorded.items()),
            ),
        ),
        how=How(
            docker=(
                f"docker exec {found.full_name} cat /sys/fs/cgroup/{_first_file(reading)}",
                f"docker stats --no-stream {found.full_name}",
            ),
            python=(
                "import docker",
                f"one = docker.from_env().containers.get({found.full_name!r})",
                f"one.exec_run('cat /sys/fs/cgroup/{_first_file(reading)}').output.decode()",
            ),
        ),
    )


_KEY_FILES_V1 = ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "cpu/cpu.cfs_quota_us",
                 "cpu/cpu.cfs_period_us", "cpu/cpu.shares", "pids/pids.max", "pids/pids.current")  # fmt: skip
_KEY_FILES_V2 = ("memory.max", "memory.current", "cpu.max", "cpu.weight", "pids.max", "pids.current")


def _first_file(reading: Reading) -> str:
    return "memory.max" if reading.version == 2 else "memory/memory.limit_in_bytes"


def _rows(reading: Reading) -> tuple[tuple[str, str, str, float | None], ...]:
    memory, pids = reading.memory_limit, reading.pids_limit
    waited = f"waited {reading.throttled} of {reading.periods} times" if reading.periods else "never had to wait"
    return (
        ("memory", size(reading.memory), _most(None if memory is None else size(memory)),
         None if not memory else reading.memory / memory),
        ("CPU", waited, _most(None if reading.cpus is None else count_cpus(reading.cpus)),
         None if reading.cpus is None else (reading.throttled / reading.periods if reading.periods else 0.0)),
        ("processes", str(reading.pids), _most(None if pids is None else str(pids)),
         None if not pids else reading.pids / pids),
    )  # fmt: skip


def _most(words: str | None) -> str:
    return "no limit" if words is None else f"at most {words}"


def count_cpus(number: float) -> str:
    """`0.5 CPU`, `2 CPUs`."""
    return f"{number:g} CPU" + ("" if number <= 1 else "s")


def _listed(words: list[str], what: str) -> str:
    if not words:
        return "no limits at all"
    return f"{what} of {words[0]}" if len(words) == 1 else f"{what} of {', '.join(words[:-1])} and {words[-1]}"


def _limits_sentence(found: Limits) -> str:
    r = found.reading
    memory = "no limit" if r.memory_limit is None else size(r.memory_limit)
    cpus = "no limit" if r.cpus is None else count_cpus(r.cpus)
    pids = "no limit" if r.pids_limit is None else f"{r.pids_limit}"
    return f"{found.name}: memory {memory}, CPU {cpus}, processes {pids}."


def changed(found: Changed) -> Figure:
    """What was changed, in words."""
    if not found.rows:
        sentence = f"{found.name} has these limits already; nothing changed."
    else:
        when = "while it runs" if found.running else "for when it runs again"
        changes = "; ".join(f"{name} from {_short(name, old)} to {_short(name, new)}" for name, old, new in found.rows)
        sentence = f"{found.name}, changed {when}: {changes}."
    sentence += f" {_squeezed(found.squeeze)}" if found.squeeze else ""
    options = " ".join(found.options)
    return Figure(
        sentence=sentence,
        tables=(
            Table(
                caption="What the engine keeps now",
                columns=("option", "before", "after"),
                rows=found.rows,
            ),
        )
        if found.rows
        else (),
        how=How(
            docker=(f"docker update {options} {found.full_name}",),
            python=_update_lines(found),
        ),
    )


def _squeezed(found: Squeeze) -> str:
    """What the kernel did about a memory limit below present use."""
    used = f"It used {size(found.before)}, more than the new limit allows"
    now = "" if found.after is None else f", and now it uses {size(found.after)}"
    if found.exit_code is not None:
        return f"{used}: the kernel killed its first process for it, and it ended with exit code {found.exit_code}."
    if found.killed:
        return f"{used}: the kernel killed {count(found.killed, 'process', 'processes')} of it{now}."
    return f"{used}: the kernel took back what it could without killing{now}."


def _short(name: str, value: str) -> str:
    if name.startswith("--memory") and value.endswith(" bytes"):
        return size(int(value.removesuffix(" bytes")))
    return value


def _update_lines(found: Changed) -> tuple[str, ...]:
    """docker-py's own update knows memory and shares; the rest goes to the endpoint itself."""
    words = dict(zip(found.options[::2], found.options[1::2], strict=True))
    body: dict[str, object] = {}
    for option, key in (("--memory", "Memory"), ("--memory-swap", "MemorySwap"), ("--cpu-shares", "CpuShares"),
                        ("--pids-limit", "PidsLimit")):  # fmt: skip
        if option in words:
            body[key] = int(words[option])
    if "--cpus" in words:
        body["NanoCpus"] = round(float(words["--cpus"]) * 1e9)
    if "--cpuset-cpus" in words:
        body["CpusetCpus"] = words["--cpuset-cpus"]
    return (
        "import docker, json",
        "api = docker.from_env().api",
        f"address = api._url('/containers/{{0}}/update', {found.full_name!r})",
        f"api._post(address, data=json.dumps({body!r}), headers={{'Content-Type': 'application/json'}}).status_code",
    )


def ending(found: Ending) -> Figure:
    """Three lines of evidence, and what follows from them."""
    answer, sentence = _verdict(found), _verdict(found)
    card = Card("Why did it end?", answer)
    y = float(TOP) + 4
    for what, value, means in _evidence(found):
        card.text(MARGIN, y + 14, what, style="m", room=190)
        card.text(MARGIN + 200, y + 14, value, style="b", room=120)
        card.text(MARGIN + 324, y + 14, means, style="n soft", room=WIDTH - 2 * MARGIN - 324)
        card.line(MARGIN, y + 24, WIDTH - MARGIN, y + 24, "rule", thick=1)
        y += 32
    return Figure(
        sentence=sentence,
        svg=card.svg(),
        alt=answer,
        tables=(
            Table(caption="What the engine recorded", columns=("field", "value", "meaning"), rows=_evidence(found)),
        ),
        how=How(
            docker=(f"docker inspect --format '{{{{.State.ExitCode}}}} {{{{.State.OOMKilled}}}}' {found.full_name}",),
            python=(
                "import docker",
                f"state = docker.from_env().containers.get({found.full_name!r}).attrs['State']",
                "state['ExitCode'], state['OOMKilled']",
            ),
        ),
    )


def _verdict(found: Ending) -> str:
    if not found.ended:
        return f"{found.name} has not ended: it {found.state.said}."
    head = f"{found.name} ended with exit code {found.exit_code}"
    if found.signal is None:
        return f"{head}: it ended by itself."
    if found.ordered:
        before = (
            "; before that, the kernel had killed a process in it because memory ran out" if found.oom_killed else ""
        )
        return f"{head}, and OOMKilled is {_bool(found.oom_killed)}: somebody had it killed through the engine{before}."
    if found.oom_killed and found.signal == read_signal("SIGKILL"):
        if found.ordered is None:
            return (
                f"{head}, and OOMKilled is true: the kernel killed a process in it because memory ran out. "
                "The engine's events no longer tell whether somebody ordered the end as well."
            )
        return f"{head}, and OOMKilled is true: the kernel killed it because memory ran out."
    if found.unexplained:
        return f"{head}, and OOMKilled is false: but its memory was limited, and nobody ordered the end."
    return f"{head}, and OOMKilled is {_bool(found.oom_killed)}: a signal ended it, and not because memory ran out."


def _evidence(found: Ending) -> tuple[tuple[str, str, str], ...]:
    code = found.exit_code if found.ended else None
    means = "it has not ended" if code is None else "the number it ended with"
    if found.signal is not None:
        means = f"128 + {found.signal}: ended by {name_of(found.signal)}; that says how, not why"
    ordered = {True: "yes", False: "no", None: "can't tell"}[found.ordered]
    return (
        ("State.ExitCode", "none" if code is None else str(code), means),
        (
            "State.OOMKilled",
            _bool(found.oom_killed),
            "at some point a process in it was killed because memory ran out",
        ),
        ("HostConfig.Memory", size(found.memory_limit) if found.memory_limit else "no limit", "its limit"),
        ("event “kill”", ordered, "an order to kill or stop it came through the engine"),
    )


def _bool(value: bool) -> str:
    return "true" if value else "false"
