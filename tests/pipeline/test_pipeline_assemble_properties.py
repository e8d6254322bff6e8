"""What holds for any input: nothing crashes, limits hold, and merging obeys its laws."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from plumbline.model.problem import Problem, Severity
from plumbline.pipeline.assemble import assemble
from plumbline.pipeline.source.merge import deep_merge, resolve_references
from plumbline.pipeline.source.syntax import MAX_DEPTH, Map, Reference, Seq, read

CASES = Path(__file__).parents[1] / "cases/pipeline/assemble"
SEEDS = [
    case["main"].encode()
    for path in sorted(CASES.glob("*.yml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
WORDS = """
a b .c job script: extends: include: rules: - if: when: local: inputs: spec: --- default: <<: *a &a !reference [ ] { }
$[[ inputs.x ]] | : , ' " # % @ ! null true 12:30 0x1F $CI_COMMIT_BRANCH ~
"""
SPACES = ["\n", "\n  ", "\n    ", "\n- ", " ", "\t", "\0", "\x85", "\ufeff", "\ue000", "é", "𐀀"]
PIECES = WORDS.split() + SPACES

KEYS = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    st.none() | st.integers(0, 3),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3).map(Map) | st.lists(inner, max_size=2).map(Seq),
    max_leaves=8,
)
MAPS = st.dictionaries(KEYS, VALUES, max_size=3).map(Map)


class Folder:
    """A repository that holds whatever is asked for: the same bytes everywhere."""

    name = ""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, _path: str) -> bytes | None:
        return self.data

    def files(self) -> list[str]:
        return ["a.yml", "b/c.yml"]

    def changed(self, _compare_to: str | None) -> frozenset[str] | None:
        return frozenset(["a.yml"])

    def project(self, _path: str, _ref: str | None) -> Folder:
        return self

    def remote(self, _url: str) -> bytes:
        return self.data

    def template(self, _name: str) -> bytes:
        return self.data


def check(data: bytes) -> None:
    """Whatever is in a file: native values or a problem, and problems that can be shown."""
    problems: list[Problem] = []
    read(data, "f.yml", problems)
    result = assemble(data, "f.yml", Folder(data), {"A": "b"}, {"x": "1"}, problems)
    native(result.config)
    for problem in problems:
        assert str(problem)
        assert problem.where is None or problem.where.file


def native(value: Any, level: int = 0) -> None:
    assert level <= MAX_DEPTH + 1
    if isinstance(value, Map):
        assert set(value.marks) >= set(value)
    elif isinstance(value, Seq):
        assert len(value.marks) >= len(value)
    else:
        assert value is None or type(value) in (str, int, float, bool)
        return
    for item in value.values() if isinstance(value, Map) else value:
        native(item, level + 1)


@given(st.binary(max_size=200))
def test_no_bytes_crash(data: bytes) -> None:
    check(data)


@given(st.lists(st.sampled_from(PIECES), max_size=40))
@example(["<<:", " ", "*a"])
@example(["a:", " ", "&a", " ", "!reference", " ", "[", "a", "]", "\n", "b:", " ", "*a"])
def test_no_text_that_looks_like_a_configuration_crashes(pieces: list[str]) -> None:
    check("".join(pieces).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("seed", range(20))
def test_no_mutation_crashes(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        check(mutated(bytearray(chance.choice(SEEDS)), chance))


def mutated(data: bytearray, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                del data[at : at + chance.randint(1, 5)]
            case 1:
                data[at:at] = chance.choice(PIECES).encode()
            case 2:
                other = chance.choice(SEEDS)
                start = chance.randrange(len(other))
                data[at:at] = other[start : start + chance.randint(1, 40)]
            case 3:
                data[at : at + 1] = bytes([chance.randrange(256)])
    return bytes(data)


def dropped(value: Any) -> Any:
    """A value with what it removes, for comparison."""
    if isinstance(value, Map):
        return {key: dropped(item) for key, item in value.items()}, set(value.dropped)
    return [dropped(item) for item in value] if isinstance(value, Seq) else value


@given(MAPS)
def test_nothing_is_neutral(one: Map) -> None:
    assert deep_merge(one, Map()) == one == deep_merge(Map(), one)


@given(MAPS, MAPS, MAPS)
def test_merging_is_associative(one: Map, two: Map, three: Map) -> None:
    assert deep_merge(deep_merge(one, two), three) == deep_merge(one, deep_merge(two, three))


@given(MAPS, MAPS)
def test_merging_changes_neither(one: Map, two: Map) -> None:
    before = repr((dropped(one), dropped(two)))
    merged = deep_merge(one, two)
    assert repr((dropped(one), dropped(two))) == before
    assert set(merged) <= set(one) | set(two)
    for key, value in two.items():
        if value is None:
            assert key not in merged or key not in one
        elif not isinstance(value, Map):
            assert merged[key] == value


@given(st.dictionaries(KEYS, st.lists(st.tuples(KEYS).map(Reference) | st.integers(0, 9), max_size=4).map(Seq)))
def test_references_end_and_leave_none(lists: dict[str, Any]) -> None:
    problems: list[Problem] = []
    config = Map({"script": Map(lists), **lists})
    resolved = resolve_references(config, problems)
    assert "Reference" not in repr(resolved)
    assert not any(isinstance(item, Reference) for value in resolved.values() for item in value)
    assert all(problem.severity is Severity.ERROR for problem in problems)
