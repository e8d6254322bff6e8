"""The files of a project: of a repository at a change, or of another one as a folder that the user mapped."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from plumbline.adapters.git.change import read_change
from plumbline.adapters.git.checkout import open_repository
from plumbline.adapters.git.repository import GitRepository
from plumbline.adapters.git.shipped import PROJECT, shipped_components
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import Change, Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.adapters.git.checkout import LocalRepository
    from plumbline.adapters.git.sources import Sources
    from plumbline.model.change import Project
    from plumbline.model.ports.jobs import Repository


def files_at(
    home: LocalRepository, change: Change, *, committed: bool = False, name: str = "", sources: Sources | None = None
) -> GitRepository:
    """The files of a change: as they lie in the working tree where its commit is the one checked out (unless
    ``committed``), else as they are in the commit. ``sources``: what may be included, where it is not the usual."""
    working = bool(home.top) and not committed and change.sha == home.head
    if not working and not change.sha:
        raise PlumblineError(
            "no-commits",
            t("{path} has no commits yet", path=home.title),
            t("commit something, or run without --committed"),
            kind=ErrorKind.CONFIGURATION,
        )
    return GitRepository(home, change, _find_project, working=working, name=name, sources=sources)


def _find_project(own: GitRepository, path: str, ref: str | None) -> Repository:
    if path == own.change.project.path and path not in own.sources.maps:
        return _same_project(own, ref)
    return _other_project(own.sources, path, ref)


def _other_project(sources: Sources, path: str, ref: str | None) -> Repository:
    """The project's files at a ref, or at its HEAD. Codes ``project-not-mapped``, ``unknown-ref``."""
    if path == PROJECT and path not in sources.maps:
        return shipped_components(ref, sources, _other_project)
    folder = sources.project_folder(path)
    try:
        home = open_repository(folder, sources)
    except PlumblineError as error:
        if error.code != "not-a-repository":
            raise
        return PlainFolder(path, folder, sources)
    home.title = path
    if home.top and home.top != os.path.realpath(folder):
        return PlainFolder(path, folder, sources)
    change = read_change(home, Event.PUSH)
    if ref is not None and ref != "HEAD":
        change = _change(home, change.project, ref)
    return files_at(home, change, committed=True, name=path)


def _same_project(own: GitRepository, ref: str | None) -> GitRepository:
    """The pipeline's own project at a ref, or at its default branch; with uncommitted changes where that is the commit
    that is checked out and they are part of the pipeline. Code ``unknown-ref``."""
    home, project = own.home, own.change.project
    if ref is None or ref == "HEAD":
        ref = project.default_branch if home.resolve(project.default_branch) else own.change.sha
    change = own.change if ref == own.change.sha else _change(home, project, ref)
    committed = not own.working or change.sha != own.change.sha
    return files_at(home, change, committed=committed, name=project.path, sources=own.sources)


def _change(home: LocalRepository, project: Project, ref: str) -> Change:
    name, sha = home.need(_newest(home, ref) if ref.startswith("~") else ref)
    if name.startswith("refs/tags/"):
        return Change(project=project, sha=sha, tag=name.removeprefix("refs/tags/"))
    return Change(project=project, sha=sha, branch=name.removeprefix("refs/heads/"))


def _newest(home: LocalRepository, ref: str) -> str:
    """The tag of the newest release that ``~latest``, ``~1`` or ``~1.2`` fits; else a ref of that name, if any."""
    wanted = [] if ref == "~latest" else [int(part) for part in ref[1:].split(".")]
    output = home.git(["for-each-ref", "--format=%(refname)", "refs/tags"])
    found = (_RELEASE.fullmatch(tag) for tag in output.decode(errors="surrogateescape").split("\n"))
    releases = [([int(part) for part in tag.groups()], tag[0]) for tag in found if tag]
    fitting = [release for release in releases if release[0][: len(wanted)] == wanted]
    if fitting:
        return max(fitting)[1]
    if wanted and home.resolve(ref[1:]):
        return ref[1:]
    raise PlumblineError(
        "unknown-ref",
        t("no release of {path} fits {version}", path=home.title, version=ref if not wanted else ref[1:]),
        t("a release is a tag such as 1.2.3; `git fetch --tags` may bring it"),
        kind=ErrorKind.CONFIGURATION,
    )


_RELEASE = re.compile(r"refs/tags/v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})", re.ASCII)


class PlainFolder:
    """A folder that is no repository: there is one version of it, whatever ref is asked for."""

    def __init__(self, name: str, folder: str, sources: Sources) -> None:
        self.name = name
        self._folder = os.path.realpath(folder)
        self._sources = sources

    def read(self, path: str) -> bytes | None:
        full = os.path.realpath(os.path.join(self._folder, path.lstrip("/")))
        if not full.startswith(self._folder + os.sep) or not os.path.isfile(full):
            return None
        with open(full, "rb") as file:
            return file.read()

    def files(self) -> Sequence[str]:
        found = []
        for folder, _, names in os.walk(self._folder):
            found += [os.path.relpath(os.path.join(folder, name), self._folder) for name in names]
        return sorted(found)

    def changed(self, compare_to: str | None) -> frozenset[str] | None:  # noqa: ARG002
        return None

    def project(self, path: str, ref: str | None) -> Repository:
        return _other_project(self._sources, path, ref)

    def remote(self, url: str) -> bytes:
        return self._sources.remote(url)

    def template(self, name: str) -> bytes:
        return self._sources.template(name)
