"""What .dockerignore keeps out, by the rules of its documentation and of the matcher that both builders use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.engine.build.model.ignore import Ignore, matches
from helpers.errors import WrongUse


@pytest.mark.parametrize(
    ("lines", "out", "stays"),
    [
        # the examples of the reference
        (["*/temp*"], ["a/temporary.txt", "a/temp", "a/temp/deep.txt"], ["temp", "a/b/temp", "a/attempt"]),
        (["*/*/temp*"], ["a/b/temporary.txt"], ["a/temp", "a/b/c/temp"]),
        (["temp?"], ["tempa", "tempb", "tempa/x"], ["temp", "tempab", "a/tempa"]),
        (["**/*.go"], ["x.go", "a/x.go", "a/b/c/x.go"], ["x.gone", "go"]),
        (["*.md", "!README.md"], ["a.md"], ["README.md", "docs/a.md"]),
        (["*.md", "!README*.md", "README-secret.md"], ["a.md", "README-secret.md"], ["README.md", "README-x.md"]),
        (["*.md", "README-secret.md", "!README*.md"], ["a.md"], ["README.md", "README-secret.md"]),
        # comments and blanks
        (["# a comment", "", "   ", "  b  "], ["b"], ["a", "# a comment"]),
        ([" #x"], ["#x"], []),  # with a blank before it, it is a name
        (["\ufeffa"], ["a"], []),
        # slashes and dots
        (["/a", "b/", "./c", "d/../e", "f//g", "h/."], ["a", "b", "b/x", "c", "e", "f/g", "h"], ["d", "x/a", "f"]),
        (["!/a"], [], ["a"]),
        (["*", "! a"], ["b"], ["a"]),  # a blank behind the sign does not count
        (["*", "!/a/"], ["b"], ["a", "a/b"]),
        (["."], [], ["a", "a/b"]),
        (["/"], [], ["a"]),
        # what is below an ignored folder, and back again
        (["a"], ["a", "a/b", "a/b/c"], ["ab", "b/a"]),
        (["a", "!a/b"], ["a", "a/c"], ["a/b", "a/b/c"]),
        (["a", "!a/b", "a/b/c"], ["a/x", "a/b/c", "a/b/c/d"], ["a/b", "a/b/d"]),
        (["a/*", "!a/keep"], ["a/x"], ["a", "a/keep"]),
        (["**", "!src/**/*.py"], ["a", "src", "src/a.txt"], ["src/a.py", "src/x/y/a.py"]),
        (["!a", "a"], ["a"], []),
        # two stars
        (["**"], ["a", "a/b"], []),
        (["a/**"], ["a/b", "a/b/c"], ["a", "b/a/c"]),
        (["**/a"], ["a", "b/a", "b/c/a", "a/x"], ["ba", "b/ca"]),
        (["a/**/b"], ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb"]),
        (["**/a/**"], ["a/b", "x/a/b"], ["a", "x/a"]),
        (["**file"], ["file", "a/file", "xfile"], ["files"]),
        (["a**b"], ["ab", "a/b", "ax/b"], ["axb"]),  # moby's own: it is "a, any folders, b"
        # signs that mean something elsewhere
        (
            ["a.b", "c+d", "(e)", "f|g", "{h}", "$i", "^j"],
            ["a.b", "c+d", "(e)", "f|g", "{h}", "$i", "^j"],
            ["axb", "f"],
        ),
        ([r"a\*b", r"c\?d", r"\#e"], ["a*b", "c?d", "#e"], ["axb", "cxd"]),
        (["[ab]x", "[^c]y", "[d-f]z", "g[\\]]"], ["ax", "bx", "ay", "ez", "g]"], ["cx", "cy", "gz"]),
        ([".*"], [".git", ".git/config", ".env"], ["a.b"]),
        (["Ä?"], ["Äö"], ["Ä"]),
    ],
)
def test_the_documented_rules_are_kept(lines: list[str], out: list[str], stays: list[str]) -> None:
    ignore = Ignore(lines)
    assert [path for path in out if not ignore.leaves_out(path)] == []
    assert [path for path in stays if ignore.leaves_out(path)] == []


@pytest.mark.parametrize("line", ["!", "[", "a[", "[]a]", "[x-]", "[-x]", "[a-b-c]", "a\\", "[^", "! ", "[z-a]"])
def test_what_no_builder_takes_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(WrongUse, match=r"Line 2 of \.dockerignore"):
        Ignore(["a", line])


@pytest.mark.parametrize(
    ("lines", "folder", "may"),
    [
        (["node_modules"], "node_modules", True),
        (["node_modules", "!x"], "node_modules", True),
        (["a", "!a/b/c"], "a", False),
        (["a", "!a/b/c"], "a/b", False),
        (["a", "!a/b/c"], "a/x", True),
        (["*", "!**/keep"], "a", False),
        (["*", "!src/*.py"], "src", False),
        (["*", "!src/*.py"], "doc", True),
        (["*", "!*/x"], "doc", False),
        (["b"], "a", False),
    ],
)
def test_a_folder_is_skipped_if_nothing_in_it_can_be_sent(lines: list[str], folder: str, may: bool) -> None:
    assert Ignore(lines).may_skip(folder) is may


PIECES = st.sampled_from(["a", "b", "*", "**", "?", "a*", "*b", "[ab]", "ab"])
PATTERNS = st.lists(PIECES, min_size=1, max_size=3).map("/".join)
LINES = st.lists(st.tuples(st.sampled_from(["", "!"]), PATTERNS).map("".join), max_size=4)
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "ba", "aab"]), min_size=1, max_size=4).map("/".join)


@given(LINES, PATHS)
def test_nothing_that_is_sent_lies_in_a_folder_that_is_skipped(lines: list[str], path: str) -> None:
    ignore = Ignore(lines)
    parts = path.split("/")
    if any(ignore.may_skip("/".join(parts[:end])) for end in range(1, len(parts))):
        assert ignore.leaves_out(path)


@given(st.lists(st.text(alphabet="ab*?[]^-\\/!.# é", max_size=8), max_size=4), PATHS)
def test_no_line_breaks_it(lines: list[str], path: str) -> None:
    try:
        ignore = Ignore(lines)
    except WrongUse:
        return
    ignore.leaves_out(path)
    ignore.may_skip(path)


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*.txt", "a.txt", True),
        ("*.txt", "a/b.txt", False),
        ("a/*", "a/b", True),
        ("a/*", "a/b/c", False),
        ("**/x", "a/b/x", False),  # a COPY knows no **: it is a * twice
        ("**/x", "a/x", True),
        ("hom?.txt", "home.txt", True),
        ("[a-c].py", "b.py", True),
        ("arr[[]0].txt", "arr[0].txt", True),  # of the reference
        ("[z-a]", "m", False),
        ("[^z-a]", "m", True),
        ("[\\]\\-a]", "-", True),
    ],
)
def test_the_wildcards_of_a_copy_are_go_s(pattern: str, path: str, fits: bool) -> None:
    assert matches(pattern, path) is fits
