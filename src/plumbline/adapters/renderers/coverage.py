"""Which characters a font file has glyphs for, read from the file itself (OpenType, and collections of them)."""

from __future__ import annotations

import os
import struct
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_LARGEST = 4 << 20  # bytes of the table that maps characters: none has as many
_MOST_FACES = 64  # of one collection


class Coverage:
    """Ranges of code points, first and last, none overlapping another."""

    def __init__(self, ranges: Iterator[tuple[int, int]]) -> None:
        merged: list[tuple[int, int]] = []
        for first, last in sorted(ranges):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = merged[-1][0], max(last, merged[-1][1])
            else:
                merged.append((first, last))
        self._firsts = [first for first, _ in merged]
        self._lasts = [last for _, last in merged]

    def __contains__(self, code: int) -> bool:
        at = bisect_right(self._firsts, code) - 1
        return at >= 0 and code <= self._lasts[at]


def coverage(path: str) -> Coverage:
    """Of any face in the file; nothing where it is no font that can be read."""
    try:
        known = os.stat(path)
    except OSError:
        return Coverage(iter(()))
    return _coverage(path, known.st_mtime_ns, known.st_size)


@lru_cache(512)
def _coverage(path: str, _changed: int, _size: int) -> Coverage:
    try:
        with open(path, "rb") as file:
            return Coverage(_of_file(file))
    except (OSError, ValueError, struct.error, IndexError):
        return Coverage(iter(()))


def _of_file(file: BinaryIO) -> Iterator[tuple[int, int]]:
    if file.read(4) == b"ttcf":
        _, count = struct.unpack(">II", file.read(8))
        faces = struct.unpack(f">{min(count, _MOST_FACES)}I", file.read(4 * min(count, _MOST_FACES)))
    else:
        faces = (0,)
    seen: set[int] = set()  # faces of a collection share tables
    for face in faces:
        file.seek(face + 4)
        (count,) = struct.unpack(">H6x", file.read(8))
        for _ in range(count):
            tag, offset, length = struct.unpack(">4s4xII", file.read(16))
            if tag == b"cmap" and offset not in seen:
                seen.add(offset)
                file.seek(offset)
                yield from _of_table(file.read(min(length, _LARGEST)))
                break


def _of_table(table: bytes) -> Iterator[tuple[int, int]]:
    (count,) = struct.unpack_from(">2xH", table)
    forms: dict[int, int] = {}
    for number in range(count):
        platform, encoding, at = struct.unpack_from(">HHI", table, 4 + 8 * number)
        if platform == 0 or (platform == 3 and encoding in (1, 10)):  # those of Unicode
            forms[struct.unpack_from(">H", table, at)[0]] = at
    if 12 in forms:  # has all that format 4 has
        yield from _groups(table, forms[12])
    elif 4 in forms:
        yield from _segments(table, forms[4])


def _segments(table: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Format 4: segments of 16 bits; a code in a segment may still have no glyph."""
    (count,) = struct.unpack_from(">6xH", table, at)
    count //= 2
    lasts = struct.unpack_from(f">{count}H", table, at + 14)
    firsts = struct.unpack_from(f">{count}H", table, at + 16 + 2 * count)
    deltas = struct.unpack_from(f">{count}H", table, at + 16 + 4 * count)
    where = at + 16 + 6 * count
    offsets = struct.unpack_from(f">{count}H", table, where)
    for number, (first, last, delta, offset) in enumerate(zip(firsts, lasts, deltas, offsets, strict=True)):
        if first == 0xFFFF:
            continue
        if offset == 0:
            gap = -delta % 0x10000  # the one code of which this makes glyph 0
            yield from ((a, b) for a, b in ((first, min(last, gap - 1)), (max(first, gap + 1), last)) if a <= b)
            continue
        glyphs = struct.unpack_from(f">{last - first + 1}H", table, where + 2 * number + offset)
        yield from ((code, code) for code, glyph in enumerate(glyphs, first) if glyph)


def _groups(table: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Format 12: groups of 32 bits."""
    (count,) = struct.unpack_from(">12xI", table, at)
    body = table[at + 16 : at + 16 + 12 * count]
    for first, last, glyph in struct.iter_unpack(">III", body[: len(body) // 12 * 12]):
        if glyph or last > first:
            yield first + (not glyph), last
