"""Zip archives of files with their permissions, symlinks and exact times.

Stored, not deflated: the archives stay on this machine, and writing them is ten times faster.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import struct
import time
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple
from zipfile import BadZipFile, ZipFile, ZipInfo

from plumbline.adapters.artifacts.reading import TooLargeError, regular
from plumbline.adapters.beneath import open_inside, open_root, read_link
from plumbline.adapters.folders import remove_tree, temporary_name, write_all
from plumbline.adapters.safe_paths import Placer
from plumbline.kernel import PlumblineError, Text, t

if TYPE_CHECKING:
    from collections.abc import Mapping

_NTFS = struct.Struct("<HHIHHQQQ")  # the extra field that holds times of 100 ns
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_SMALL = 1 << 20  # bytes of a file that is read in one step
_PIECE = 1 << 20  # bytes that are digested and written at once
_NTFS_EPOCH = 116_444_736_000_000_000  # 1970 in units of 100 ns since 1601


class Packed(NamedTuple):
    files: int
    size: int
    digest: str  # "sha256:..."
    warnings: list[Text]


def pack(root: str, files: Mapping[str, os.stat_result], target: str, limit: int = 0) -> Packed:
    """Write an archive in one step, of at most ``limit`` bytes (0: any size). Raises :class:`TooLargeError`, before it
    writes anything where the files say it; OSError when the archive cannot be written, PlumblineError where the root
    was replaced. A file that cannot be read is left out with a warning."""
    if limit and sum(info.st_size for info in files.values() if stat.S_ISREG(info.st_mode)) > limit:
        raise TooLargeError
    temporary = temporary_name(target)
    warnings: list[Text] = []
    count = 0
    sources = _Sources(root)
    try:
        with open(os.open(temporary, _NEW, 0o600), "wb") as file:
            out = _Digesting(file, limit)
            with ZipFile(out, "w") as archive:  # type: ignore[call-overload]
                for path, info in files.items():
                    try:
                        source = sources.open(path, info)
                        path.encode()
                    except (OSError, UnicodeEncodeError) as error:
                        reason = error.strerror if isinstance(error, OSError) else t("its name is not UTF-8")
                        path = os.fsencode(path).decode(errors="replace")
                        warnings.append(t("{path}: left out: {reason}", path=path, reason=reason))
                        continue
                    _add(archive, path, info, source)
                    count += 1
            out.flush_all()
        os.rename(temporary, target)
    except BaseException:
        remove_tree(temporary)
        raise
    finally:
        sources.close()
    return Packed(count, out.size, f"sha256:{out.digest.hexdigest()}", warnings)


def unpack(source: str | BinaryIO, root: str, name: str = "") -> int:
    """Unpack into a folder, over what is there; the number of entries. ``source``: a path or an open file; ``name``:
    what it is called. Raises PlumblineError ``artifacts-corrupt`` for an archive that is broken or tries to leave the
    folder, and OSError."""
    try:
        with ZipFile(source) as archive, Placer(root) as placer:
            for entry in archive.infolist():
                mode = entry.external_attr >> 16
                if entry.is_dir():
                    placer.folder(entry.filename.rstrip("/"), mode, _time_of(entry))
                elif stat.S_ISLNK(mode):
                    placer.link(entry.filename, os.fsdecode(archive.read(entry)))
                else:
                    _extract(archive, entry, placer.file(entry.filename, mode or 0o644))
            placer.finish()
    except (BadZipFile, EOFError, ValueError, NotImplementedError) as error:
        raise PlumblineError(
            "artifacts-corrupt",
            t("the artifacts {path} cannot be unpacked: {reason}", path=name or str(source), reason=str(error)),
            t("run the job again that made them"),
        ) from error
    return placer.count


class _Digesting:
    """A stream that is written once from start to end, counted and digested on the way, in large pieces."""

    def __init__(self, file: Any, limit: int) -> None:
        self._file, self._limit = file, limit
        self._waiting: list[bytes] = []
        self._held = 0
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        size = len(data)
        self.size += size
        if self._limit and self.size > self._limit:
            raise TooLargeError
        self._waiting.append(data)
        self._held += size
        if self._held >= _PIECE:
            self.flush_all()
        return size

    def flush(self) -> None:
        """For the archive, which calls it after each file: what was written may wait."""

    def flush_all(self) -> None:
        piece = b"".join(self._waiting)
        self._waiting.clear()
        self._held = 0
        self.digest.update(piece)
        self._file.write(piece)


class _Sources:
    """What lies below a folder, whatever is done there meanwhile."""

    def __init__(self, root: str) -> None:
        self._root = open_root(root)
        self._real = os.path.realpath(root)

    def open(self, path: str, info: os.stat_result) -> bytes | int:
        """A symlink's target, nothing for a folder, an open descriptor for a file. Raises OSError."""
        if stat.S_ISLNK(info.st_mode):
            return os.fsencode(read_link(self._root, self._real, path))
        if stat.S_ISDIR(info.st_mode):
            return b""
        return regular(open_inside(self._root, self._real, path, os.O_RDONLY | os.O_NONBLOCK), path)

    def close(self) -> None:
        os.close(self._root)


def _add(archive: ZipFile, path: str, info: os.stat_result, source: bytes | int) -> None:
    folder = stat.S_ISDIR(info.st_mode)
    moment = min(max(info.st_mtime, 315_619_200.0), 4_354_732_799.0)  # 1980 to 2107
    entry = ZipInfo(path + "/" if folder else path, time.localtime(moment)[:6])
    entry.create_system = 3
    entry.external_attr = (info.st_mode & 0xFFFF) << 16 | (0x10 if folder else 0)
    ticks = max(0, info.st_mtime_ns // 100 + _NTFS_EPOCH)
    entry.extra = _NTFS.pack(0x000A, 32, 0, 1, 24, ticks, ticks, ticks)
    if isinstance(source, bytes):
        archive.writestr(entry, source)
        return
    with open(source, "rb", buffering=0) as file:
        if info.st_size < _SMALL:
            data = file.read(_SMALL) or b""
            if len(data) < _SMALL:
                archive.writestr(entry, data)
                return
            file.seek(0)  # it has grown since
        entry.file_size = info.st_size
        with archive.open(entry, "w") as out:
            shutil.copyfileobj(file, out, 1 << 18)


def _time_of(entry: ZipInfo) -> int:
    """Nanoseconds; from the extra field where it is there."""
    extra = entry.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == 0x000A and size == 32 and len(extra) >= 36:
            ticks: int = _NTFS.unpack_from(extra)[5]
            return (ticks - _NTFS_EPOCH) * 100
        extra = extra[4 + size :]
    return int(time.mktime((*entry.date_time, 0, 0, -1))) * 1_000_000_000


def _extract(archive: ZipFile, entry: ZipInfo, target: int) -> None:
    with open(target, "wb", buffering=0) as out:
        if entry.file_size <= 1 << 20:
            write_all(target, archive.read(entry))
        else:
            with archive.open(entry) as source:
                while block := source.read(1 << 18):
                    write_all(target, block)
        moment = _time_of(entry)
        os.utime(out.fileno(), ns=(moment, moment))
