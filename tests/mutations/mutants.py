"""Mutants of a solution: one statement or line dropped, or one value changed."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A changed solution. what: the change, in words. code: the Python. recipe: a Dockerfile; None: the solution's."""

    what: str
    code: str
    recipe: str | None = None


def of_code(code: str) -> Iterator[Mutant]:
    """Each statement dropped, each argument dropped, each text and number changed."""
    tree = ast.parse(code)
    for path in _statements(tree):
        changed = copy.deepcopy(tree)
        body = _body(changed, path[:-1])
        line = ast.unparse(body[path[-1]]).splitlines()[0]
        body[path[-1]] = ast.copy_location(ast.Pass(), body[path[-1]])
        yield Mutant(what=f"without: {line}", code=ast.unparse(changed))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for number, call in enumerate(calls):
        for place in range(len(call.keywords)):
            changed = copy.deepcopy(tree)
            one = [node for node in ast.walk(changed) if isinstance(node, ast.Call)][number]
            gone = one.keywords.pop(place)
            yield Mutant(what=f"{ast.unparse(call.func)} without {gone.arg}=", code=ast.unparse(changed))
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    for number, constant in enumerate(constants):
        changed = copy.deepcopy(tree)
        one_constant = [node for node in ast.walk(changed) if isinstance(node, ast.Constant)][number]
        if isinstance(constant.value, str):
            one_constant.value = constant.value + "x" if constant.value.strip() else "x"
        elif isinstance(constant.value, int) and not isinstance(constant.value, bool):
            one_constant.value = constant.value + 1
        else:
            continue
        yield Mutant(what=f"{constant.value!r} (number {number}) changed", code=ast.unparse(changed))


def of_recipe(code: str, recipe: str) -> Iterator[Mutant]:
    """Each line of the Dockerfile dropped, and each word after its instruction's name dropped or changed.

    Comments and empty lines are for the eye: without them the image is the same.
    """
    lines = recipe.splitlines()
    for place, line in enumerate(lines):
        if not line.strip() or line.startswith("#"):
            continue
        rest = lines[:place] + lines[place + 1 :]
        yield Mutant(what=f"Dockerfile without: {line}", code=code, recipe="\n".join(rest) + "\n")
        for found in list(re.finditer(r"(?<=[ \"=/:])[A-Za-z0-9.]{3,}", line)):
            word = found[0]
            other = line[: found.start()] + word[:-1] + "q" + line[found.end() :]
            what = f"Dockerfile, line {place + 1}: {word} changed to {word[:-1]}q"
            yield Mutant(what=what, code=code, recipe="\n".join([*lines[:place], other, *lines[place + 1 :]]) + "\n")


def _statements(tree: ast.Module) -> Iterator[tuple[int, ...]]:
    def walk(body: list[ast.stmt], path: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        for place, statement in enumerate(body):
            yield (*path, place)
            inner = getattr(statement, "body", None)
            if isinstance(inner, list):
                yield from walk(inner, (*path, place))

    yield from walk(tree.body, ())


def _body(tree: ast.Module, path: tuple[int, ...]) -> list[ast.stmt]:
    body: list[ast.stmt] = tree.body
    for place in path:
        body = body[place].body  # type: ignore[attr-defined]
    return body
