"""What a job left is read as what it was found to be, and only so much of it."""

from __future__ import annotations

import errno
import os
import stat


class TooLargeError(Exception):
    """What a job left is larger than it may be."""


def regular(handle: int, path: str) -> int:
    """The descriptor, where it is of a regular file, whatever was put in its place meanwhile; else it is closed, and
    OSError is raised."""
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
    return handle
