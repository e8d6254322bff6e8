"""Working copies of jobs, made from the run's template."""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING

from plumbline.adapters.folders import remove_tree, storing
from plumbline.adapters.workspaces.template import NONE, NORMAL, RECURSIVE, make_template

if TYPE_CHECKING:
    from plumbline.adapters.git import GitRepository
    from plumbline.adapters.workspaces.tree import Tree
    from plumbline.model import JobOrder

_SUBMODULES = {"normal": NORMAL, "recursive": RECURSIVE}


class LocalWorkspace:
    """Implements :class:`plumbline.model.Workspace`."""

    __slots__ = ("_folder", "root", "scratch")

    def __init__(self, folder: str, root: str, scratch: str) -> None:
        self._folder = folder
        self.root = root
        self.scratch = scratch

    def close(self) -> None:
        remove_tree(self._folder)


class LocalWorkspaces:
    """Implements :class:`plumbline.model.Workspaces` below ``folder``, which is the run's own.

    ``GIT_STRATEGY`` none and empty give an empty folder, clone and fetch the same full copy; the history is always
    whole, ``GIT_DEPTH`` is of no account. ``object_store`` is a folder outside the copies that git in them reads: a
    container needs it at the same path.
    """

    def __init__(self, repository: GitRepository, folder: str, project: str = "") -> None:
        self._repository = repository
        self._folder = folder
        self._project = project or repository.change.project.name
        self._trees: dict[int, Tree] = {}
        self._lock = Lock()
        self.object_store = f"{repository.home.common_dir}/objects"

    def prepare(self) -> None:
        """Take the files as they are now; else the first :meth:`open` does."""
        self._tree(NONE)

    def open(self, order: JobOrder) -> LocalWorkspace:
        """Raises PlumblineError ``disk-full`` or ``storage-failed``."""
        strategy, submodules = _strategies(order)
        folder = f"{self._folder}/{order.id}"
        workspace = LocalWorkspace(folder, f"{folder}/{self._project}", f"{folder}/.scratch")
        with storing(folder):
            tree = None if strategy in ("none", "empty") else self._tree(submodules)
            try:
                _make(folder)
                os.mkdir(workspace.scratch, 0o700)
                if tree is None:
                    os.mkdir(workspace.root)
                else:
                    tree.write(workspace.root)
            except OSError:
                workspace.close()
                raise
        return workspace

    def close(self) -> None:
        """Remove every copy and the templates."""
        remove_tree(self._folder)

    def _tree(self, submodules: int) -> Tree:
        tree = self._trees.get(submodules)
        if tree is None:
            with self._lock, storing(self._folder):
                tree = self._trees.get(submodules)
                if tree is None:
                    template = f"{self._folder}/.template-{submodules}"
                    tree = self._trees[submodules] = make_template(self._repository, template, submodules)
        return tree


def _make(folder: str) -> None:
    try:
        os.mkdir(folder)
    except FileNotFoundError:
        os.makedirs(folder)
    except FileExistsError:
        remove_tree(folder)
        os.mkdir(folder)


def _strategies(order: JobOrder) -> tuple[str, int]:
    strategy, submodules = "", NONE
    for variable in order.variables:
        if variable.name == "GIT_STRATEGY":
            strategy = variable.value
        elif variable.name == "GIT_SUBMODULE_STRATEGY":
            submodules = _SUBMODULES.get(variable.value, NONE)
    return strategy, submodules
