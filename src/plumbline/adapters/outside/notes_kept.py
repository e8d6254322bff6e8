"""Signed notes as they were kept elsewhere: one in a file, many in a file, or those of every commit of a repository."""

from __future__ import annotations

import os
import stat
from itertools import pairwise

from plumbline.adapters.git.command import git
from plumbline.kernel import ErrorKind, PlumblineError, t

_DASH = "\N{EM DASH} ".encode()
_MOST = 1 << 30  # bytes of a file


def kept_notes(path: str) -> list[bytes]:
    """Each once. Raises PlumblineError ``file-unusable``, ``no-notes-kept``, and as git does."""
    try:
        found = _in_repository(path) if stat.S_ISDIR(os.stat(path).st_mode) else _in_file(path)
    except OSError as error:
        raise PlumblineError(
            "file-unusable",
            t("{path} cannot be used: {reason}", path=path, reason=error.strerror or error),
            t("Check the path, its permissions and the free space."),
        ) from error
    if not found:
        raise PlumblineError(
            "no-notes-kept",
            t("There is no signed note in {path}.", path=path),
            t("Name a file or a git repository that checkpoints were taken to."),
            kind=ErrorKind.REFUSED,
        )
    return list(dict.fromkeys(found))


def _in_file(path: str) -> list[bytes]:
    with open(path, "rb") as file:
        return notes_in(file.read(_MOST))


def notes_in(data: bytes) -> list[bytes]:
    """Notes one after the other, an empty line after each. What is none, or was not written to its end, is passed."""
    blocks = [block.strip(b"\n") for block in data.replace(b"\r\n", b"\n").split(b"\n\n")]
    found = []
    for text, signatures in pairwise(blocks):
        lines = signatures.split(b"\n")
        if text and not text.startswith(_DASH) and all(line.startswith(_DASH) for line in lines):
            found.append(text + b"\n\n" + signatures + b"\n")
    return found


def _in_repository(folder: str) -> list[bytes]:
    """Of all branches, the oldest first."""
    words = ["log", "--all", "--reverse", "--format=", "--raw", "--no-abbrev", "-m", "--no-renames", "--", "*.note"]
    blobs: dict[str, None] = {}
    for line in git(words, folder).decode(errors="replace").splitlines():
        fields = line.split()
        if line.startswith(":") and len(fields) > 4 and fields[3].strip("0"):
            blobs[fields[3]] = None
    return [note for blob in blobs for note in notes_in(git(["cat-file", "blob", blob], folder) + b"\n")]
