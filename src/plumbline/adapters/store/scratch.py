"""Folders for what is being made. One that a killed process left is removed by the next that needs one there."""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from plumbline.adapters.folders import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCK = ".in-use"


@contextmanager
def scratch_folder(parent: str, prefix: str) -> Iterator[str]:
    """A folder of its own in ``parent``; gone afterwards. Raises OSError where none can be made."""
    sweep(parent, prefix)
    folder = tempfile.mkdtemp(prefix=prefix, dir=parent)
    lock = os.open(f"{folder}/{_LOCK}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        remove_tree(folder)
        os.close(lock)


def sweep(parent: str, prefix: str) -> None:
    """Remove those whose process is gone: a lock ends with its process."""
    with suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if entry.name.startswith(prefix) and entry.is_dir(follow_symlinks=False) and not _in_use(entry.path):
                remove_tree(entry.path)


def _in_use(folder: str) -> bool:
    try:
        descriptor = os.open(f"{folder}/{_LOCK}", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False  # of an older version, or killed before it had one
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
