"""The processes of the engine's host, read from inside a helper container that shares its process namespace."""

from __future__ import annotations

from helpers import errors
from helpers.daemon.model.processes import Chain, Process, chain, parse
from helpers.engine import containers
from helpers.engine.bounded import rights
from helpers.engine.client import Client
from helpers.engine.model.container import Container

# `ps` of busybox has no ppid column in every build; /proc has both everywhere. The name is in the second field in
# brackets and may hold blanks and brackets itself, hence everything up to the last one.
_SCRIPT = (
    "for s in /proc/[0-9]*/stat; do cat $s 2>/dev/null; done"
    r" | sed -n 's/^\([0-9]*\) (\(.*\)) . \([0-9]*\) .*/\1 \3 \2/p'; "
    # which engine's they are is in what containerd and its shims were told; `read` starts no process
    r"for p in /proc/[0-9]*; do read -r name < $p/comm; case $name in containerd*) "
    r"""echo "= ${p#/proc/} $(tr '\0' ' ' < $p/cmdline)";; esac; done 2>/dev/null"""
)


def on_the_engines_host(client: Client, *, image: str, scene: str) -> tuple[Process, ...]:
    """Every process of the engine's host (on Docker Desktop: of its virtual machine). About 0.4 s.

    Raises: EngineRefused where the engine does not let a container share the host's process namespace.
    """
    container_id = rights.make(client, "programs", ["sh", "-c", _SCRIPT], scene=scene, image=image)
    try:
        containers.start(client, container_id)
        containers.wait(client, container_id, seconds=containers.HELPER)
        return parse(containers.logs(client, container_id))
    finally:
        containers.remove(client, container_id)


def chain_of(client: Client, container: Container, *, image: str, scene: str) -> Chain:
    """Who does the work for `container`: dockerd, containerd, shim and process, with their numbers."""
    try:
        seen = on_the_engines_host(client, image=image, scene=scene)
        return chain(container.name, container.full_name, container.pid, seen)
    except errors.EngineRefused as error:
        return Chain(
            container=container.name,
            full_name=container.full_name,
            dockerd=None,
            containerd=None,
            shim=None,
            process=None,
            why_not=error.message,
        )
