"""One project's files at one change: as they lie in the working tree, or as they are in a commit."""

from __future__ import annotations

import os
import stat
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from plumbline.adapters.git.checkout import LocalRepository
    from plumbline.adapters.git.sources import Sources
    from plumbline.model.change import Change
    from plumbline.model.ports.jobs import Repository

SUBMODULE = 0o160000
MOST = 64 << 20  # bytes of a list of files, half a million of them


class Entry(NamedTuple):
    """A path of the tree. ``mode`` is git's (0: not tracked), ``id`` the object's (empty: not tracked)."""

    path: str
    mode: int
    id: str


class GitRepository:
    """Implements the port ``Repository``. ``working``: the files are the working tree's, tracked ones and those that
    are neither tracked nor ignored, as they are on disk. ``find_project`` finds the files of a project, also of this
    one, at a ref."""

    def __init__(
        self,
        home: LocalRepository,
        change: Change,
        find_project: Callable[[GitRepository, str, str | None], Repository],
        *,
        working: bool,
        name: str = "",
        sources: Sources | None = None,
    ) -> None:
        self.home = home
        self.sources = home.sources if sources is None else sources
        self.change = change
        self.working = working
        self.name = name
        self._find_project = find_project

    @property
    def sha(self) -> str:
        return self.change.sha

    @property
    def version(self) -> str:
        """The tag; empty where a branch or a commit was asked for."""
        return self.change.tag

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Everything in the tree, sorted by path: files, symlinks and submodules. In a working tree an entry may be
        gone from the disk."""
        if not self.working:
            words = ["ls-tree", "-r", "-z", "--full-tree", self.change.sha]
            return tuple(tree_entries(self.home.git_within(words, MOST)))
        output = self.home.git(["ls-files", "-s", "-o", "-z", "--exclude-standard"])
        found = {entry.path: entry for entry in _index_entries(output)}
        return tuple(found[path] for path in sorted(found))

    @cached_property
    def _paths(self) -> dict[str, Entry]:
        return {entry.path: entry for entry in self.entries}

    @cached_property
    def tracked(self) -> frozenset[str]:
        """What git tracks at this change, submodules among it."""
        return frozenset(entry.path for entry in self.entries if entry.mode)

    @cached_property
    def _files(self) -> tuple[str, ...]:
        files = (entry.path for entry in self.entries if entry.mode != SUBMODULE)
        if self.working:
            files = (path for path in files if os.path.lexists(f"{self.home.top}/{path}"))
        return tuple(files)

    def files(self) -> Sequence[str]:
        return self._files

    def read(self, path: str) -> bytes | None:
        path = os.path.normpath(path.lstrip("/"))
        if path == ".." or path.startswith("../"):
            raise _outside(path)
        return self._read_working(path) if self.working else self._read_commit(path)

    @cached_property
    def dirty(self) -> bool:
        """Whether uncommitted changes are part of the files."""
        return self.working and bool(self._uncommitted())

    def changed(self, compare_to: str | None) -> frozenset[str] | None:
        base = self._base(compare_to)
        if not base:
            return None
        words = ["diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", base]
        if not self.working:
            words.append(self.change.sha)
        paths = _split(self.home.git_within([*words, "--"], MOST))
        if self.working:
            paths += [entry.path for entry in self.entries if not entry.mode]
        return frozenset(paths)

    def last_commit(self, path: str) -> str:
        """The id of the last commit that touched a path; empty where none did."""
        if not self.change.sha:
            return ""
        return self.home.git(["log", "-1", "--format=%H", self.change.sha, "--", path]).decode().strip()

    def project(self, path: str, ref: str | None) -> Repository:
        return self._find_project(self, path, ref)

    def remote(self, url: str) -> bytes:
        return self.sources.remote(url)

    def template(self, name: str) -> bytes:
        return self.sources.template(name)

    def _base(self, compare_to: str | None) -> str:
        """The commit to compare with; empty: nothing to compare with."""
        if compare_to is not None:
            _, other = self.home.need(compare_to)
            return self.home.merge_base(other, self.change.sha) if self.change.sha else ""
        if self.change.merge_request:
            return self.change.merge_request.diff_base_sha
        return "" if self.change.before_sha.strip("0") == "" else self.change.before_sha

    def _uncommitted(self) -> list[str]:
        words = ["status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal", "--ignore-submodules=dirty"]
        return _split(self.home.git(words))

    def _read_working(self, path: str) -> bytes | None:
        if path not in self._paths:
            return None
        full = f"{self.home.top}/{path}"
        try:
            if not os.path.realpath(full).startswith(self.home.top + os.sep):
                raise _outside(path)
            with open(full, "rb", opener=_without_waiting) as file:
                return file.read() if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        except OSError as error:
            raise PlumblineError(
                "file-unreadable",
                t("{path} cannot be read: {reason}", path=full, reason=error.strerror or str(error)),
                t("check the permissions of the file"),
            ) from error

    def _read_commit(self, path: str) -> bytes | None:
        thing = self.home.objects.read(f"{self.change.sha}:{path}")
        if thing is not None and thing.kind == "outside":
            raise _outside(path)
        return thing.data if thing is not None and thing.kind == "blob" else None


def _without_waiting(path: str, flags: int) -> int:
    """Opening a named pipe would wait for a writer."""
    return os.open(path, flags | os.O_NONBLOCK)


def _split(output: bytes) -> list[str]:
    return [os.fsdecode(path) for path in output.split(b"\0") if path]


def size_of(home: LocalRepository, sha: str) -> int:
    """Bytes of all files of a commit. Raises PlumblineError ``repository-too-large``."""
    output = home.git_within(["ls-tree", "-r", "-z", "-l", "--full-tree", sha], MOST)
    sizes = (line.partition(b"\t")[0].rpartition(b" ")[2] for line in output.split(b"\0"))
    return sum(int(size) for size in sizes if size.isdigit())


def tree_entries(output: bytes) -> list[Entry]:
    """Read what ``git ls-tree -r -z`` writes."""
    entries = []
    for line in _split(output):
        head, _, path = line.partition("\t")
        mode, _, identity = head.split(" ")
        entries.append(Entry(path, int(mode, 8), identity))
    return sorted(entries)


def _index_entries(output: bytes) -> list[Entry]:
    entries = []
    for line in _split(output):
        head, tab, path = line.partition("\t")
        words = head.split(" ") if tab else []
        if len(words) == 3 and words[2] in "0123" and len(words[1]) >= 40:
            entries.append(Entry(path, int(words[0], 8), words[1]))
        elif not line.endswith("/"):  # a folder with a slash is somebody else's repository
            entries.append(Entry(line, 0, ""))
    return entries


def _outside(path: str) -> PlumblineError:
    return PlumblineError(
        "path-outside-repository",
        t("{path} leads out of the repository", path=path),
        t("only files inside the repository can be read"),
        kind=ErrorKind.REFUSED,
    )
