"""Working copies of jobs, made from the run's template and used again once they are proven clean."""

from __future__ import annotations

import errno
import os
import stat
import threading
import time
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

from plumbline.adapters.folders import private_folder, remove_tree, storing
from plumbline.adapters.workspaces.template import NONE, NORMAL, RECURSIVE, make_template
from plumbline.adapters.workspaces.tree import Copy, Tree
from plumbline.kernel import legible, t

if TYPE_CHECKING:
    from plumbline.adapters.git import GitRepository
    from plumbline.kernel import Text
    from plumbline.model.job import JobOrder

_SUBMODULES = {"normal": NORMAL, "recursive": RECURSIVE}
_SCRATCH = ".scratch"
_HOME = "home"  # in the scratch folder; sandboxed jobs have one, and a new folder would cost more than the look
_SHOWN = 20  # submodules that are named
_CLEANING = 1.0  # seconds that cleaning may take until it is done beside
_EMPTY = -1  # the tree of a job without sources


class LocalWorkspace:
    """Implements :class:`plumbline.model.Workspace`."""

    __slots__ = ("_copy", "_home", "_kind", "_spoilt", "folder", "notices", "root", "scratch")

    def __init__(self, home: LocalWorkspaces, folder: str, project: str, kind: int) -> None:
        self.folder = folder
        self.root = f"{folder}/{project}"
        self.scratch = f"{folder}/{_SCRATCH}"
        self._home = home
        self._kind = kind
        self._copy: Copy | None = None
        self._spoilt = False
        self.notices: tuple[Text, ...] = ()

    def fill(self, tree: Tree) -> None:
        """Make the folders and write the tree. Raises OSError."""
        private_folder(self.folder)
        os.mkdir(self.scratch, 0o700)
        self._copy = tree.write(self.root)
        self._copy.home = _identity(self.folder)
        self.hand_over()

    def take(self, copy: Copy, old: str) -> None:
        """Go on with a clean copy that lies in another folder. Raises OSError."""
        os.rename(old, self.folder)
        copy.root = self.root
        self._copy = copy
        self.hand_over()

    def hand_over(self) -> None:
        """Note the file system's own time."""
        if self._copy:
            os.utime(self.scratch)
            self._copy.handed = os.stat(self.scratch).st_ctime_ns

    def spoil(self) -> None:
        """Something of the job may still write here: :meth:`close` removes the copy, which is not used again."""
        self._spoilt = True

    def close(self) -> None:
        """The folder is gone after this, whatever the job left in it."""
        copy, self._copy = self._copy, None
        if copy is not None and self._spoilt:
            remove_tree(self.folder)
        elif copy is not None:
            self._home.give_back(self, copy, self._kind)


class LocalWorkspaces:
    """Implements :class:`plumbline.model.Workspaces` below ``folder``, which is the run's own.

    ``GIT_STRATEGY`` none and empty give an empty folder, clone and fetch the same full copy; the history is always
    whole, ``GIT_DEPTH`` is of no account. ``object_store`` is a folder outside the copies that git in them reads: a
    container needs it at the same path. ``limit``: bytes that the files of a commit may have, 0: any number.

    The copy of a job that ended is cleaned and kept for a later job, because looking at a file is ten times cheaper
    than making it. All processes of a job have to be gone when its copy is closed.
    """

    def __init__(self, repository: GitRepository, folder: str, project: str = "", *, limit: int = 0) -> None:
        self._repository, self._limit = repository, limit
        self._folder = folder
        self._project = project or repository.change.project.name
        self._trees: dict[int, Tree] = {_EMPTY: Tree("", 0)}
        self._spare: dict[int, list[tuple[str, Copy]]] = {}
        self._serial = count(1)
        self._lock = Lock()
        self._closed = False
        self._removing: list[threading.Thread] = []
        self.object_store = f"{repository.home.common_dir}/objects"

    def prepare(self) -> None:
        """Take the files as they are now; else the first :meth:`open` does."""
        self._tree(NONE)

    def open(self, order: JobOrder) -> LocalWorkspace:
        """Raises PlumblineError ``disk-full`` or ``storage-failed``."""
        kind = _kind(order)
        workspace = LocalWorkspace(self, f"{self._folder}/{order.id}", self._project, kind)
        with storing(workspace.folder):
            tree = self._tree(kind)
            with self._lock:
                spare = self._spare[kind].pop() if self._spare.get(kind) else None
            try:
                if spare:
                    workspace.take(spare[1], spare[0])
                else:
                    workspace.fill(tree)
            except OSError:
                remove_tree(workspace.folder)
                raise
        if tree.missing:
            paths = legible(", ".join(tree.missing[:_SHOWN]))
            workspace.notices = (
                t("These submodules are not fetched, and their folders are empty: {paths}", paths=paths),
            )
        return workspace

    def give_back(self, workspace: LocalWorkspace, copy: Copy, kind: int) -> None:
        """Clean a copy for a later job. One that cannot be cleaned soon is removed, meanwhile others go on."""
        spare = f"{self._folder}/.spare-{next(self._serial)}"
        try:
            os.rename(workspace.folder, spare)
        except OSError:
            remove_tree(workspace.folder)
            return
        copy.root = f"{spare}/{self._project}"
        until = time.monotonic() + _CLEANING
        try:
            if _identity(spare) != copy.home:
                raise PermissionError(spare)  # the job put something else in its place
            self._clean(spare, until)
            self._trees[kind].renew(copy, until)
        except OSError:
            self._remove(spare)
            return
        with self._lock:
            if not self._closed:
                self._spare.setdefault(kind, []).append((spare, copy))
                return
        remove_tree(spare)

    def close(self, *, wait: bool = True) -> None:
        """Remove every copy and the templates. ``wait``: they are gone when this returns; else the folder is free for
        others, and its owner removes it at the latest when it starts again."""
        with self._lock:
            self._closed = True
            self._spare.clear()
        if wait:
            for thread in self._removing:
                thread.join()
            remove_tree(self._folder)
            return
        gone = f"{self._folder}.gone-{os.getpid()}-{next(self._serial)}-{id(self):x}"
        try:
            os.rename(self._folder, gone)
        except OSError:  # no job came, or it is the disk
            remove_tree(self._folder)
        else:
            self._remove(gone)

    def _remove(self, folder: str) -> None:
        """Remove a folder, in a thread where that takes long."""
        try:
            remove_tree(folder, time.monotonic() + _CLEANING)
        except TimeoutError:
            thread = threading.Thread(target=remove_tree, args=(folder,), name="removing", daemon=True)
            with self._lock:
                self._removing = [each for each in self._removing if each.is_alive()] + [thread]
                thread.start()

    def _clean(self, folder: str, until: float) -> None:
        """Remove what a job left beside its working copy. Raises OSError, TimeoutError among them."""
        _empty(folder, {self._project, _SCRATCH}, until)
        _renew_private(f"{folder}/{_SCRATCH}", until)
        _empty(f"{folder}/{_SCRATCH}", {_HOME}, until)
        if os.path.lexists(f"{folder}/{_SCRATCH}/{_HOME}"):
            _renew_private(f"{folder}/{_SCRATCH}/{_HOME}", until)
            _empty(f"{folder}/{_SCRATCH}/{_HOME}", set(), until)

    def _tree(self, kind: int) -> Tree:
        tree = self._trees.get(kind)
        if tree is None:
            with self._lock, storing(self._folder):
                tree = self._trees.get(kind)
                if tree is None:
                    template = f"{self._folder}/.template-{kind}"
                    try:
                        tree = self._trees[kind] = make_template(self._repository, template, kind, self._limit)
                    except BaseException:
                        remove_tree(template)  # the next job tries again, and is told the same reason
                        raise
        return tree


def _renew_private(folder: str, until: float) -> None:
    """See that a folder is one, and private."""
    info = os.lstat(folder)
    if info.st_mode != 0o40700 or info.st_uid != os.geteuid():
        remove_tree(folder, until)
        os.mkdir(folder, 0o700)


def _empty(folder: str, kept: set[str], until: float) -> None:
    """Remove what is in a folder, but for some names. Raises OSError."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if time.monotonic() > until:
                raise TimeoutError
            if entry.name not in kept and not remove_tree(entry.path, until):
                raise PermissionError(entry.path)


def _identity(folder: str) -> tuple[int, int]:
    """Of a folder. Raises OSError for anything else, which may have got its inode."""
    info = os.lstat(folder)
    if not stat.S_ISDIR(info.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), folder)
    return info.st_dev, info.st_ino


def _kind(order: JobOrder) -> int:
    strategy, submodules = "", NONE
    for variable in order.variables:
        if variable.name == "GIT_STRATEGY":
            strategy = variable.value
        elif variable.name == "GIT_SUBMODULE_STRATEGY":
            submodules = _SUBMODULES.get(variable.value, NONE)
    return _EMPTY if strategy in ("none", "empty") else submodules
