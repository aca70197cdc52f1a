"""The JSON that names images, read so that an engine can't read another thing in it.

Engines take a field in any spelling ("repotags"), and of one that is there twice the last. Both are refused.
"""

from __future__ import annotations

import json
from typing import Any

MANIFEST_FIELDS = frozenset({"Config", "RepoTags", "Layers", "LayerSources", "Parent"})
INDEX_FIELDS = frozenset(
    {"annotations", "config", "digest", "layers", "manifests", "mediaType", "platform", "schemaVersion", "size"}
)


def read(content: bytes, fields: frozenset[str] = frozenset()) -> Any:
    """The value. fields: which the engine looks for.

    Raises: ValueError if it is none, or can be read in two ways.
    """
    spelled = {name.casefold(): name for name in fields}

    def checked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise ValueError(f"it says {name[:40]!a} twice")
            if spelled.get(name.casefold(), name) != name:
                raise ValueError(f"it says {name[:40]!a} for {spelled[name.casefold()]!a}")
            found[name] = value
        return found

    try:
        return json.loads(content.decode("utf-8"), object_pairs_hook=checked)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def names_of(annotations: object) -> set[str]:
    """The name that an entry of index.json would set: the containerd image store takes the second if there is no first.

    Raises: ValueError if they are of another form.
    """
    if annotations is None:
        return set()
    if not isinstance(annotations, dict) or not all(isinstance(value, str) for value in annotations.values()):
        raise ValueError("its annotations are of another form")
    name = annotations.get("io.containerd.image.name") or annotations.get("org.opencontainers.image.ref.name")
    return {name} if name else set()
