"""The template of all working copies of a run: the files as they are at one moment, with a ``.git`` of their own."""

from __future__ import annotations

import os
import shutil
import stat
import time
from typing import TYPE_CHECKING

from plumbline.adapters.beneath import make_beneath
from plumbline.adapters.folders import private_folder, remove_tree
from plumbline.adapters.git.command import PLAIN, git, too_large
from plumbline.adapters.git.repository import SUBMODULE, Entry, GitRepository, size_of, tree_entries
from plumbline.adapters.workspaces.metadata import write_metadata, write_plain_store
from plumbline.adapters.workspaces.tree import copy_bytes, read_tree
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.adapters.git import LocalRepository
    from plumbline.adapters.workspaces.tree import Tree

_QUIET = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")
NONE, NORMAL, RECURSIVE = 0, 1, 2  # GIT_SUBMODULE_STRATEGY


def make_template(repository: GitRepository, folder: str, submodules: int = NONE, limit: int = 0) -> Tree:
    """Make the template in ``folder`` (which must not exist) and read it. Raises OSError or PlumblineError,
    ``repository-too-large`` among its codes. ``limit``: bytes that the files of a commit may have, 0: any number.

    Every file gets one modification time, the moment of the template: no file is newer than another (``make`` sees
    generated files that are committed as up to date), all are newer than what older runs left in a cache, and older
    than what a job makes and hands on as artifacts.
    """
    if (
        not repository.working
        and repository.entries
        and limit
        and size_of(repository.home, repository.change.sha) > limit
    ):
        raise too_large(repository.home.title)
    private_folder(folder)
    write_metadata(repository, folder)
    moment = time.time_ns()
    missing: list[str] = []
    if repository.working:
        _copy_working(repository.home.top, repository, folder, submodules)
        _copy_index(repository.home, folder)
    else:
        git([*_at(folder), "read-tree", "-u", "--reset", repository.change.sha], folder, more=_settings(repository))
        _Submodules(repository.home, folder, submodules, missing).add(repository.entries)
    _set_times(folder, moment)
    git([*_at(folder), "update-index", "-q", "--refresh"], folder, fine=(0, 1), more=_settings(repository))
    tree = read_tree(folder, moment)
    tree.missing = tuple(missing)
    return tree


def _settings(repository: GitRepository) -> dict[str, str] | None:
    """The user's own settings count for the user's own repository (line ends, filters); for a mirror none does."""
    return None if repository.home.top else PLAIN


def _at(folder: str) -> list[str]:
    return [f"--git-dir={folder}/.git", f"--work-tree={folder}", *_QUIET]


def _copy_working(top: str, repository: GitRepository, folder: str, submodules: int) -> None:
    made = {""}
    for path, mode, _ in repository.entries:
        if not _make_parents(path, top, folder, made):
            continue
        if mode == SUBMODULE:
            os.makedirs(f"{folder}/{path}", exist_ok=True)
            made.add(path)
            if submodules and os.path.lexists(f"{top}/{path}/.git"):
                _copy_submodule(f"{top}/{path}", f"{folder}/{path}", submodules)
        else:
            _copy_file(f"{top}/{path}", f"{folder}/{path}")


def _copy_submodule(top: str, folder: str, submodules: int) -> None:
    """The files of an initialised submodule, as they are; without a ``.git``."""
    from plumbline.adapters.git import files_at, open_repository, read_change
    from plumbline.model.change import Event

    home = open_repository(top)
    try:
        inner = files_at(home, read_change(home, Event.PUSH))
        _copy_working(top, inner, folder, submodules if submodules == RECURSIVE else NONE)
    finally:
        home.close()


def _make_parents(path: str, top: str, folder: str, made: set[str]) -> bool:
    """The folder that a path is in; False where a link stands for it or above it: then what is behind it is no file of
    the repository, whatever git tracks by that name."""
    parent = path.rpartition("/")[0]
    if parent in made:
        return True
    if not _make_parents(parent, top, folder, made) or os.path.islink(f"{top}/{parent}"):
        return False
    os.makedirs(f"{folder}/{parent}", exist_ok=True)
    made.add(parent)
    return True


def _copy_file(source: str, target: str) -> None:
    """Copy a file or a symlink; what is gone from the disk, or is neither, is left out."""
    try:
        info = os.lstat(source)
        if stat.S_ISLNK(info.st_mode):
            os.symlink(os.readlink(source), target)
        if not stat.S_ISREG(info.st_mode):
            return
        inside = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return
    except PermissionError as error:
        raise PlumblineError(
            "file-unreadable",
            t("{path} cannot be read: {reason}", path=source, reason=error.strerror or str(error)),
            t("check the permissions of the file"),
        ) from error
    try:
        outside = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            copy_bytes(inside, outside, info.st_size)
            os.fchmod(outside, stat.S_IMODE(info.st_mode) & 0o777 | stat.S_IRUSR)
        finally:
            os.close(outside)
    finally:
        os.close(inside)


def _copy_index(home: LocalRepository, folder: str) -> None:
    """The user's index, so that ``git status`` tells the same story in the copy."""
    for entry in os.listdir(home.git_dir):
        if entry == "index" or entry.startswith("sharedindex."):
            shutil.copyfile(f"{home.git_dir}/{entry}", f"{folder}/.git/{entry}")


class _Submodules:
    """The files of the user's initialised submodules as their commits have them. A repository names their paths, so
    nothing is taken from outside the repository, and none of their settings counts. ``missing``: those that are wanted
    and not there."""

    def __init__(self, home: LocalRepository, template: str, depth: int, missing: list[str]) -> None:
        self._missing = missing
        self._top, self._common = home.top, home.common_dir
        self._template, self._depth = template, depth
        self._store = f"{template}/.git/submodule"

    def add(self, entries: Iterable[Entry], above: str = "") -> None:
        """``above``: the path of the submodule that has these entries, with a slash at its end."""
        for entry in entries:
            if entry.mode == SUBMODULE:
                make_beneath(self._template, above + entry.path)
                if not self._depth:
                    continue
                if self._top and (objects := self._objects(above + entry.path)):
                    self._add_one(above + entry.path, objects, entry.id)
                else:
                    self._missing.append(above + entry.path)

    def _add_one(self, path: str, objects: str, commit: str) -> None:
        target = f"{self._template}/{path}"
        write_plain_store(self._store, objects, commit)
        words = [f"--git-dir={self._store}", f"--work-tree={target}", *_QUIET]
        try:
            git([*words, "read-tree", "-u", "--reset", commit], target, more=PLAIN)
            below = tree_entries(git([*words, "ls-tree", "-r", "-z", "--full-tree", commit], target, more=PLAIN))
        finally:
            remove_tree(self._store)
        if self._depth == RECURSIVE:
            self.add(below, f"{path}/")
            return
        for entry in below:
            if entry.mode == SUBMODULE:
                make_beneath(self._template, f"{path}/{entry.path}")

    def _objects(self, path: str) -> str:
        """Where the objects of a submodule are: where its working tree says, else where git puts them. Empty where it
        is not initialised, or they are not the user's repository's own."""
        place = f"{self._top}/{path}"
        if os.path.realpath(place) != place:  # a link is on the way
            return ""
        try:
            with open(f"{place}/.git", encoding="utf-8", errors="surrogateescape") as file:
                store = os.path.join(place, file.read(4096).strip().removeprefix("gitdir: "))
        except IsADirectoryError:
            store = f"{place}/.git"
        except OSError:
            store = f"{self._common}/modules/{path}"
        objects = os.path.realpath(f"{store}/objects")
        inside = objects.startswith((self._top + "/", self._common + "/"))
        return objects if inside and os.path.isdir(objects) else ""


def _set_times(folder: str, moment: int) -> None:
    for inside, folders, names in os.walk(folder):
        if inside == folder:
            folders.remove(".git")
        for name in names:
            os.utime(f"{inside}/{name}", ns=(moment, moment), follow_symlinks=False)
