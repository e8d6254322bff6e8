"""Objects of a repository, many through one process: ``git cat-file --batch``."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import suppress
from threading import Lock
from typing import NamedTuple

from plumbline.adapters.git.command import failure, start
from plumbline.kernel import ErrorKind, PlumblineError, legible, t

_MOST = 32 << 20  # bytes; whoever pushes decides on them, and they are held in memory


class GitObject(NamedTuple):
    """``kind`` is commit, tree, blob or tag; or, for a path through a symlink that leaves the tree, ``outside``."""

    id: str
    kind: str
    data: bytes


class ObjectReader:
    """Reads objects by any name git knows: ``HEAD``, ``main@{upstream}``, ``<sha>:path``. Safe between threads.

    ``title`` is what messages call the repository.
    """

    def __init__(self, folder: str) -> None:
        self.title = folder
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()

    def read(self, name: str) -> GitObject | None:
        """The object, or None where the name means none. Symlinks inside a tree are followed. Raises PlumblineError,
        ``object-too-large`` among its codes."""
        if "\n" in name or not name:
            return None
        with self._lock:
            return self._ask(os.fsencode(name))

    def close(self) -> None:
        with self._lock:
            process, self._process = self._process, None
        if process:
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    with suppress(OSError):
                        pipe.close()
            process.wait()

    def _ask(self, name: bytes) -> GitObject | None:
        process = self._process
        if process is None:
            process = self._process = start(
                ["cat-file", "--batch", "--follow-symlinks"], self._folder, stdin=subprocess.PIPE, title=self.title
            )
        if process.stdin is None or process.stdout is None:
            raise AssertionError("started with pipes")
        try:
            process.stdin.write(name + b"\n")
            process.stdin.flush()
            header = process.stdout.readline()
        except BrokenPipeError:
            header = b""
        if not header:  # git gave up: a broken object, or a repository that went away
            self._process = None
            raise failure(f"cat-file {os.fsdecode(name)}: {process.wait()}", self._folder, self.title)
        return self._parse(header.rstrip(b"\n"), process, os.fsdecode(name))

    def _parse(self, header: bytes, process: subprocess.Popen[bytes], name: str) -> GitObject | None:
        words = header.split(b" ")
        if words[-1] in (b"missing", b"ambiguous"):
            return None
        assert process.stdout is not None
        size = int(words[-1])
        if size > _MOST:
            self._process = None
            process.kill()  # it would have to write all of it first
            process.communicate()
            raise PlumblineError(
                "object-too-large",
                t("{name} has {size} bytes; what is read from a repository may have {limit}",
                  name=legible(name), size=size, limit=_MOST),
                kind=ErrorKind.CONFIGURATION,
            )  # fmt: skip
        data = process.stdout.read(size)
        process.stdout.read(1)
        if words[0] == b"symlink":
            return GitObject("", "outside", data)
        if words[0] in (b"dangling", b"loop", b"notdir"):
            return None
        return GitObject(words[0].decode(), words[1].decode(), data)


_LAST_SECOND = 253_402_300_799  # of the year 9999


class Commit(NamedTuple):
    """The parts of a commit. ``committed`` is POSIX seconds."""

    id: str
    parents: tuple[str, ...]
    author: str  # "Name <mail>"
    committed: int
    message: str


def parse_commit(thing: GitObject) -> Commit:
    """Read a commit object."""
    head, _, body = thing.data.partition(b"\n\n")
    parents: list[str] = []
    author, committed, encoding = b"", 0, "utf-8"
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        if key == b"parent":
            parents.append(value.decode("ascii", "replace"))
        elif key == b"author":
            author = value.rsplit(b" ", 2)[0]
        elif key == b"committer":
            committed = _seconds(value)
        elif key == b"encoding":
            encoding = value.decode("ascii", "replace")
    return Commit(thing.id, tuple(parents), _text(author, encoding), committed, _text(body, encoding))


def tag_message(thing: GitObject) -> str:
    """The message of an annotated tag, without its signature."""
    body = thing.data.partition(b"\n\n")[2]
    for signature in (b"-----BEGIN PGP SIGNATURE-----", b"-----BEGIN SSH SIGNATURE-----"):
        body = body.partition(signature)[0]
    return _text(body, "utf-8").strip()


def _seconds(identity: bytes) -> int:
    """A time that every calendar knows: people may write anything into a commit."""
    words = identity.rsplit(b" ", 2)
    try:
        return max(0, min(int(words[1]), _LAST_SECOND))
    except (IndexError, ValueError):
        return 0


# What people write in. Of what Python knows besides, some take for ever, some cannot replace, some make no text.
_CHARSETS = re.compile(
    r"(?:utf_?-?(?:8|16|32)|us-?ascii|iso_?-?8859|latin|l\d|cp\d|windows-?\d|koi8|gb|hz|big5|euc|shift_?jis|sjis|iso-?2022|"
    r"mac|tis|viscii|johab|uhc|hp-roman8)[\w-]*",
    re.IGNORECASE | re.ASCII,
)


def _text(data: bytes, encoding: str) -> str:
    if _CHARSETS.fullmatch(encoding):
        try:
            return legible(data.decode(encoding, "replace"))
        except (LookupError, UnicodeError):
            pass
    return data.decode("utf-8", "replace")
