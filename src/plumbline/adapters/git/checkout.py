"""A repository on this machine: what is checked out, and what its refs mean."""

from __future__ import annotations

import os
import re
from functools import cached_property
from typing import TYPE_CHECKING

from plumbline.adapters.git.command import git, git_within
from plumbline.adapters.git.objects import ObjectReader
from plumbline.adapters.git.sources import Sources
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.pipeline import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection

_NOT_IN_A_NAME = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{")
_LOOKED_AT = 2000  # refs, when the nearest to a wrong name is looked for
_PLAIN = ("refs/heads/", "refs/tags/", "refs/remotes/origin/")


class LocalRepository:
    """``top`` is the working tree's root, empty where there is none; ``head`` the commit's id, empty before the first
    one; ``branch`` is empty on a detached head. Paths are absolute."""

    def __init__(self, folder: str, top: str, git_dir: str, common_dir: str, shallow: bool, sources: Sources) -> None:
        self.folder = top or git_dir
        self.asked = folder
        self.top = top
        self.git_dir = git_dir
        self.common_dir = common_dir
        self.shallow = shallow
        self.sources = sources
        self.objects = ObjectReader(self.folder)

    @property
    def title(self) -> str:
        """What people call it: its folder, unless they may not know where it lies and are told another name."""
        return self.objects.title

    @title.setter
    def title(self, title: str) -> None:
        self.objects.title = title

    def git(self, arguments: list[str], *, fine: tuple[int, ...] = (0,)) -> bytes:
        """Run git in it to its end. Raises PlumblineError ``repository-unreadable``, ``git-missing``, ..."""
        return git(arguments, self.folder, fine=fine, title=self.title)

    def git_within(self, arguments: list[str], most: int) -> bytes:
        """As :meth:`git`, up to ``most`` bytes. Raises PlumblineError ``repository-too-large`` besides."""
        return git_within(arguments, self.folder, most, title=self.title)

    @cached_property
    def head(self) -> str:
        commit = self.objects.read("HEAD^{commit}")
        return commit.id if commit else ""

    @cached_property
    def branch(self) -> str:
        return self.read_branch()

    def read_branch(self) -> str:
        """As it is by now, of a repository that others change meanwhile."""
        with open(os.path.join(self.git_dir, "HEAD"), encoding="utf-8", errors="surrogateescape") as file:
            name = file.read().strip()
        if name == "ref: refs/heads/.invalid":  # refs are kept in another format
            name = "ref: " + self.git(["symbolic-ref", "-q", "HEAD"], fine=(0, 1)).decode().strip()
        return name.removeprefix("ref: refs/heads/") if name.startswith("ref: refs/heads/") else ""

    @cached_property
    def config(self) -> dict[str, str]:
        """All of git's settings for this repository; the last value of a name wins, names are in lower case but for
        their middle part."""
        settings: dict[str, str] = {}
        for entry in self.git(["config", "--list", "-z"]).decode(errors="surrogateescape").split("\0"):
            name, _, value = entry.partition("\n")
            settings[name] = value
        return settings

    def resolve(self, ref: str) -> tuple[str, str] | None:
        """The full name and the commit of a branch, tag, remote branch, full ref name or commit id."""
        if not ref or ref.startswith("-") or _NOT_IN_A_NAME.search(ref):
            return None
        names = [ref] if ref.startswith("refs/") else [start + ref for start in _PLAIN]
        for name in names:
            if (commit := self.commit(name)) is not None:
                return name, commit
        if _is_id(ref) and (commit := self.commit(ref)) is not None:
            return ref, commit
        return None

    def commit(self, name: str) -> str | None:
        """The id of the commit that a full name means."""
        thing = self.objects.read(f"{name}^{{commit}}")
        return thing.id if thing and thing.kind == "commit" else None

    def need(self, ref: str) -> tuple[str, str]:
        """As :meth:`resolve`; raises PlumblineError ``unknown-ref``."""
        found = self.resolve(ref)
        if found is None:
            raise unknown_ref(ref, self.title, self._names())
        return found

    def _names(self) -> list[str]:
        """Branches and tags as people call them, the newest first, as many as can be looked through at once."""
        words = ["for-each-ref", f"--count={_LOOKED_AT}", "--sort=-creatordate", "--format=%(refname:short)"]
        return self.git([*words, "refs/heads", "refs/tags", "refs/remotes"]).decode(errors="replace").split()

    def merge_base(self, one: str, other: str) -> str:
        """The best common ancestor of two commits; empty where they have none (or it is beyond a shallow clone)."""
        return self.git(["merge-base", one, other], fine=(0, 1)).decode().strip().partition("\n")[0]

    def close(self) -> None:
        self.objects.close()


def open_repository(path: str, sources: Sources | None = None, title: str = "") -> LocalRepository:
    """Find the repository that a folder belongs to: a working tree, a linked one, a submodule or a bare repository.
    ``title``: what messages call it, for those who may not know where it lies.

    Raises PlumblineError: ``not-a-repository``, ``git-missing``, ``repository-not-trusted``,
    ``repository-unreadable``.
    """
    try:
        path = os.path.abspath(path)
    except FileNotFoundError as error:
        raise PlumblineError(
            "not-a-repository",
            t("the current folder is there no longer"),
            t("give the folder of a git repository"),
            kind=ErrorKind.CONFIGURATION,
        ) from error
    questions = [
        "--is-inside-work-tree",
        "--is-shallow-repository",
        "--absolute-git-dir",
        "--git-common-dir",
        "--show-cdup",
    ]
    output = git(["rev-parse", *questions], path, title=title)
    inside, shallow, git_dir, common_dir, *up = os.fsdecode(output).split("\n")
    top = os.path.realpath(os.path.join(path, up[0])) if inside == "true" else ""
    home = LocalRepository(
        path,
        top,
        git_dir,
        os.path.realpath(os.path.join(path, common_dir)),
        shallow == "true",
        sources or Sources(),
    )
    home.title = title or home.title
    return home


def unknown_ref(ref: str, title: str, names: Collection[str] = ()) -> PlumblineError:
    """The refusal of a name that nothing has; ``names``: those that there are."""
    return PlumblineError(
        "unknown-ref",
        t("there is no branch, tag or commit {ref} in {path}", ref=ref, path=title),
        did_you_mean(ref, names) or t("`git branch --all` and `git tag` list what there is; `git fetch` may bring it"),
        kind=ErrorKind.CONFIGURATION,
    )


def _is_id(ref: str) -> bool:
    return 7 <= len(ref) <= 64 and all(c in "0123456789abcdef" for c in ref)
