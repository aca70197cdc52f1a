"""How each base image is made: on the spot from the distribution's packages, and what is added to a pulled one.

Both ways end in the same: the same command, port, volume, user and settings, so that a chapter need not know.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from helpers.engine.model.base_images import BaseImage, Lock
from helpers.setup.images import rootfs

# {prefix} is the course's, {x} the reference of the base image x, {from} the image that was pulled
_APT = "export DEBIAN_FRONTEND=noninteractive; apt-get -qq update && apt-get -qq -y --no-install-recommends install"
_TIDY = (
    "rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/*.log /var/cache/debconf/*-old"
    " /var/lib/dpkg/*-old /var/cache/ldconfig/aux-cache"
)

_DEBIAN = """\
FROM scratch
ADD rootfs.tar /
CMD ["bash"]
"""

_BUSYBOX = f"""\
FROM {{debian}} AS made
RUN {_APT} busybox-static \\
 && mkdir -p /out/bin /out/usr/bin /out/usr/sbin /out/etc /out/root /out/home /out/tmp /out/var/tmp /out/dev \\
 && chmod 1777 /out/tmp /out/var/tmp && chmod 700 /out/root && cp /usr/bin/busybox /out/bin/busybox \\
 && for name in $(busybox --list); do test "$name" = busybox || ln -s busybox "/out/bin/$name"; done \\
 && ln -s ../../bin/busybox /out/usr/bin/env
COPY etc /out/etc
FROM scratch
COPY --from=made /out/ /
CMD ["sh"]
"""

_ACCOUNTS = {
    "etc/passwd": (
        b"root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\n"
        b"www-data:x:33:33:www-data:/var/www:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n"
    ),
    "etc/group": b"root:x:0:\ndaemon:x:1:\ntty:x:5:\nwww-data:x:33:\nusers:x:100:\nnogroup:x:65534:\n",
    "etc/nsswitch.conf": b"passwd: files\ngroup: files\nhosts: files dns\n",
}

# PIP_...: pip's remarks on its own version and on root are not what a chapter is about
_PYTHON_ADDED = """\
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
COPY wheels /wheels
"""

# the marker makes Debian's pip refuse to install anything; in a container nothing else depends on that Python
_PYTHON = f"""\
FROM {{debian}}
RUN {_APT} ca-certificates python3 python3-pip \\
 && rm -f /usr/lib/python3*/EXTERNALLY-MANAGED && ln -sf python3 /usr/bin/python && {_TIDY}
{_PYTHON_ADDED}CMD ["python3"]
"""

_REDIS_START = b"""\
#!/bin/sh
# As the official image does: options alone mean redis-server, root becomes redis, other containers may connect.
set -e
case "${1-}" in -* | *.conf) set -- redis-server "$@" ;; esac
if [ "$1" = redis-server ]; then
    case "${2-}" in
        -v | --version | -h | --help | --test-memory | --check-system) ;;
        *) set -- "$@" --protected-mode no ;;
    esac
    if [ "$(id -u)" = 0 ]; then
        find . ! -user redis -exec chown redis:redis {} +
        exec setpriv --reuid=redis --regid=redis --clear-groups -- "$@"
    fi
fi
exec "$@"
"""

_REDIS = f"""\
FROM {{debian}}
RUN groupadd --system --gid 999 redis && useradd --system --uid 999 --gid redis --no-create-home redis \\
 && {_APT} redis-server && mkdir -p /data && chown redis:redis /data && {_TIDY}
COPY docker-entrypoint.sh /usr/local/bin/
WORKDIR /data
VOLUME /data
EXPOSE 6379
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["redis-server"]
"""

_REGISTRY_ADDED = """\
ENV REGISTRY_STORAGE_DELETE_ENABLED=true
"""

_REGISTRY_START = b"""\
#!/bin/sh
# As the official image does: a configuration file alone means "serve".
set -e
case "$1" in
    *.yaml | *.yml) set -- registry serve "$@" ;;
    serve | garbage-collect | help | -*) set -- registry "$@" ;;
esac
exec "$@"
"""

_REGISTRY_CONFIG = b"""\
version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: /var/lib/registry
http:
  addr: :5000
  headers:
    X-Content-Type-Options: [nosniff]
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
"""

# one program and the C library, on the tiny image: its shell and tools are there to look at what is stored
_REGISTRY = f"""\
FROM {{debian}} AS made
RUN {_APT} docker-registry ca-certificates \\
 && mkdir -p /out/bin /out/etc/ssl/certs /out/var/lib/registry && cp /usr/bin/docker-registry /out/bin/registry \\
 && cp /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/ \\
 && for file in $(ldd /usr/bin/docker-registry | grep -o '/lib[^ ]*'); do \\
        mkdir -p "/out$(dirname "$file")" && cp -L "$file" "/out$file"; done
COPY config.yml /out/etc/docker/registry/config.yml
COPY entrypoint.sh /out/entrypoint.sh
FROM {{busybox}}
COPY --from=made /out/ /
{_REGISTRY_ADDED}VOLUME /var/lib/registry
EXPOSE 5000
ENTRYPOINT ["/entrypoint.sh"]
CMD ["/etc/docker/registry/config.yml"]
"""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """built: the Dockerfile for the spot. added: what a pulled image gains, "" for nothing. files: for either."""

    built: str
    added: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)


RECIPES = {
    "debian": Recipe(built=_DEBIAN),
    "busybox": Recipe(built=_BUSYBOX, files=_ACCOUNTS),
    "python": Recipe(built=_PYTHON, added=_PYTHON_ADDED),
    "redis": Recipe(built=_REDIS, files={"docker-entrypoint.sh": _REDIS_START}),
    "registry": Recipe(
        built=_REGISTRY,
        added=_REGISTRY_ADDED,
        files={"entrypoint.sh": _REGISTRY_START, "config.yml": _REGISTRY_CONFIG},
    ),
}


def built(image: BaseImage, lock: Lock, *, prefix: str) -> str:
    """The Dockerfile that makes `image` on the spot."""
    return RECIPES[image.name].built.format_map({name: lock.image(name).reference(prefix) for name in image.needs})


def fingerprint(image: BaseImage, lock: Lock) -> str:
    """What `image` is made of, in short: changes when the course changes it, so that it is made again.

    Digests are left out: an image that is there is not pulled again because a newer one was looked up.
    """
    recipe = RECIPES[image.name]
    parts = [recipe.built, recipe.added, *(f"{k}\n{v.decode()}" for k, v in sorted(recipe.files.items()))]
    parts += [image.hub, lock.suite, *(fingerprint(lock.image(need), lock) for need in image.needs)]
    if image.name == "debian":
        parts += [json.dumps(rootfs.SETTINGS), *rootfs.LEFT_OUT]
    if image.name == "python":
        parts += [wheel.sha256 for wheel in lock.wheels]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
