"""Values that have thousands of parts, as one value of a row: MessagePack, compressed."""

from __future__ import annotations

import sys
import zlib
from array import array
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from plumbline.model.coding import packed_of, revived
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

T = TypeVar("T")
_LEVEL = 1  # of compression; more takes many times as long for a tenth


def packed(value: object) -> bytes:
    return zlib.compress(packed_of(value), _LEVEL)


def unpacked(data: bytes, kind: type[T]) -> T:
    plain = zlib.decompress(bytes(data))
    return msgspec.msgpack.decode(plain, type=ready(kind), dec_hook=revived)


def packed_numbers(numbers: Iterable[int]) -> bytes:
    """Non-negative numbers of 64 bits."""
    return zlib.compress(_ordered(array("q", numbers)).tobytes(), _LEVEL)


def unpacked_numbers(data: bytes) -> tuple[int, ...]:
    found = array("q")
    found.frombytes(zlib.decompress(bytes(data)))
    return tuple(_ordered(found))


def steps(numbers: Sequence[int]) -> list[int]:
    """Sorted numbers as what each adds to the one before: small numbers, most of them 1."""
    return [one - before for before, one in zip((0, *numbers), numbers, strict=False)]


def from_steps(found: Iterable[int]) -> tuple[int, ...]:
    return tuple(accumulate(found))


def _ordered(numbers: array[Any]) -> array[Any]:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
