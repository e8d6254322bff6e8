"""The template of all working copies of a run: the files as they are at one moment, with a ``.git`` of their own."""

from __future__ import annotations

import os
import shutil
import stat
import time
from typing import TYPE_CHECKING

from plumbline.adapters.git.command import git
from plumbline.adapters.git.repository import SUBMODULE, Entry, GitRepository, tree_entries
from plumbline.adapters.workspaces.metadata import write_metadata
from plumbline.adapters.workspaces.tree import copy_bytes, read_tree
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.adapters.git import LocalRepository
    from plumbline.adapters.workspaces.tree import Tree

_QUIET = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")
NONE, NORMAL, RECURSIVE = 0, 1, 2  # GIT_SUBMODULE_STRATEGY


def make_template(repository: GitRepository, folder: str, submodules: int = NONE) -> Tree:
    """Make the template in ``folder`` (which must not exist) and read it. Raises OSError or PlumblineError.

    Every file gets one modification time, the moment of the template: no file is newer than another (``make`` sees
    generated files that are committed as up to date), all are newer than what older runs left in a cache, and older
    than what a job makes and hands on as artifacts.
    """
    os.makedirs(folder)
    write_metadata(repository, folder)
    moment = time.time_ns()
    if repository.working:
        _copy_working(repository.home.top, repository, folder, submodules)
        _copy_index(repository.home, folder)
    else:
        git([*_at(folder), "read-tree", "-u", "--reset", repository.change.sha], folder)
        home = repository.home
        _add_committed_submodules(home.common_dir, home.top, repository.entries, folder, folder, submodules)
    _set_times(folder, moment)
    git([*_at(folder), "update-index", "-q", "--refresh"], folder, fine=(0, 1))
    return read_tree(folder, moment)


def _at(folder: str) -> list[str]:
    return [f"--git-dir={folder}/.git", f"--work-tree={folder}", *_QUIET]


def _copy_working(top: str, repository: GitRepository, folder: str, submodules: int) -> None:
    made = {""}
    for path, mode, _ in repository.entries:
        _make_parents(path, folder, made)
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


def _make_parents(path: str, folder: str, made: set[str]) -> None:
    parent = path.rpartition("/")[0]
    if parent not in made:
        os.makedirs(f"{folder}/{parent}", exist_ok=True)
        while parent not in made:
            made.add(parent)
            parent = parent.rpartition("/")[0]


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


def _add_committed_submodules(
    store: str, top: str, entries: Iterable[Entry], folder: str, template: str, submodules: int
) -> None:
    """The files of initialised submodules as their commits have them; ``store`` is the git folder around them,
    ``top`` the working tree, if there is one."""
    for path, mode, sha in entries:
        if mode != SUBMODULE:
            continue
        target = f"{folder}/{path}"
        os.makedirs(target, exist_ok=True)
        inner = _submodule_store(store, top, path)
        if not submodules or not os.path.isdir(inner):
            continue
        index = f"{template}/.git/submodule-index"
        git(
            [f"--git-dir={inner}", f"--work-tree={target}", *_QUIET, "read-tree", "-u", "--reset", sha],
            target,
            index=index,
        )
        os.unlink(index)
        if submodules == RECURSIVE:
            below = tree_entries(git([f"--git-dir={inner}", "ls-tree", "-r", "-z", sha], target))
            _add_committed_submodules(inner, f"{top}/{path}" if top else "", below, target, template, submodules)


def _submodule_store(store: str, top: str, path: str) -> str:
    """The git folder of a submodule: where its working tree says, else where git puts it."""
    try:
        with open(f"{top}/{path}/.git", encoding="utf-8", errors="surrogateescape") as file:
            return os.path.join(f"{top}/{path}", file.read().strip().removeprefix("gitdir: "))
    except IsADirectoryError:
        return f"{top}/{path}/.git"
    except OSError:
        return f"{store}/modules/{path}"


def _set_times(folder: str, moment: int) -> None:
    for inside, folders, names in os.walk(folder):
        if inside == folder:
            folders.remove(".git")
        for name in names:
            os.utime(f"{inside}/{name}", ns=(moment, moment), follow_symlinks=False)
