"""How much of a disk folders take, while somebody still writes in them: in small steps, and never over a link."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_STEP = 256  # entries between two answers
_BLOCK = 512  # bytes, of st_blocks


class Usage(NamedTuple):
    """Bytes on the disk (what is sparse counts as what it takes), and entries."""

    size: int
    entries: int


def usage_of(folders: Iterable[str]) -> Iterator[Usage]:
    """What was seen so far, some times a millisecond; the last is the whole. Other file systems that are mounted inside
    are left out, and whatever vanishes meanwhile."""
    size = entries = 0
    several: set[tuple[int, int]] = set()  # files with more than one name
    for folder in folders:
        for info in _walk(folder):
            entries += 1
            if info.st_nlink > 1 and not stat.S_ISDIR(info.st_mode):
                if (info.st_dev, info.st_ino) in several:
                    continue
                several.add((info.st_dev, info.st_ino))
            size += info.st_blocks * _BLOCK
            if not entries % _STEP:
                yield Usage(size, entries)
    yield Usage(size, entries)


def unlinked_of(pids: Iterable[int]) -> int:
    """Bytes of files that processes hold open and that have no name any more."""
    found: dict[tuple[int, int], int] = {}
    for pid in pids:
        with suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                with suppress(OSError):
                    info = os.stat(f"/proc/{pid}/fd/{name}")
                    if stat.S_ISREG(info.st_mode) and not info.st_nlink:
                        found[(info.st_dev, info.st_ino)] = info.st_blocks * _BLOCK
    return sum(found.values())


def _walk(top: str) -> Iterator[os.stat_result]:
    """All below a folder, by descriptors: no path is too long, and no link is gone through. One descriptor at a time;
    a folder that is somewhere else on the way back ends the walk."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        handle = os.open(top, flags)
    except OSError:
        return
    try:
        device = os.fstat(handle).st_dev
        waiting: list[list[str]] = [[]]
        above: list[tuple[int, int]] = []
        yield from _entries(handle, device, waiting[-1])
        while waiting:
            if not waiting[-1]:
                waiting.pop()
                if not waiting:
                    return
                handle = _move(handle, os.open("..", flags, dir_fd=handle))
                if _identity(handle) != above.pop():
                    return
                continue
            name = waiting[-1].pop()
            here = _identity(handle)
            try:
                inside = os.open(name, flags, dir_fd=handle)
            except OSError:
                continue
            above.append(here)
            handle = _move(handle, inside)
            waiting.append([])
            yield from _entries(handle, device, waiting[-1])
    except OSError:
        return
    finally:
        os.close(handle)


def _entries(handle: int, device: int, folders: list[str]) -> Iterator[os.stat_result]:
    """What is in a folder; the names of folders are put in ``folders``."""
    with suppress(OSError), os.scandir(handle) as entries:
        for entry in entries:
            try:
                info = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            yield info
            if stat.S_ISDIR(info.st_mode) and info.st_dev == device:
                folders.append(entry.name)


def _move(old: int, new: int) -> int:
    os.close(old)
    return new


def _identity(handle: int) -> tuple[int, int]:
    info = os.fstat(handle)
    return info.st_dev, info.st_ino
