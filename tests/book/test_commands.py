"""The page of the commands so far."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.book import commands


def chapter(folder: Path, *cells: str) -> None:
    found = [{"cell_type": "code" if one.startswith("!") else "markdown", "source": one} for one in cells]
    (folder / "07-volumes.ipynb").write_text(json.dumps({"cells": found}), encoding="utf-8")


def test_the_page_is_what_the_chapters_have_typed() -> None:
    assert commands.PAGE.read_text(encoding="utf-8") == commands.page(list(commands.typed())), (
        "type: python -m helpers.book.commands"
    )


def test_it_has_words_for_nothing_that_is_not_typed() -> None:
    found = list(commands.typed())
    assert {one.command for one in found} == set(commands.COMMANDS)
    assert {option for one in found for option in one.options} == set(commands.OPTIONS)


def test_a_command_is_told_from_what_runs_inside(tmp_path: Path) -> None:
    chapter(
        tmp_path,
        "## One\n\n```console\ndocker run --rm --name hs-x IMAGE ls --all\nls -l\n```\n\n### Two\n",
        '!docker exec -it hs-x sh -c "echo --rm"',
        "!docker run x; echo more",
    )
    first, second = commands.typed(tmp_path)
    assert (first.command, first.options, first.heading) == ("run", ["--rm", "--name"], "One")
    assert (second.command, second.options, second.heading) == ("exec", ["-it"], "Two")


def test_a_command_without_words_is_named(tmp_path: Path) -> None:
    chapter(tmp_path, "## One\n\n```console\ndocker volume create hs-x\n```\n")
    with pytest.raises(KeyError, match="volume"):
        commands.page(list(commands.typed(tmp_path)))
