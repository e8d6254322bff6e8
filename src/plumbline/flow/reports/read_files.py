"""Read the report files that a job left, outside every transaction: so many, so large, so long, and no more.

Nothing that stands in a file, and no fault of ours, changes how the job ended: what cannot be read is kept as
unreadable, with its reason.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import msgspec

from plumbline.flow.reports.hiding import hide_in
from plumbline.kernel import t
from plumbline.model.report import Unreadable
from plumbline.model.reported import ReadFile, ReadReports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from plumbline.kernel import Text
    from plumbline.model.job import KeptFile
    from plumbline.model.report import Report

MOST_FILES = 20_000  # of one job
MOST_BYTES = 256 << 20  # of all files of one job together
LARGEST = 64 << 20  # bytes of one file
LONGEST = 120.0  # seconds for all files of one job
NOT_READ = frozenset({"archive", "dotenv"})  # an archive is no report; a dotenv report was read by the job's end
_log = logging.getLogger(__name__)

Opened = bytes | None  # None: it is not there any more


def read_files(
    kept: Iterable[KeptFile],
    open_file: Callable[[KeptFile, int], Opened],
    read: Callable[[str, bytes, str], Report | Unreadable],
    hide: Callable[[str], str] = lambda text: text,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[ReadFile, ...]:
    """``open_file``: a file's bytes, at most so many and one more. ``hide``: takes secrets out of a text."""
    files = sorted((one for one in kept if one.kind not in NOT_READ), key=lambda one: (one.kind, one.name))
    until, left = clock() + LONGEST, MOST_BYTES
    found: list[ReadFile] = []
    for at, one in enumerate(files):
        if at >= MOST_FILES:
            content: Report | Unreadable = too_many(len(files))
            found.append(_told(one, content))
            break
        if clock() > until:
            content = _unreadable("out-of-time", t("the report files of the job took too long to read"))
        elif one.size > min(LARGEST, left):
            content = too_large(one.size)
        else:
            left -= one.size
            content = _read_one(one, open_file, read, hide)
        found.append(_told(one, content))
    return tuple(found)


def without(read: ReadReports) -> ReadReports:
    """The same files with nothing of what they say, where that could not be kept: that they are there stays known."""
    return ReadReports(tuple(msgspec.structs.replace(one, content=fault(), signed=()) for one in read.files))


def fault() -> Unreadable:
    return _unreadable("fault", t("a fault of Plumbline itself; the server's log tells where"))


def too_large(size: int) -> Unreadable:
    return _unreadable(
        "too-large", t("the file has {size} bytes, and {limit} are read at most", size=size, limit=LARGEST)
    )


def too_many(count: int) -> Unreadable:
    return _unreadable(
        "too-many", t("the job left {count} report files, and {limit} are read at most", count=count, limit=MOST_FILES)
    )


def _read_one(
    one: KeptFile,
    open_file: Callable[[KeptFile, int], Opened],
    read: Callable[[str, bytes, str], Report | Unreadable],
    hide: Callable[[str], str],
) -> Report | Unreadable:
    try:
        data = open_file(one, LARGEST)
        if data is None:
            return _unreadable("gone", t("the file is not there any more"))
        if len(data) > LARGEST:
            return too_large(len(data))
        return hide_in(read(_name(one), data, one.kind), hide)
    except Exception:  # noqa: BLE001 - told in full; a fault in reading is no fault of the job
        _log.exception("a report file could not be read: %s", one.kind)
        return fault()


def _name(one: KeptFile) -> str:
    """Its path in the working copy."""
    return one.name.removeprefix(f"reports/{one.kind}/")


def _told(one: KeptFile, content: Report | Unreadable) -> ReadFile:
    return ReadFile(kind=one.kind, name=_name(one), digest=one.digest, size=one.size, content=content)


def _unreadable(code: str, message: Text) -> Unreadable:
    return Unreadable(code=code, message=message)
