"""One cache in one file.

The format is our own, for speed: a line that says what it is, the list of entries with its digest, the bytes of all
files one after the other, and their checksum. 5,000 small files are one file to read and no more.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import stat
import zlib
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import msgspec

from plumbline.adapters.beneath import open_inside, open_root, read_link
from plumbline.adapters.folders import remove_tree, temporary_name, write_all
from plumbline.adapters.safe_paths import Placer, UnsafePathError
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAGIC = b"plumbline cache 1\n"
_HEAD = len(_MAGIC) + 8 + 32  # bytes before the list of entries: its length and its SHA-256
_TAIL = 4  # bytes of the checksum
_BLOCK = 1 << 20
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


class Entry(NamedTuple):
    path: bytes
    mode: int  # with the file type
    time: int  # nanoseconds; 0 for what is no regular file
    size: int  # bytes of content; of a symlink its target


class CacheBrokenError(ValueError):
    """The file is not a whole cache, or a file changed while it was read."""


def entries_of(files: Mapping[str, os.stat_result]) -> list[Entry]:
    """The list of entries; equal lists stand for equal caches."""
    return [
        Entry(
            os.fsencode(path),
            info.st_mode,
            info.st_mtime_ns if stat.S_ISREG(info.st_mode) else 0,
            0 if stat.S_ISDIR(info.st_mode) else info.st_size,
        )
        for path, info in files.items()
    ]


def pack(root: str, entries: list[Entry], target: str) -> int:
    """Write a cache in one step; the bytes of its files. Raises OSError and :class:`CacheBrokenError`; an older cache
    stays then."""
    temporary = temporary_name(target)
    head = msgspec.msgpack.encode(entries)
    try:
        out = os.open(temporary, _NEW, 0o600)
        try:
            write_all(out, _MAGIC + len(head).to_bytes(8, "big") + hashlib.sha256(head).digest() + head)
            checksum = _write_contents(root, entries, out)
            write_all(out, checksum.to_bytes(_TAIL, "big"))
        finally:
            os.close(out)
        os.rename(temporary, target)
    except BaseException:
        remove_tree(temporary)
        raise
    return sum(entry.size for entry in entries)


def unpack(source: str, root: str) -> tuple[int, int]:
    """Write the files of a cache into a folder, over what is there; their number and bytes. Raises OSError, and
    :class:`CacheBrokenError` before anything is written."""
    with open(source, "rb") as file:
        entries = _read_head(file)
        _check(file)
        try:
            with Placer(root) as placer:
                for entry in entries:
                    _place(entry, file, placer)
                placer.finish()
        except UnsafePathError as error:
            raise CacheBrokenError(str(error)) from error
    return len(entries), sum(entry.size for entry in entries)


def read_entries(path: str) -> list[Entry] | None:
    """What a cache holds; None where there is none, or it is broken."""
    try:
        with open(path, "rb") as file:
            return _read_head(file)
    except (OSError, CacheBrokenError):
        return None


def _write_contents(root: str, entries: list[Entry], out: int) -> int:
    top, real = open_root(root), os.path.realpath(root)
    checksum = 0
    waiting = bytearray()
    try:
        for name, mode, _, size in entries:
            if not size:
                continue
            path = os.fsdecode(name)
            if stat.S_ISLNK(mode):
                waiting += os.fsencode(read_link(top, real, path))
            else:
                descriptor = open_inside(top, real, path, os.O_RDONLY | os.O_NONBLOCK)
                checksum = _read_file(descriptor, path, size, waiting, out, checksum)
            if len(waiting) >= _BLOCK:
                checksum = _flush(waiting, out, checksum)
    finally:
        os.close(top)
    return _flush(waiting, out, checksum)


def _read_file(descriptor: int, path: str, size: int, waiting: bytearray, out: int, checksum: int) -> int:
    try:
        while size:
            block = os.read(descriptor, min(size, _BLOCK))
            if not block:
                raise CacheBrokenError(f"{path} changed while it was read")
            size -= len(block)
            waiting += block
            if len(waiting) >= _BLOCK:
                checksum = _flush(waiting, out, checksum)
    finally:
        os.close(descriptor)
    return checksum


def _flush(waiting: bytearray, out: int, checksum: int) -> int:
    write_all(out, bytes(waiting))
    checksum = zlib.crc32(waiting, checksum)
    waiting.clear()
    return checksum


def _read_head(file: BinaryIO) -> list[Entry]:
    """The entries; the file stands at the first byte of content then."""
    head = file.read(_HEAD)
    if len(head) != _HEAD or not head.startswith(_MAGIC):
        raise CacheBrokenError("not a cache")
    whole = os.fstat(file.fileno()).st_size
    length = int.from_bytes(head[len(_MAGIC) : len(_MAGIC) + 8], "big")
    if length > whole:
        raise CacheBrokenError("it is cut off")
    listed = file.read(length)
    if hashlib.sha256(listed).digest() != head[-32:]:
        raise CacheBrokenError("its list of files is damaged")
    entries = msgspec.msgpack.decode(listed, type=ready(list[Entry]))
    if whole != _HEAD + length + sum(entry.size for entry in entries) + _TAIL:
        raise CacheBrokenError("it is cut off")
    return entries


def _check(file: BinaryIO) -> None:
    start = file.tell()
    with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as content, memoryview(content) as view:
        with view[start:-_TAIL] as body:
            checksum = zlib.crc32(body)
        if checksum.to_bytes(_TAIL, "big") != view[-_TAIL:]:
            raise CacheBrokenError("its content is damaged")


def _place(entry: Entry, file: BinaryIO, placer: Placer) -> None:
    path = os.fsdecode(entry.path)
    if stat.S_ISDIR(entry.mode):
        placer.folder(path, entry.mode, entry.time)
    elif stat.S_ISLNK(entry.mode):
        placer.link(path, os.fsdecode(file.read(entry.size)))
    else:
        out = placer.file(path, entry.mode)
        try:
            left = entry.size
            while left:
                block = file.read(min(left, _BLOCK))
                write_all(out, block)
                left -= len(block)
            os.utime(out, ns=(entry.time, entry.time))
        finally:
            os.close(out)
