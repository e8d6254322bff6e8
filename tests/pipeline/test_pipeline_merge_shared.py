"""What aliases share stays shared when it is merged: an alias bomb in two included files stays small."""

from __future__ import annotations

from plumbline.model.problem import Problem
from plumbline.pipeline.source.merge import deep_merge
from plumbline.pipeline.source.syntax import Map, read


def bomb(levels: int, width: int) -> Map:
    lines = ["b0: &b0 {x: y}"]
    for level in range(1, levels):
        lines.append(f"b{level}: &b{level} {{{', '.join(f'k{n}: *b{level - 1}' for n in range(width))}}}")
    problems: list[Problem] = []
    [document] = read("\n".join(lines).encode(), "bomb.yml", problems)
    assert not problems
    assert isinstance(document, Map)
    return document


def distinct(value: object, seen: set[int]) -> int:
    if not isinstance(value, Map) or id(value) in seen:
        return 0
    seen.add(id(value))
    return 1 + sum(distinct(child, seen) for child in value.values())


def test_merged_aliases_are_shared_again() -> None:
    one, other = bomb(7, 7), bomb(7, 7)
    merged = deep_merge(one, other)
    assert merged == one
    assert distinct(merged, set()) == distinct(one, set()) == 8
