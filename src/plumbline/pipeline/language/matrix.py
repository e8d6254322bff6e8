"""``parallel``: one job in the file, several in the pipeline, named as in GitLab: ``test 1/3``, ``build: [a, b]``."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

LIMIT = 200  # instances of one job (docs: ci/yaml/#parallel)


class Instance(NamedTuple):
    """One job of a parallel one. ``number`` is its place, from 1; 0: it is not parallel."""

    name: str
    variables: tuple[tuple[str, str], ...] = ()
    number: int = 0
    total: int = 0


def numbered(name: str, total: int) -> list[Instance]:
    """``parallel: 3``."""
    return [Instance(f"{name} {index}/{total}", (), index, total) for index in range(1, total + 1)]


def count(matrix: tuple[dict[str, tuple[str, ...]], ...]) -> int:
    """How many instances a matrix makes, without making them."""
    total = 0
    for axes in matrix:
        size = 1
        for values in axes.values():
            size *= len(values)
        total += size
    return total


def crossed(name: str, matrix: tuple[dict[str, tuple[str, ...]], ...]) -> list[Instance]:
    """``parallel:matrix``: the cross product inside each map, one after the other over the list."""
    combinations = [tuple(zip(axes, values, strict=True)) for axes in matrix for values in product(*axes.values())]
    total = len(combinations)
    return [
        Instance(f"{name}: [{', '.join(value for _, value in chosen)}]", chosen, index, total)
        for index, chosen in enumerate(combinations, 1)
    ]


def selects(wanted: tuple[tuple[tuple[str, str], ...], ...], own: tuple[tuple[str, str], ...]) -> bool:
    """Whether one of the combinations that ``needs:parallel:matrix`` names is this instance: the same values in the
    same order, which is what makes its name."""
    mine = [value for _, value in own]
    return any([value for _, value in chosen] == mine for chosen in wanted)
