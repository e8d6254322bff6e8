"""Every type of event that is emitted here: the 45 of CDEvents 0.5.1, and our own where it has none.

Adding one is adding a class with its ``TYPE`` and fields; nothing else lists them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from plumbline.evidence.vocabulary import (
    cdevents_core,
    cdevents_delivery,
    facts,
    own_delivery,
    own_forge,
    own_gates,
    own_observation,
    own_operations,
    own_platform,
)
from plumbline.evidence.vocabulary.fields import Content, Facts, Intent, Outcome, Reference, Tier

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType
    from typing import TypeVar

    C = TypeVar("C")

__all__ = [
    "Content",
    "Facts",
    "Intent",
    "Outcome",
    "Reference",
    "Tier",
    "cdevents_core",
    "cdevents_delivery",
    "contents",
    "facts",
    "facts_about",
    "own_delivery",
    "own_forge",
    "own_gates",
    "own_observation",
    "own_operations",
    "own_platform",
]


@cache
def contents() -> Mapping[str, type[Content]]:
    """The content of each type of event, by the whole name of the type."""
    rooms = (cdevents_core, cdevents_delivery, own_delivery, own_forge, own_gates, own_observation, own_operations,
             own_platform)  # fmt: skip
    return {found.TYPE: found for room in rooms for found in _classes(room, Content) if found.TYPE}


@cache
def facts_about() -> Mapping[str, type[Facts]]:
    """What stands in the customData of a type of CDEvents; a type that is not here takes any object."""
    return {about: found for found in _classes(facts, Facts) for about in found.ABOUT}


def _classes(room: ModuleType, base: type[C]) -> list[type[C]]:
    return [found for found in vars(room).values() if isinstance(found, type) and issubclass(found, base)]
