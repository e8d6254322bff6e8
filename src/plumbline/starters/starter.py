"""What a part of the shelf ``stacks`` is, and how the parts are found."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from plumbline.kernel import Text
    from plumbline.starters.files import Files
    from plumbline.starters.found import Found


class Starter(msgspec.Struct, frozen=True, kw_only=True):
    """One stack. ``find`` looks through the files of a repository. ``manifests``: the names of the files that say that
    there is something of the stack in their folder; those that no job covers are named. ``yields``: counts only where
    no other stack has its folder or one above it. ``program``: there is code, which tests may cover."""

    title: Text
    find: Callable[[Files], Iterable[Found]]
    manifests: tuple[str, ...]
    yields: bool = False
    program: bool = True


@cache
def starters() -> Mapping[str, Starter]:
    """By name; those that yield come last."""
    found: dict[str, Starter] = shelf("plumbline.starters.stacks")
    return dict(sorted(found.items(), key=lambda item: item[1].yields))
