"""References of images, taken apart as an engine does."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import WrongUse
from helpers.oci.history import Origin
from helpers.oci.reference import Reference

word = st.from_regex(r"[a-z0-9]{1,8}(?:[._-][a-z0-9]{1,8})?", fullmatch=True)
registries = st.sampled_from(["", "localhost", "localhost:5000", "registry.example.org", "10.0.0.7:5000", "docker.io"])
tags = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)
digests = st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True)


@given(registries, st.lists(word, max_size=3), word, st.one_of(st.just(""), tags), st.one_of(st.just(""), digests))
def test_what_is_put_together_is_taken_apart_again(
    registry: str, namespace: list[str], repository: str, tag: str, digest: str
) -> None:
    if not registry and namespace and "." in namespace[0]:
        namespace[0] = "team"  # a dot makes it an address
    if not registry and namespace and namespace[0] == "localhost":
        namespace[0] = "team"
    path = "/".join([*([registry] if registry else []), *namespace, repository])
    text = path + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    found = Reference.read(text)
    assert (found.registry, found.namespace, found.repository) == (registry, "/".join(namespace), repository)
    assert (found.tag, found.digest) == (tag, digest)
    assert Reference.read(found.full.written) == found.full
    assert found.full.full == found.full
    assert found.full.tag or found.full.digest


@given(st.text(max_size=60))
def test_any_text_is_a_reference_or_says_why_not(text: str) -> None:
    with contextlib.suppress(WrongUse):
        found = Reference.read(text)
        assert found.repository
        assert Reference.read(found.full.written).full == found.full


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("busybox", "docker.io/library/busybox:latest"),
        ("busybox:1", "docker.io/library/busybox:1"),
        ("someone/busybox", "docker.io/someone/busybox:latest"),
        ("localhost/busybox", "localhost/busybox:latest"),
        ("localhost:5000/a/b/c:x", "localhost:5000/a/b/c:x"),
        ("registry.example/a/b@sha256:" + "0" * 64, "registry.example/a/b@sha256:" + "0" * 64),
    ],
)
def test_what_an_engine_fills_in(text: str, full: str) -> None:
    assert Reference.read(text).full.written == full


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "lower-case words"),
        ("Shop", "capital letters"),
        ("shop:", "not a tag"),
        ("shop:a b", "not a tag"),
        ("shop@sha256:1", "not a digest"),
        ("-x.y/shop", "not a registry's address"),
        ("a//b", "lower-case words"),
        ("f" * 64, "an id"),
        ("a" * 300, "longer"),
    ],
)
def test_what_is_none(text: str, why: str) -> None:
    with pytest.raises(WrongUse) as caught:
        Reference.read(text)
    assert why in caught.value.why


@pytest.mark.parametrize(
    ("made_by", "instruction"),
    [
        ('/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'),
        ("/bin/sh -c echo hi > /x", "RUN echo hi > /x"),
        ("RUN /bin/sh -c echo hi # buildkit", "RUN echo hi"),
        ("COPY . /shop # buildkit", "COPY . /shop"),
        ("", ""),
    ],
)
def test_an_instruction_as_it_was_written(made_by: str, instruction: str) -> None:
    assert Origin(made_by=made_by, size=0).instruction == instruction
