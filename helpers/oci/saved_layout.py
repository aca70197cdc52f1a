"""What the tar of a saved image says about itself: classic layout and OCI layout, with whatever else lies in it.

Engines read different parts of it: the containerd image store index.json, the others manifest.json, the oldest
`repositories`. `describe` takes what an engine sent as it is; `parse` and `names` are strict, for files that go on to
an engine, and refuse what two engines would read in two ways.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.oci import naming_json
from helpers.oci.saved import Contents, Damaged, Foreign, Layer, Sums

MANIFEST, INDEX, REPOSITORIES = "manifest.json", "index.json", "repositories"
BLOBS = "blobs/sha256/"  # what follows is the digest of the member: of a plain layer, its diff id
_FIELDS = {MANIFEST: naming_json.MANIFEST_FIELDS, INDEX: naming_json.INDEX_FIELDS, REPOSITORIES: frozenset[str]()}
_ATTESTATION = "vnd.docker.reference.type"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:-]{0,400}")
_WORD = re.compile(r"[A-Za-z0-9._-]{1,40}")
_NAMED_CONFIG = re.compile(r"([0-9a-f]{64})\.json")


class NoImage(ValueError):
    """The archive does not hold the image that was asked for."""


@dataclass(frozen=True, slots=True)
class Described:
    """An image as its archive describes it. members: the names of its layers in the archive, the lowest first."""

    diff_ids: tuple[str, ...]
    members: tuple[str, ...]
    history: tuple[Mapping[str, Any], ...]


def describe(small: Mapping[str, bytes], links: Mapping[str, str], diff_ids: Sequence[str]) -> Described:
    """The image with these layers in an archive.

    small: its small members by name. links: name → name it leads to; links may lead to links.

    Raises: NoImage if there is none.
    """
    wanted, others = tuple(diff_ids), False
    read: dict[str, tuple[Mapping[str, Any], ...] | None] = {}  # history by config: a thousand images may name one
    for config_name, members in _candidates(small, links):
        name = follow(config_name, links)
        if name not in read:
            found = configured(small.get(name))
            others = others or found is not None
            read[name] = found[1] if found is not None and found[0] == wanted else None
        rows = read[name]
        if rows is not None and len(members) == len(wanted):
            return Described(wanted, tuple(follow(member, links) for member in members), rows)
    raise NoImage("it holds another image" if others else "it holds no image")


def configured(content: bytes | None) -> tuple[tuple[str, ...], tuple[Mapping[str, Any], ...]] | None:
    """The ids of the layers, the lowest first, and the history in an image's config; None if it is none."""
    config = _object(content)
    rootfs = config.get("rootfs")
    found = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    return (tuple(map(str, found)), tuple(_rows(config.get("history")))) if isinstance(found, list) else None


def follow(name: str, links: Mapping[str, str]) -> str:
    """The member that a name stands for."""
    name = posixpath.normpath(name)
    for _ in range(40):
        if name not in links:
            break
        name = links[name]
    return name


def _candidates(small: Mapping[str, bytes], links: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Config and layers of every image that the archive describes."""
    for row in _rows(_json(small.get(follow(MANIFEST, links)))):
        layers = row.get("Layers") or []
        if isinstance(layers, list):
            yield str(row.get("Config")), [str(name) for name in layers]
    waiting = [follow(INDEX, links)]
    seen = set(waiting)  # an index may name others, and a hostile one itself
    for name in waiting:
        found = _object(small.get(name))
        for row in _rows(found.get("manifests")):
            notes = row.get("annotations")
            below = _blob(row)
            if below in small and below not in seen and not (isinstance(notes, dict) and _ATTESTATION in notes):
                seen.add(below)
                waiting.append(below)
        config = found.get("config")
        if isinstance(config, dict):
            yield _blob(config), [_blob(row) for row in _rows(found.get("layers"))]


def _blob(row: Mapping[str, Any]) -> str:
    algorithm, _, digest = str(row.get("digest")).partition(":")
    return f"blobs/{algorithm}/{digest}"


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def parse(sums: Mapping[str, Sums], small: Mapping[str, bytes], links: Mapping[str, str]) -> Contents:
    """The one image in a file. sums: of every member; small: the content of small ones; links: name → name.

    Raises: Foreign, Damaged.
    """
    for name, member in sums.items():
        if name.startswith(BLOBS) and name.removeprefix(BLOBS) != member.sha256:
            raise Damaged(f"the content of {name} does not have the digest that its name gives")
    row = _only_image(_strictly(small, sums, MANIFEST))
    config_name = follow(_path(row.get("Config"), "Config"), links)
    config = _member(small, sums, config_name)
    if not isinstance(config, dict):
        raise Foreign("the config is of another form")
    digest = f"sha256:{sums[config_name].sha256}"
    given = _NAMED_CONFIG.fullmatch(posixpath.basename(config_name))
    if given and f"sha256:{given.group(1)}" != digest:
        raise Damaged("the config does not have the digest that its name gives")
    shown, *others = ([_familiar(name) for name in found] for found in names(small, sums).values())
    if not all(_NAME.fullmatch(name) for name in shown):
        raise Foreign("it would set a name that is none")
    for where, found in zip((INDEX, REPOSITORIES), others, strict=True):
        if more := set(found) - set(shown):
            raise Foreign(f"{where} would set a name that {MANIFEST} does not show ({min(more)[:80]!a})")
    _agree(small, digest)
    return Contents(
        config=digest,
        platform="/".join(_word(config.get(key)) for key in ("os", "architecture")),
        layers=tuple(_layers(sums, links, row, config)),
        names=tuple(dict.fromkeys(shown)),
        labels=_labels(config),
    )


def names(small: Mapping[str, bytes], there: Container[str]) -> dict[str, list[str]]:
    """The names that manifest.json would set, then those of index.json and of `repositories`. there: all members.

    Raises: Foreign.
    """
    found: dict[str, list[str]] = {MANIFEST: [], INDEX: [], REPOSITORIES: []}
    for where, said in found.items():
        if where not in there and where != MANIFEST:
            continue
        content = _strictly(small, there, where)
        try:
            if where == MANIFEST:
                said += [str(tag) for row in content for tag in _tags(row)]
            elif where == INDEX:
                said += [name for row in content.get("manifests") or () for name in _annotated(row)]
            else:
                said += [f"{name}:{tag}" for name, tags in content.items() for tag in dict(tags)]
        except (ValueError, AttributeError, TypeError) as error:
            raise Foreign(f"the names in {where} are of another form") from error
    return found


def config_from(small: Mapping[str, bytes], image_id: str, platform: str) -> str:
    """The config digest of the image `image_id`, as soon as what was read of its file tells; else empty.

    small: what was read so far, by name. An image id is a config's digest, a manifest's or that of a list of
    manifests, by kind of store; `platform` ("linux/amd64") picks from the last.

    Raises: Foreign.
    """
    config, _ = _down(small, image_id, platform)
    if config or MANIFEST not in small:
        return config
    hexes = re.findall(r"[0-9a-f]{64}", str(_only_image(_strictly(small, small, MANIFEST)).get("Config")))
    return f"sha256:{hexes[-1]}" if hexes else ""


def _down(small: Mapping[str, bytes], digest: str, platform: str) -> tuple[str, bool]:
    """From a manifest, or a list of them, down to the config's digest. The flag: something was found at `digest`."""
    content = small.get(BLOBS + digest.removeprefix("sha256:"))
    if content is None:
        return "", False
    found = _object(content)
    if isinstance(found.get("config"), dict) and "digest" in found["config"]:
        return str(found["config"]["digest"]), True
    for row in _rows(found.get("manifests")):
        where = row.get("platform")
        if isinstance(where, dict) and f"{where.get('os')}/{where.get('architecture')}" == platform:
            return _down(small, str(row.get("digest")), platform="")
    return "", True


def _agree(small: Mapping[str, bytes], config: str) -> None:
    """index.json must lead to the one config of manifest.json."""
    if INDEX not in small:
        return
    digests = {str(row.get("digest")) for row in _rows(_object(small[INDEX]).get("manifests"))}
    if len(digests) != 1:
        raise Foreign(f"{INDEX} holds {len(digests)} images, and these helpers take files of one")
    top = digests.pop()
    found, there = _down(small, top, "")
    if not there:
        raise Damaged(f"the manifest that {INDEX} names is not in it")
    listed = _object(small[BLOBS + top.removeprefix("sha256:")])
    below = {_down(small, str(row.get("digest")), "")[0] for row in _rows(listed.get("manifests"))}
    if config not in {found, *below}:
        raise Foreign(f"{INDEX} and {MANIFEST} speak of different images")


def _layers(
    sums: Mapping[str, Sums], links: Mapping[str, str], row: Mapping[str, Any], config: Mapping[str, Any]
) -> Iterator[Layer]:
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
        member = _there(sums, follow(_path(path, "Layers"), links))
        if not member.unpacked:
            raise Damaged(f"layer {number} can't be decompressed")
        if f"sha256:{member.unpacked}" != diff_id:
            raise Damaged(f"the content of layer {number} does not have the id that the config gives")
        yield Layer(id=diff_id, size=member.size, compression=member.compression)


def _only_image(rows: object) -> Mapping[str, Any]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Foreign(f"{MANIFEST} is of another form")
    if len(rows) != 1:
        raise Foreign(f"it holds {len(rows)} images, and these helpers take files of one")
    return dict(rows[0])


def _tags(row: Mapping[str, Any]) -> list[object]:
    tags = row.get("RepoTags") or []
    if not isinstance(tags, list):
        raise TypeError
    return tags


def _annotated(row: Mapping[str, Any]) -> set[str]:
    return naming_json.names_of(row.get("annotations"))


def _familiar(name: str) -> str:
    """As the docker command shows it: the containerd store writes docker.io/library/ in front."""
    return name.removeprefix("docker.io/").removeprefix("library/") if name.startswith("docker.io/") else name


def _strictly(small: Mapping[str, bytes], there: Container[str], name: str) -> Any:
    """The value of a member that names images, which an engine can't read in another way.

    Raises: Foreign.
    """
    if name not in there:
        raise Foreign(f"it has no {name}: it was cut off, or docker save did not write it")
    if name not in small:
        raise Foreign(f"{name} is no such member, or far larger than one is")
    try:
        return naming_json.read(small[name], _FIELDS[name])
    except ValueError as error:
        raise Foreign(f"{name} can't be read: {error}") from error


def _member(small: Mapping[str, bytes], sums: Mapping[str, Sums], name: str) -> object:
    _there(sums, name)
    if name not in small:
        raise Foreign(f"{name} is far larger than such a member is")
    try:
        return json.loads(small[name])
    except (ValueError, RecursionError) as error:
        raise Foreign(f"{name} can't be read") from error


def _there(sums: Mapping[str, Sums], name: str) -> Sums:
    if name not in sums:
        raise Damaged(f"{name[:80]} is not in it")
    return sums[name]


def _path(path: object, where: str) -> str:
    if not isinstance(path, str) or not path:
        raise Foreign(f"{where} in {MANIFEST} is of another form")
    return path


def _word(found: object) -> str:
    return found if isinstance(found, str) and _WORD.fullmatch(found) else "unknown"


def _labels(config: Mapping[str, Any]) -> dict[str, str]:
    inner = config.get("config")
    labels = inner.get("Labels") if isinstance(inner, dict) else None
    return {str(key): str(value) for key, value in labels.items()} if isinstance(labels, dict) else {}


def _object(content: bytes | None) -> Mapping[str, Any]:
    found = _json(content)
    return found if isinstance(found, dict) else {}


def _json(content: bytes | None) -> object:
    try:
        return json.loads(content or b"null")
    except (ValueError, RecursionError):
        return None
