"""Blobs as open files, and which of them were found to be what their digest says.

1. That a file was right is remembered for an hour, as long as nobody writes to it: its place, its size and both of its
   times stay the same, and the system sets the second one itself.
2. Times are of some milliseconds: of a file that was changed a moment before it was read, nothing is remembered.
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from plumbline.adapters.blobs.digests import Digest, hasher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LASTS = 3600.0  # seconds
_SETTLED = 2_000_000_000  # nanoseconds
_MOST = 10_000
_BLOCK = 256 << 10  # bytes: small enough to stay in the cache of a processor
_STEP = 128 * _BLOCK


class _Stamp(NamedTuple):
    """What changes when a file does."""

    device: int
    inode: int
    size: int
    written: int  # nanoseconds
    changed: int


class Known:
    """Files that were found to be right."""

    def __init__(self) -> None:
        self._found: OrderedDict[Digest, tuple[_Stamp, float]] = OrderedDict()
        self._lock = Lock()

    def right(self, digest: Digest, stamp: _Stamp) -> bool:
        with self._lock:
            found = self._found.get(digest)
        return found is not None and found[0] == stamp and time.monotonic() - found[1] < LASTS

    def remember(self, digest: Digest, stamp: _Stamp, began: int) -> None:
        """``began``: nanoseconds since the epoch, before the first byte was read."""
        if not 0 <= began - stamp.changed < _SETTLED:
            with self._lock:
                self._found[digest] = (stamp, time.monotonic())
                self._found.move_to_end(digest)
                while len(self._found) > _MOST:
                    self._found.popitem(last=False)


class OpenBlob:
    """Implements :class:`plumbline.model.ports.blobs.BlobFile`. ``corrupt`` says what to raise."""

    def __init__(self, handle: int, digest: Digest, known: Known, corrupt: Callable[[int], Exception]) -> None:
        self._handle = handle
        self._digest = digest
        self._known = known
        self._corrupt = corrupt
        self._right: _Stamp | None = None

    def fileno(self) -> int:
        return self._handle

    def known(self) -> bool:
        stamp = self._stamp()
        return stamp == self._right or self._known.right(self._digest, stamp)

    def check(self) -> Iterator[None]:
        if self.known():
            return
        before, began = self._stamp(), time.time_ns()
        found, block, at = hasher(self._digest.algorithm), memoryview(bytearray(_BLOCK)), 0
        while size := os.preadv(self._handle, [block], at):
            found.update(block[:size])
            at += size
            if not at % _STEP:
                yield
        if found.hexdigest() != self._digest.hex:
            raise self._corrupt(self._handle)
        if self._stamp() == before:
            self._right = before
            self._known.remember(self._digest, before, began)

    def close(self) -> None:
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    __del__ = close

    def _stamp(self) -> _Stamp:
        found = os.fstat(self._handle)
        return _Stamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
