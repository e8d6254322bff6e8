"""Opens a repository to be observed: its history, its files at one commit, and what its pipeline is planned with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import msgspec

from plumbline.adapters.git import open_repository
from plumbline.adapters.git.change import ChangeReader
from plumbline.adapters.git.cloning import cloned, is_remote
from plumbline.adapters.git.history import read_history
from plumbline.flow.observe import observe, observe_tree, plan_of, record_observed, source_of
from plumbline.kernel import PlumblineError
from plumbline.model import Change, EventDraft, RawHistory, Repository
from plumbline.observation import ObservedHistory, ObservedTree, observe_history

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.adapters.git import LocalRepository

__all__ = ["Observation", "Observed", "observed", "open_observation", "record_observed"]


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """``repository`` has the files of the commit ``revision``; nothing is ever taken from the working tree."""

    history: RawHistory
    repository: Repository
    change: Change  # whose pipeline would be planned
    revision: str
    time: int  # of the revision, seconds since the epoch
    project: str  # its path: group/name, or local/name where it has no home

    @property
    def paths(self) -> Sequence[str]:
        return self.repository.files()

    def read(self, path: str) -> bytes | None:
        """The bytes of a file at the revision; None for what is no file."""
        try:
            return self.repository.read(path)
        except PlumblineError as error:
            if error.code != "path-outside-repository":
                raise
            return None


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """What a repository tells, and its events: an iterator that can be gone through once."""

    history: ObservedHistory
    tree: ObservedTree
    events: Iterator[EventDraft]


def observed(observation: Observation) -> Observed:
    """Read everything that the events need; they are written while they are taken."""
    history = observe_history(observation.history)
    paths = observation.paths
    tree = observe_tree(observation.revision, observation.time, paths, observation.read)
    plan = plan_of(observation.repository, observation.change, paths, observation.time)
    source = source_of(observation.project)
    return Observed(
        history=history, tree=tree, events=observe(history, tree, plan, project=observation.project, source=source)
    )


@contextmanager
def open_observation(place: str, ref: str | None = None) -> Iterator[Observation]:
    """``place``: a folder, or an address that is cloned into a temporary folder. ``ref``: the branch, tag or commit
    that is looked at (default: the default branch).

    Raises PlumblineError: ``not-a-repository``, ``no-commits``, ``unknown-ref``, ``repository-unreadable``,
    ``clone-failed``, ...
    """
    with cloned(place) if is_remote(place) else nullcontext(place) as folder:
        home = open_repository(folder)
        try:
            yield _observation(home, ref)
        finally:
            home.close()


def _observation(home: LocalRepository, ref: str | None) -> Observation:
    history = read_history(home, ref)
    name, sha = home.need(ref) if ref else ("", history.head)
    project = ChangeReader(home).project()
    branch = name.removeprefix("refs/heads/") if name.startswith("refs/heads/") else ""
    tag = name.removeprefix("refs/tags/") if name.startswith("refs/tags/") else ""
    change = Change(project=project, sha=sha, branch=branch or ("" if ref else history.default_branch), tag=tag)
    time = next((commit.committed for commit in history.commits if commit.sha == sha), 0)
    return Observation(
        history=history,
        repository=home.at(change, committed=True, name=project.path),
        change=change,
        revision=sha,
        time=time,
        project=project.path,
    )
