"""What a documented fact is: a name that policies and conditions may use, with its type and how it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.judging.expressions import ValueType

if TYPE_CHECKING:
    from plumbline.kernel import Text


class GateFact(msgspec.Struct, frozen=True, kw_only=True):
    """``how``: one sentence: population, counting, what is left out. A PART of the shelf is a tuple of these."""

    name: str  # dotted, such as tests.failed
    type: ValueType
    how: Text
    unit: str = ""  # ms, share, ...
    wants: tuple[str, ...] = ()  # kinds of evidence that it is read from
