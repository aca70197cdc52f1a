"""Layers to keep in the cache."""

from __future__ import annotations

import os

from helpers.oci.layer_files import DIR, FILE, SHA256, WIDTH, Files


def diff_id(number: int) -> str:
    return f"sha256:{number:064x}"


def files(number: int, many: int = 50, sums: str = SHA256) -> Files:
    found = Files(sums=sums)
    found.add("/d", DIR, mode=0o755)
    for i in range(many):
        found.add(f"/d/{number}-{i}", FILE, size=i, digest=os.urandom(WIDTH[sums]))
    return found
