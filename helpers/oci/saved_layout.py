"""What a `docker save` file says about itself, and whether its content agrees.

Engines read different parts of it: the containerd image store index.json, the others manifest.json, the oldest
`repositories`. A file in which these speak of different images is refused.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from helpers.oci import naming_json
from helpers.oci.saved import Contents, Damaged, Foreign, Layer, Member

MANIFEST, INDEX, REPOSITORIES = "manifest.json", "index.json", "repositories"
BLOBS = "blobs/sha256/"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:-]{0,400}")
_WORD = re.compile(r"[A-Za-z0-9._-]{1,40}")
_NAMED_CONFIG = re.compile(r"([0-9a-f]{64})\.json")


def parse(members: Mapping[str, Member]) -> Contents:
    """The image that `members` hold.

    Raises: Foreign, Damaged.
    """
    for name, member in members.items():
        expected = name.removeprefix(BLOBS)
        if name.startswith(BLOBS) and not member.link and expected != member.sha256:
            raise Damaged(f"the content of {name} does not have the digest that its name gives")
    row = _only_image(members)
    config_name = _normal(row.get("Config"), "Config")
    config = _config(members, config_name)
    digest = f"sha256:{_follow(members, config_name).sha256}"
    names = _names(members, row)
    _agree(members, digest)
    platform = "/".join(_word(config.get(key)) for key in ("os", "architecture"))
    return Contents(
        config=digest,
        platform=platform,
        layers=tuple(_layers(members, row, config)),
        names=names,
        labels=_labels(config),
    )


def config_from(small: Mapping[str, bytes], image_id: str, platform: str) -> str:
    """The config digest of the image `image_id`, as soon as what was read of its file tells; else empty.

    small: what was read so far, by name. An image id is a config's digest, a manifest's or that of a list of
    manifests, by kind of store; `platform` ("linux/amd64") picks from the last.
    """
    config, _ = _down(small, image_id, platform)
    if config or MANIFEST not in small:
        return config
    row = _only_image({name: Member(content=content) for name, content in small.items()})
    hexes = re.findall(r"[0-9a-f]{64}", str(row.get("Config")))
    return f"sha256:{hexes[-1]}" if hexes else ""


def _down(small: Mapping[str, bytes], digest: str, platform: str) -> tuple[str, bool]:
    """From a manifest, or a list of them, down to the config's digest. The flag: something was found at `digest`."""
    content = small.get(BLOBS + digest.removeprefix("sha256:"))
    if content is None:
        return "", False
    try:
        found = _json(content, "a manifest")
    except ValueError:
        return "", True
    if not isinstance(found, dict):
        return "", True
    if isinstance(found.get("config"), dict) and "digest" in found["config"]:
        return str(found["config"]["digest"]), True
    for row in _rows(found.get("manifests")):
        where = row.get("platform")
        if isinstance(where, dict) and f"{where.get('os')}/{where.get('architecture')}" == platform:
            return _down(small, str(row.get("digest")), platform="")
    return "", True


def _only_image(members: Mapping[str, Member]) -> dict[str, Any]:
    if MANIFEST not in members:
        raise Foreign(f"it has no {MANIFEST}: it was cut off, or docker save did not write it")
    rows = _read(members, MANIFEST)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Foreign(f"{MANIFEST} is of another form")
    if len(rows) != 1:
        raise Foreign(f"it holds {len(rows)} images, and these helpers take files of one")
    return dict(rows[0])


def _config(members: Mapping[str, Member], name: str) -> dict[str, Any]:
    found = _read(members, name)
    member = _follow(members, name)
    if not isinstance(found, dict):
        raise Foreign("the config is of another form")
    given = _NAMED_CONFIG.fullmatch(posixpath.basename(name))
    if given and given.group(1) != member.sha256:
        raise Damaged("the config does not have the digest that its name gives")
    return found


def _layers(members: Mapping[str, Member], row: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Layer]:
    rootfs = config.get("rootfs")
    ids = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    paths = row.get("Layers")
    if not isinstance(ids, list | None) or not isinstance(paths, list | None):
        raise Foreign("the list of layers is of another form")
    ids, paths = ids or [], paths or []
    if len(ids) != len(paths):
        raise Foreign(f"the config speaks of {len(ids)} layers, {MANIFEST} of {len(paths)}")
    for number, (diff_id, path) in enumerate(zip(ids, paths, strict=True), start=1):
        if not isinstance(diff_id, str) or not _DIGEST.fullmatch(diff_id):
            raise Foreign(f"the id of layer {number} is of another form")
        member = _follow(members, _normal(path, "Layers"))
        if member.unpacked and f"sha256:{member.unpacked}" != diff_id:
            raise Damaged(f"the content of layer {number} does not have the id that the config gives")
        if not member.unpacked and member.compression != "zstd":
            raise Damaged(f"layer {number} can't be decompressed")
        yield Layer(id=diff_id, size=member.size, compression=member.compression)


def _names(members: Mapping[str, Member], row: Mapping[str, Any]) -> tuple[str, ...]:
    """Every name that one engine or another would set. What manifest.json does not show, the other two may not give."""
    tags = row.get("RepoTags") or []
    if not isinstance(tags, list):
        raise Foreign(f"the names in {MANIFEST} are of another form")
    names = tuple(dict.fromkeys(_familiar(str(tag)) for tag in tags))
    if not all(_NAME.fullmatch(name) for name in names):
        raise Foreign("it would set a name that is none")
    for where in (INDEX, REPOSITORIES):
        more = set(map(_familiar, _further_names(members, where))) - set(names)
        if more:
            raise Foreign(f"{where} would set a name that {MANIFEST} does not show ({min(more)[:80]!a})")
    return names


def _further_names(members: Mapping[str, Member], where: str) -> Iterator[str]:
    if where not in members:
        return
    if where == INDEX:
        for manifest in _index(members):
            try:
                yield from naming_json.names_of(manifest.get("annotations"))
            except ValueError as error:
                raise Foreign(f"{INDEX}: {error}") from error
    else:
        found = _read(members, REPOSITORIES)
        if not isinstance(found, dict) or not all(isinstance(tags, dict) for tags in found.values()):
            raise Foreign(f"{REPOSITORIES} is of another form")
        yield from (f"{name}:{tag}" for name, tags in found.items() for tag in tags)


def _familiar(name: str) -> str:
    """As the docker command shows it: the containerd store writes docker.io/library/ in front."""
    return name.removeprefix("docker.io/").removeprefix("library/") if name.startswith("docker.io/") else name


def _agree(members: Mapping[str, Member], config: str) -> None:
    """index.json must lead to the one config of manifest.json."""
    if INDEX not in members:
        return
    digests = {str(row.get("digest")) for row in _index(members)}
    if len(digests) != 1:
        raise Foreign(f"{INDEX} holds {len(digests)} images, and these helpers take files of one")
    small = {name: member.content for name, member in members.items() if member.content is not None}
    top = digests.pop()
    found, there = _down(small, top, "")
    if not there:
        raise Damaged(f"the manifest that {INDEX} names is not in it")
    reached = {found}
    listed = _json(small[BLOBS + top.removeprefix("sha256:")], "a manifest")
    if isinstance(listed, dict):
        reached |= {_down(small, str(row.get("digest")), "")[0] for row in _rows(listed.get("manifests"))}
    if config not in reached:
        raise Foreign(f"{INDEX} and {MANIFEST} speak of different images")


def _index(members: Mapping[str, Member]) -> list[dict[str, Any]]:
    found = _read(members, INDEX)
    if not isinstance(found, dict):
        raise Foreign(f"{INDEX} is of another form")
    return _rows(found.get("manifests"))


def _rows(found: object) -> list[dict[str, Any]]:
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _read(members: Mapping[str, Member], name: str) -> Any:
    content = _follow(members, name).content
    if content is None:
        raise Foreign(f"{name} is far larger than such a member is")
    return _json(content, name, {MANIFEST: naming_json.MANIFEST_FIELDS, INDEX: naming_json.INDEX_FIELDS}.get(name))


def _json(content: bytes, name: str, fields: frozenset[str] | None = None) -> Any:
    """The value of a member. fields: which the engine looks for; None for a member that names no image."""
    try:
        if fields is None and name != REPOSITORIES:
            return json.loads(content)
        return naming_json.read(content, fields or frozenset())
    except (ValueError, RecursionError) as error:
        raise Foreign(f"{name} can't be read" + (f": {error}" if fields is not None else "")) from error


def _follow(members: Mapping[str, Member], name: str) -> Member:
    """The member of that name; a layer that is there already is a link to it on 20.10."""
    for _ in range(8):
        member = members.get(name)
        if member is None:
            raise Damaged(f"{name[:80]} is not in it")
        if not member.link:
            return member
        name = member.link
    raise Foreign("its links lead in a circle")


def _normal(path: object, where: str) -> str:
    if not isinstance(path, str) or not path:
        raise Foreign(f"{where} in {MANIFEST} is of another form")
    return posixpath.normpath(path)


def _word(found: object) -> str:
    return found if isinstance(found, str) and _WORD.fullmatch(found) else "unknown"


def _labels(config: Mapping[str, Any]) -> dict[str, str]:
    inner = config.get("config")
    labels = inner.get("Labels") if isinstance(inner, dict) else None
    return {str(key): str(value) for key, value in labels.items()} if isinstance(labels, dict) else {}
