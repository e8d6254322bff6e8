"""Regular expressions for paths: what RE2 does not take of Ruby's, and what is made of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.pipeline.language.path_regex import path_regex
from plumbline.pipeline.language.regex import RegexError


@pytest.mark.parametrize(
    ("pattern", "found", "not_found"),
    [
        (r"\.md$", ["a.md", "a/b.md"], ["a.mdx"]),
        (r"\A(?!docs/).*", ["src/a", "docs", "a/docs/b"], ["docs/a", "docs/a\nsrc/b"]),
        (r"^(?!docs/)", ["src/a", "docs/a\nsrc/b"], ["docs/a", "docs/a\ndocs/b"]),
        (r"\A(?!docs/|README\.md\z)(?=.*\.md\z)", ["a.md", "README.md.md"], ["README.md", "docs/a.md", "a.py"]),
        (r"\A(?![)|(]|\()a|b".replace("a|b", "(a|b)"), ["a", "b"], [")a", "|b", "(a"]),
        (r"^b$", ["b", "a\nb\nc"], ["ab"]),
    ],
)
def test_finds_what_ruby_finds(pattern: str, found: list[str], not_found: list[str]) -> None:
    compiled = path_regex(pattern)
    assert [text for text in found if not compiled.found_in(text)] == []
    assert [text for text in not_found if compiled.found_in(text)] == []


@pytest.mark.parametrize(
    "pattern", ["(", r"\A(?!a", r"\A(?!a)b|c", r"(?!a)b", r"a(?=b)", r"(?<=a)b", r"(a)\1", r"\A(?!(?=a)b)c"]
)
def test_refuses_what_it_cannot_work_out(pattern: str) -> None:
    with pytest.raises(RegexError):
        path_regex(pattern)


_PART = st.text("ab/.|()[]^\\", max_size=4)


@given(st.sampled_from([r"\A", "^"]), st.lists(st.tuples(st.sampled_from("=!"), _PART), max_size=2), _PART,
       st.text("ab/.\n", max_size=6))  # fmt: skip
def test_is_what_a_backtracking_engine_finds(start: str, looks: list[tuple[str, str]], rest: str, text: str) -> None:
    pattern = start + "".join(f"(?{sign}{inner})" for sign, inner in looks) + rest
    try:
        mine = path_regex(pattern)
        theirs = re.compile(pattern, re.MULTILINE)
    except (RegexError, re.error):
        return
    assert mine.found_in(text) is (theirs.search(text) is not None)
