"""How a container is to be run: the options of `docker run`, by its own names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from helpers.errors import WrongUse

_NAMES = {"environment": "env", "mounts": "volume"}  # where `docker run` has another name than the course
_BETWEEN = {"environment": "="}
_PYTHON = {  # docker-py's names
    "mounts": "volumes",
    "pid": "pid_mode",
    "ipc": "ipc_mode",
    "uts": "uts_mode",
    "cpus": "nano_cpus",
    "restart": "restart_policy",
    "add_host": "extra_hosts",
}
_UNITS = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}  # docker's: 64m is 64 MiB


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of `docker run` that the course uses; all may be left out. Dashes are written as underscores.

    network: a network's name on the engine, "none", "host" or "container:ID". network_alias: further names there.
    environment: variables. mounts: volume name, or path on the engine's host -> path inside. tmpfs: path -> options.
    pid, ipc, uts, cgroupns: "host", "private" or "container:ID", as the option allows. user: "1000" or "1000:1000".
    memory: bytes, or "64m"; swap is limited with it, so that this is all there is. cpus: how many. cpu_shares: weight
    against others that want the same CPU; the engine turns it into the kernel's unit. cpuset_cpus: which, such as "0".
    pids_limit: processes and threads. restart: "no", "always", "unless-stopped", "on-failure", "on-failure:3".
    entrypoint: its words. init: a small PID 1 that passes signals on. add_host: name -> address. stop_signal: such as
    "SIGINT".
    """

    network: str = ""
    network_alias: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: Mapping[str, str] = field(default_factory=dict)
    tmpfs: Mapping[str, str] = field(default_factory=dict)
    hostname: str = ""
    pid: str = ""
    ipc: str = ""
    uts: str = ""
    cgroupns: str = ""
    user: str = ""
    memory: int | str = 0
    cpus: float = 0
    cpu_shares: int = 0
    cpuset_cpus: str = ""
    pids_limit: int = 0
    read_only: bool = False
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    security_opt: tuple[str, ...] = ()
    restart: str = ""
    entrypoint: tuple[str, ...] = ()
    init: bool = False
    add_host: Mapping[str, str] = field(default_factory=dict)
    stop_signal: str = ""

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> Settings:
        """The options as a learner gives them: one word where several may stand, an object where its name is meant.

        Raises: WrongUse for an option that there is not, or a value of another form.
        """
        known = {f.name: f for f in fields(cls)}
        for name in options:
            if name not in known:
                raise WrongUse(
                    f"There is no option {name!r}.", "the course does not use it", f"It knows: {', '.join(known)}."
                )
        given = {name: _as(name, known[name].type, value) for name, value in options.items()}
        found = cls(**given)
        _ = found.memory_bytes  # a size of another form ends here
        return found

    @property
    def memory_bytes(self) -> int:
        """The memory limit in bytes; 0: none. Raises: WrongUse."""
        if isinstance(self.memory, int):
            return self.memory
        parts = re.fullmatch(r"(\d+)\s*([bkmg]?)b?", self.memory.strip().lower())
        if not parts:
            raise WrongUse(f"{self.memory!r} is not a size.", "it is not like 64m", 'For example: memory="64m"')
        return int(parts[1]) * _UNITS[parts[2]]

    def as_options(self) -> tuple[str, ...]:
        """The same as words of a `docker run`, without what is left out."""
        found: list[str] = []
        for one in fields(self):
            value, option = getattr(self, one.name), f"--{_NAMES.get(one.name, one.name.replace('_', '-'))}"
            if one.name == "entrypoint":
                found += [option, value[0]] if value else []
            elif value is True:
                found.append(option)
            elif isinstance(value, Mapping):
                joined = (f"{key}{_BETWEEN.get(one.name, ':')}{word}".rstrip(":") for key, word in value.items())
                found += [word for pair in joined for word in (option, pair)]
            elif isinstance(value, tuple):
                found += [word for one_of_them in value for word in (option, one_of_them)]
            elif value:
                found += [option, f"{value:g}" if isinstance(value, float) else str(value)]
        return (*found, "--memory-swap", str(self.memory)) if self.memory else tuple(found)

    def as_arguments(self) -> dict[str, Any]:
        """The same as arguments of docker-py's `containers.run`, without what is left out."""
        found = {one.name: getattr(self, one.name) for one in fields(self) if getattr(self, one.name)}
        found = {_PYTHON.get(name, name): list(v) if isinstance(v, tuple) else v for name, v in found.items()}
        found.pop("network_alias", None)  # its `run` has none: see `docker run`
        if "memory" in found:
            found |= {"mem_limit": found["memory"], "memswap_limit": found.pop("memory")}
        if "nano_cpus" in found:
            found["nano_cpus"] = round(found["nano_cpus"] * 1e9)
        if "volumes" in found:
            found["volumes"] = {source: {"bind": target, "mode": "rw"} for source, target in found["volumes"].items()}
        if "restart_policy" in found:
            policy, _, times = found["restart_policy"].partition(":")
            found["restart_policy"] = {"Name": policy, "MaximumRetryCount": int(times or 0)}
        return found


def _as(name: str, kind: object, value: Any) -> Any:
    form = str(kind)
    if form in ("str", "int | str") and isinstance(value, str):
        return value
    if form == "str" and _number(value):
        return str(value)
    if form in ("int", "int | str") and _number(value) and isinstance(value, int):
        return value
    if form == "float" and _number(value):
        return value
    if form == "bool" and isinstance(value, bool):
        return value
    if form.startswith("Mapping") and isinstance(value, Mapping):
        return {str(key): str(one) for key, one in value.items()}
    if form.startswith("tuple"):
        words = (value,) if isinstance(value, str) else value
        if isinstance(words, list | tuple | set) and all(isinstance(word, str) for word in words):
            return tuple(words)
    raise WrongUse(
        f"{value!r} is not a value for {name}.", f"{name} is {_WORDS[form]}", "Look at help(containers.start)."
    )


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


_WORDS = {
    "str": "a word",
    "bool": "True or False",
    "int": "a whole number",
    "float": "a number",
    "int | str": 'a number of bytes or a size such as "64m"',
    "tuple[str, ...]": "a word or a list of words",
    "Mapping[str, str]": "a dictionary",
}
