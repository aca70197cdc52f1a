"""Containers of the course that compete for one CPU are all given shares: engines differ in what none means."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def trees() -> Iterator[tuple[Path, ast.AST]]:
    """The code cells of every notebook, and the checks of chapters and labs, as syntax trees."""
    for path in [*(ROOT / "notebooks").rglob("*.ipynb"), *(ROOT / "labs").rglob("*.ipynb")]:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            lines = "".join(cell["source"]).splitlines()
            code = "\n".join("pass" if line.lstrip().startswith(("!", "%")) else line for line in lines)
            if cell["cell_type"] == "code":
                yield path, ast.parse(code)
    for path in [*(ROOT / "notebooks").rglob("*_checks.py"), *(ROOT / "labs").rglob("*_checks.py")]:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_whoever_is_tied_to_a_cpu_is_given_shares() -> None:
    tied = [
        (path, call)
        for path, tree in trees()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and "cpuset_cpus" in {word.arg for word in call.keywords}
    ]
    assert len(tied) >= 6  # two for the weights, two neighbours, two in lab 06
    for path, call in tied:
        assert "cpu_shares" in {word.arg for word in call.keywords}, f"{path.name}: {ast.unparse(call)[:80]}"
