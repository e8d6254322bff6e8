"""Another project, as a folder that the user mapped: a repository at a ref, or a plain folder as it is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from plumbline.adapters.git.checkout import open_repository
from plumbline.kernel import PlumblineError
from plumbline.model import Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.adapters.git.sources import Sources
    from plumbline.model import Repository


def other_project(sources: Sources, path: str, ref: str | None) -> Repository:
    """The project's files at a ref, or at its HEAD. Codes ``project-not-mapped``, ``unknown-ref``."""
    folder = sources.project_folder(path)
    try:
        home = open_repository(folder, sources)
    except PlumblineError as error:
        if error.code != "not-a-repository":
            raise
        return PlainFolder(path, folder, sources)
    if home.top and home.top != os.path.realpath(folder):
        return PlainFolder(path, folder, sources)
    change = home.change(Event.PUSH)
    if ref is not None and ref != "HEAD":
        name, sha = home.need(ref)
        change = type(change)(project=change.project, sha=sha, branch=name.removeprefix("refs/heads/"))
    return home.at(change, committed=True, name=path)


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
