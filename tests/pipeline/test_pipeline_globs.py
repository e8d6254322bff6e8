from __future__ import annotations

import contextlib
from itertools import product
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.cost import cost

from plumbline.pipeline.language.globs import GlobError, doublestar, literal_prefix, ruby_glob

CASES = Path(__file__).parents[1] / "cases" / "pipeline" / "globs"


class Words(yaml.SafeLoader):
    """``yes`` and ``no`` are words here."""


Words.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:bool"]
    for key, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def cases(name: str) -> list[tuple[str, str, bool]]:
    rows = yaml.load((CASES / name).read_text(), Words)
    return [(row["pattern"], path, answer == "yes") for row in rows for answer in ("yes", "no") for path in row[answer]]


@pytest.mark.parametrize(("pattern", "path", "answer"), cases("ruby.yml"))
def test_ruby(pattern: str, path: str, answer: bool) -> None:
    assert ruby_glob(pattern)(path) is answer


@pytest.mark.parametrize(("pattern", "path", "answer"), cases("doublestar.yml"))
def test_doublestar(pattern: str, path: str, answer: bool) -> None:
    assert doublestar(pattern)(path) is answer


def test_doublestar_of_exclude_does_not_reach_below() -> None:
    rows = [row for row in yaml.load((CASES / "doublestar.yml").read_text(), Words) if "itself" in row]
    assert rows
    for row in rows:
        for path in row["itself"]:
            assert doublestar(row["pattern"])(path)
            assert not doublestar(row["pattern"], below=False)(path)


@pytest.mark.parametrize("pattern", ["[", "a[b", "{a", "x/{a,{b}", "a\\", "[]", "[c-a]"])
def test_doublestar_refuses_what_is_not_well_formed(pattern: str) -> None:
    with pytest.raises(GlobError):
        doublestar(pattern)


def test_limits() -> None:
    with pytest.raises(GlobError, match="1000"):
        ruby_glob("{a,b}" * 20)
    with pytest.raises(GlobError, match="1000"):
        ruby_glob("{" + "a," * 2000 + "}")
    with pytest.raises(GlobError, match="4096"):
        ruby_glob("a" * 5000)
    ruby_glob("{" * 4000)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 30 + "b", "a" * 4000),
        ("**/a/" * 30 + "b", "a/" * 2000),
        ("**/*a*a*a/" * 10 + "b", ("a" * 30 + "/") * 100),
        ("{*,**}" * 5 + "b", "a" * 2000),
    ],
)
def test_no_pattern_takes_long(pattern: str, path: str) -> None:
    def match() -> None:
        assert not ruby_glob(pattern)(path)
        assert not doublestar(pattern)(path)

    assert cost(match) < 1  # seen: 0.01


@pytest.mark.parametrize(
    ("pattern", "prefix"),
    [
        ("src/app/**/*.js", "src/app"),
        ("src/app", "src/app"),
        ("./src/", "src"),
        ("*.js", ""),
        ("a/b*/c", "a"),
        ("{a,b}/c", ""),
        ("a/{b,c}", "a"),
        ("a/[b]", "a"),
        ("a/\\*b", "a"),
        ("", ""),
    ],
)
def test_literal_prefix(pattern: str, prefix: str) -> None:
    assert literal_prefix(pattern) == prefix


def by_definition(pattern: list[str], path: list[str], *, go: bool = False) -> bool:
    """``**``, ``*``, ``?`` and letters, straight from their meaning; Ruby takes a last ``**`` for a ``*``."""
    if not pattern:
        return not path
    if pattern[0] == "**" and (go or len(pattern) > 1):
        return any(by_definition(pattern[1:], path[cut:], go=go) for cut in range(len(path) + 1))
    return bool(path) and segment_matches(pattern[0], path[0]) and by_definition(pattern[1:], path[1:], go=go)


def segment_matches(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(segment_matches(pattern[1:], text[cut:]) for cut in range(len(text) + 1))
    return bool(text) and pattern[0] in {"?", text[0]} and segment_matches(pattern[1:], text[1:])


SEGMENTS = st.lists(
    st.sampled_from(["**", "*", "a", "b", "?", "a*", "*b", "a*b", "*a*", "**a"]), min_size=1, max_size=5
)
PATHS = ["/".join(parts) for length in (1, 2, 3) for parts in product(["a", "b", "ab", "aab"], repeat=length)]


@given(SEGMENTS)
def test_ruby_globs_mean_what_they_are_defined_to_mean(segments: list[str]) -> None:
    matches = ruby_glob("/".join(segments))
    for path in PATHS:
        assert matches(path) is by_definition(segments, path.split("/"))


@given(SEGMENTS)
def test_doublestar_globs_mean_what_they_are_defined_to_mean(segments: list[str]) -> None:
    matches, matches_below = doublestar("/".join(segments), below=False), doublestar("/".join(segments))
    for path in PATHS:
        parts = path.split("/")
        assert matches(path) is by_definition(segments, parts, go=True)
        tops = (parts[:length] for length in range(1, len(parts) + 1))
        assert matches_below(path) is any(by_definition(segments, top, go=True) for top in tops)


@given(st.text(alphabet="ab/*?[]{},!^-\\", max_size=20), st.text(alphabet="ab/-", max_size=8))
def test_any_pattern_answers(pattern: str, path: str) -> None:
    assert ruby_glob(pattern)(path) in {True, False}
    with contextlib.suppress(GlobError):
        assert doublestar(pattern)(path) in {True, False}


@given(st.text(min_size=1, max_size=20).filter(lambda text: not set(text) & set("*?[]{}\\")))
def test_a_pattern_without_wildcards_matches_itself(path: str) -> None:
    assert ruby_glob(path)(path)
