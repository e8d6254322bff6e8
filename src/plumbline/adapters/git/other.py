"""Another project, as a folder that the user mapped: a repository at a ref, or a plain folder as it is."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from plumbline.adapters.git.checkout import open_repository
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import Change, Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.adapters.git.checkout import LocalRepository
    from plumbline.adapters.git.repository import GitRepository
    from plumbline.adapters.git.sources import Sources
    from plumbline.model.change import Project
    from plumbline.model.ports.jobs import Repository


def other_project(sources: Sources, path: str, ref: str | None) -> Repository:
    """The project's files at a ref, or at its HEAD. Codes ``project-not-mapped``, ``unknown-ref``."""
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
    change = home.change(Event.PUSH)
    if ref is not None and ref != "HEAD":
        change = _change(home, change.project, ref)
    return home.at(change, committed=True, name=path)


def same_project(own: GitRepository, ref: str | None) -> GitRepository:
    """The pipeline's own project at a ref, or at its default branch; with uncommitted changes where that is the commit
    that is checked out and they are part of the pipeline. Code ``unknown-ref``."""
    home, project = own.home, own.change.project
    if ref is None or ref == "HEAD":
        ref = project.default_branch if home.resolve(project.default_branch) else own.change.sha
    change = own.change if ref == own.change.sha else _change(home, project, ref)
    committed = not own.working or change.sha != own.change.sha
    return home.at(change, committed=committed, name=project.path, sources=own.sources)


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
        return other_project(self._sources, path, ref)

    def remote(self, url: str) -> bytes:
        return self._sources.remote(url)

    def template(self, name: str) -> bytes:
        return self._sources.template(name)
