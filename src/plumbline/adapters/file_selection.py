"""Find the files of a working copy that ``paths``, ``exclude`` and ``untracked`` name. Symlinks are never followed.

A job wrote what is looked at: nothing of it is read here, and no program that reads its settings is run on it.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from plumbline.adapters.beneath import open_inside, open_root
from plumbline.kernel import Text, t
from plumbline.pipeline import GlobError, doublestar, literal_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence


class Selected(NamedTuple):
    """``files``: what was found by its path relative to the root, sorted: regular files, symlinks and folders."""

    files: dict[str, os.stat_result]
    warnings: list[Text]


class TooManyFilesError(Exception):
    """More was found than may be."""


def select(
    root: str,
    paths: Sequence[str],
    exclude: Sequence[str] = (),
    *,
    tracked: Container[str] | None = None,
    most: int = 0,
) -> Selected:
    """Walk only where a pattern can match. What cannot be found or understood is a warning. ``tracked``: whatever is
    none of these paths is taken as well. ``most``: so many files, 0: any number. Raises :class:`TooManyFilesError`
    where there are more, before ``exclude`` takes any away, PlumblineError where the root was replaced, and OSError."""
    search = _Search(root, most)
    try:
        for pattern in paths:
            search.add(pattern)
        if tracked is not None:
            search.add_untracked(tracked)
        for pattern in exclude:
            search.drop(pattern)
    finally:
        search.close()
    return Selected(dict(sorted(search.found.items())), search.warnings)


class _Search:
    def __init__(self, root: str, most: int) -> None:
        self._most = most
        self._top = open_root(root)
        self.root = os.path.realpath(root)
        self.given = root
        self.found: dict[str, os.stat_result] = {}
        self.warnings: list[Text] = []

    def close(self) -> None:
        os.close(self._top)

    def add(self, pattern: str) -> None:
        path = self._relative(pattern)
        if path is None:
            self.warnings.append(t("{path}: is not inside the project folder", path=pattern))
            return
        before = len(self.found)
        try:
            prefix = literal_prefix(path)
            again = self._add_path(path) if prefix == path else self._add_matches(path, prefix)
        except GlobError as error:
            self.warnings.append(t("{path}: {reason}", path=pattern, reason=error.message))
            return
        if len(self.found) == before and not again:
            message = t("{path}: no matching files. The path has to be relative to the project folder.", path=pattern)
            self.warnings.append(message)

    def add_untracked(self, tracked: Container[str]) -> None:
        """What git does not track, whether ignored or not. Folders alone are nothing to git; one that is tracked is a
        submodule, whose files are its own."""
        if not os.path.lexists(f"{self.root}/.git"):
            self.warnings.append(t("untracked files are not known: the job has no working copy of git"))
            return
        pending = [""]
        while pending:
            folder = pending.pop()
            for path, entry in self._listed(folder):
                if path in tracked:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    pending.append(path)
                else:
                    self._take(path, entry.stat(follow_symlinks=False))

    def drop(self, pattern: str) -> None:
        path = self._relative(pattern)
        if path is None:
            return
        try:
            matches = doublestar(path, below=False)
        except GlobError as error:
            self.warnings.append(t("{path}: {reason}", path=pattern, reason=error.message))
            return
        for name in [name for name in self.found if matches(name)]:
            del self.found[name]

    def _relative(self, pattern: str) -> str | None:
        """A pattern relative to the root; None where it leads out of it."""
        for start in (self.given, self.root):
            if pattern == start or pattern.startswith(start + "/"):
                pattern = pattern[len(start) + 1 :]
                break
        path = os.path.normpath(pattern) if ".." in pattern or "//" in pattern or "./" in pattern else pattern
        path = "" if path in (".", "/") else path.rstrip("/")
        if path == ".." or path.startswith(("/", "../")):
            return None
        return path

    def _add_path(self, path: str) -> bool:
        """A path without wildcards, and all below it. True where it is there."""
        full = f"{self.root}/{path}" if path else self.root
        try:
            info = os.lstat(full)
        except (OSError, ValueError):
            return False
        parent = os.path.realpath(os.path.dirname(full)) if path else self.root
        if parent != self.root and not parent.startswith(self.root + "/"):
            self.warnings.append(t("{path}: is not inside the project folder", path=path))
            return True
        if not stat.S_ISDIR(info.st_mode):
            self._take(path, info)
            return True
        if path:
            self._take(path, info)
        self._walk(path, None, 0)
        return True

    def _add_matches(self, pattern: str, prefix: str) -> bool:
        parent = os.path.realpath(f"{self.root}/{prefix}")
        if prefix and not parent.startswith(self.root + "/"):
            return False
        unbounded = "**" in pattern or "{" in pattern
        before = dict(self.found)
        self._walk(prefix, doublestar(pattern, below=False), 1 << 30 if unbounded else pattern.count("/"))
        return any(path in before for path in self.found)

    def _walk(self, top: str, matches: Callable[[str], bool] | None, depth: int) -> None:
        """Take what matches (None: everything) below a folder; folders deeper than ``depth`` only if they match."""
        pending = [(top, matches)]
        while pending:
            folder, test = pending.pop()
            for path, entry in self._listed(folder):
                hit = test is None or test(path)
                is_folder = entry.is_dir(follow_symlinks=False)
                if hit:
                    self._take(path, entry.stat(follow_symlinks=False))
                if is_folder and (hit or path.count("/") < depth):
                    pending.append((path, None if hit else test))

    def _listed(self, folder: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
        """What is in a folder, by its path; all but git's own folder."""
        start = folder + "/" if folder else ""
        try:
            descriptor = open_inside(self._top, self.root, folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            return
        try:
            with os.scandir(descriptor) as entries:
                for entry in entries:
                    path = start + entry.name
                    if path != ".git":
                        yield path, entry
        except OSError:
            return
        finally:
            os.close(descriptor)

    def _take(self, path: str, info: os.stat_result) -> None:
        if stat.S_ISREG(info.st_mode) or stat.S_ISLNK(info.st_mode) or stat.S_ISDIR(info.st_mode):
            self.found[path] = info
            if self._most and len(self.found) > self._most:
                raise TooManyFilesError
