"""Room on the disk that the data folder is on."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from plumbline.kernel import ErrorKind, PlumblineError, t

_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_SIZE = re.compile(r"(\d{1,15})\s*(?:([KMGT]?)(?:i?B)?|(%))\Z", re.IGNORECASE | re.ASCII)


class Room(StrEnum):
    """Worse ones later."""

    ENOUGH = "enough"
    LITTLE = "little"  # less than is to be kept free: nothing is begun that takes much
    NONE = "none"  # nothing can be written


class KeepFree(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a disk is left to others: bytes, or percent of its size."""

    size: int = 512 << 20
    percent: int = 0

    def of(self, total: int) -> int:
        """Bytes, of a disk of so many."""
        return total * self.percent // 100 if self.percent else self.size


def read_keep_free(text: str) -> KeepFree:
    """Raises PlumblineError ``size-wrong``."""
    found = _SIZE.fullmatch(text.strip())
    if found is None or (found[3] and int(found[1]) > 99):
        raise PlumblineError(
            "size-wrong",
            t("{text} is no size of free room.", text=text),
            t("Write bytes, such as 512M or 20G, or a share of the disk, such as 5%."),
            kind=ErrorKind.CONFIGURATION,
        )
    number = int(found[1])
    return KeepFree(size=0, percent=number) if found[3] else KeepFree(size=number << _UNITS[found[2].upper()])
