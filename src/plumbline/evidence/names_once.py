"""JSON in which a name stands twice has two values, and readers differ in which one they take: what is proved by one of
them must not be acted on by another."""

from __future__ import annotations

import json


class NameTwiceError(ValueError):
    """``name`` stands twice in one object."""

    def __init__(self, name: str) -> None:
        super().__init__(f"'{name}' stands there twice in one object")
        self.name = name


def check_names_once(text: bytes) -> None:
    """Nothing of it is kept, so it costs little memory. What is no JSON passes: whoever reads it says so better.

    Raises :class:`NameTwiceError`; RecursionError where it is nested too deep.
    """
    try:
        json.loads(text.decode("utf-8", "replace"), object_pairs_hook=_once, parse_int=_nothing, parse_float=_nothing)
    except json.JSONDecodeError:
        return


def _once(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        names = [name for name, _ in pairs]
        raise NameTwiceError(next(name for name in names if names.count(name) > 1))


def _nothing(_digits: str) -> None:
    """Numbers may have more digits than Python reads."""
