"""One at a time takes checkpoints outside, among the servers and commands that share a data folder."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from plumbline.adapters.folders import storing

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCK = ".outside.lock"  # in the data folder


@contextmanager
def turn(folder: str, *, wait: bool) -> Iterator[bool]:
    """Whether it is our turn. Such a lock ends with its process."""
    path = os.path.join(folder, _LOCK)
    with storing(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
