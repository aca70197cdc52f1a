"""Making attempts for real: one container for each setting tries everything, and says what came of it."""

from __future__ import annotations

from helpers import errors
from helpers.engine import base_images, containers
from helpers.engine.build import choose
from helpers.engine.client import Client
from helpers.engine.model.container import Container
from helpers.engine.model.settings import Settings
from helpers.engine.ownership import labels
from helpers.isolation.engine import host_processes
from helpers.isolation.model.escape_attempts import SETTINGS, Capabilities, Trial, Trials, names, parse

NAME = "attempts"
# A private file of user 1234, and a copy of `id` that runs as its owner, root, whoever starts it (set-uid).
_DOCKERFILE = """\
FROM {base}
RUN mkdir /private && echo secret > /private/note && chown -R 1234:1234 /private && chmod 600 /private/note \\
 && cp /usr/bin/id /usr/local/bin/as-root && chmod 4755 /usr/local/bin/as-root
"""
# Each attempt leaves the machine as it was, should it succeed: the clock is set to what it shows, the setting to what
# it is, the mount is in the container alone.
_SCRIPT = r"""
attempt() {
  name=$1; shift
  if said=$("$@" 2>&1); then echo "$name yes"; else echo "$name no: $(echo "$said" | head -n 1)"; fi
}
as_plain_user() {
  if [ "$(id -u)" = 0 ]; then seen=$(setpriv --reuid 1000 --regid 1000 --clear-groups as-root -u) || return 1
  else seen=$(as-root -u) || return 1; fi
  [ "$seen" = 0 ] || { echo "it runs as user $seen"; return 1; }
}
setting() { cat /proc/sys/kernel/panic > /proc/sys/kernel/panic; }
give() { : > /dev/shm/gift && chown 1234 /dev/shm/gift; }
attempt write-etc sh -c 'echo "# attempt" >> /etc/hosts.deny'
attempt read-others cat /private/note
attempt give-away give
attempt device mknod /dev/shm/null c 1 3
attempt become-root as_plain_user
attempt user-namespace unshare --user true
attempt mount mount -t tmpfs none /mnt
attempt host-name sh -c 'echo attempt > /proc/sys/kernel/hostname'
attempt clock date --set="$(date --iso-8601=ns)"
attempt kernel-setting setting
"""


def trials(client: Client, *, scene: str, seconds: float = containers.HELPER) -> Trials:
    """Every attempt under every setting, in containers without a network. Nothing is left but the image of the scene.

    Raises: NoSuchImage without the base image; BuildFailed.
    """
    tag = f"{labels.object_name(NAME)}:1"
    dockerfile = _DOCKERFILE.format(base=base_images.reference("debian"))
    choose.build(client, dockerfile=dockerfile, context={}, tag=tag, scene=scene)
    return Trials(trials=tuple(_trial(client, tag, name, scene=scene, seconds=seconds) for name in SETTINGS))


def _trial(client: Client, image: str, setting: str, *, scene: str, seconds: float) -> Trial:
    given = SETTINGS[setting]
    options = _words(given)
    settings = Settings.read({"network": "none", "pids_limit": 64, "memory": "64m", **given})
    made = containers.create(client, image, ["sh", "-c", _SCRIPT], scene=scene, settings=settings)
    try:
        containers.start(client, made)
        containers.wait(client, made, seconds=seconds)
        return Trial(setting=setting, options=options, tries=parse(containers.logs(client, made)))
    except errors.EngineRefused as error:
        return Trial(setting=setting, options=options, tries=parse(""), why_not=error.message)
    finally:
        containers.remove(client, made)


def _words(given: object) -> str:
    """The options as docker run takes them."""
    words = []
    for name, value in dict(given).items():  # type: ignore[call-overload]
        option = "--" + name.replace("_", "-")
        values = value if isinstance(value, tuple) else (value,)
        words += [option if one is True else f"{option} {one}" for one in values]
    return " ".join(words)


def capabilities(client: Client, found: Container, *, scene: str) -> Capabilities:
    """The capabilities of the container's first process, as the kernel keeps them.

    Raises: CourseError where the engine's host does not show it.
    """
    view = host_processes.look(client, [found.pid], scene=scene)
    process = view.process(found.pid)
    if process is None:
        raise errors.CourseError(
            f"The capabilities of {found.name} could not be read.",
            "the engine's host does not show its processes",
            f"In a container with a shell: docker exec {found.full_name} grep Cap /proc/1/status",
        )
    return Capabilities(
        name=found.name,
        full_name=found.full_name,
        effective=names(process.capabilities),
        bounding=names(process.bounding),
        user=view.inner_user(found.pid),
        no_new_privileges=process.no_new_privileges,
        seccomp=process.seccomp == 2,  # 2: a filter
    )
