"""What a job left is read as what it was found to be, and only so much of it."""

from __future__ import annotations

import errno
import os
import stat


class TooLargeError(Exception):
    """What a job left is larger than it may be."""


def open_file(path: str) -> int:
    """A descriptor of a regular file, whatever was put in its place meanwhile. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
    return handle
