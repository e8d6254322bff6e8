"""Opens a repository to be observed: its history, its files at one commit, and what its pipeline is planned with."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import msgspec

from plumbline.adapters.git import LocalRepository, files_at, open_repository
from plumbline.adapters.git.change import ChangeReader
from plumbline.adapters.git.cloning import cloned, is_remote
from plumbline.adapters.git.history import read_history, signed_commits
from plumbline.flow.assessments.observe import (
    Append,
    Recorded,
    commit_teller,
    observe,
    observe_rewritten,
    observe_tree,
    plan_of,
    record_observed,
)
from plumbline.flow.assessments.repository_names import source_of
from plumbline.flow.assessments.rewriting import Rewritten, find_rewritten
from plumbline.flow.assessments.states import States
from plumbline.kernel import PlumblineError, without_password
from plumbline.model.change import Change
from plumbline.model.event import EventDraft
from plumbline.model.history import RawCommit, RawHistory
from plumbline.model.ports.jobs import Repository
from plumbline.observation import (
    DAYS,
    Commits,
    Figure,
    ObservedCommit,
    ObservedHistory,
    ObservedTree,
    history_figures,
    observe_history,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.ports.ledger import Ledger

__all__ = ["Observation", "Observed", "Rewritten", "observed", "open_observation", "record_observation"]


_MOST_LOOKED_AT = 20_000  # commits of the trunk, for a signature


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """``repository`` has the files of the commit ``revision``; nothing is ever taken from the working tree."""

    history: RawHistory
    commits: Commits  # of the history, read
    repository: Repository
    change: Change  # whose pipeline would be planned
    revision: str
    time: int  # of the revision, seconds since the epoch
    project: str  # its path: group/name, or local/name where it has no home
    home: LocalRepository
    fresh: bool = False  # copied for this observation, so nothing that is newer can be missing

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

    def signed(self, commits: Sequence[str]) -> set[str]:
        """Those of the commits that have a signature."""
        return signed_commits(self.home, commits)


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """What a repository tells, and its events: an iterator that can be gone through once."""

    history: ObservedHistory
    tree: ObservedTree
    events: Iterator[EventDraft]


def observed(observation: Observation, project: str = "", known: Container[str] = (), *, source: str = "") -> Observed:
    """Read everything that the events need; they are written while they are taken. ``project``: the path of the project
    that they are about (default: the repository's own). ``known``: commits whose events are not needed. ``source``:
    what they name as theirs (default: as the project is called)."""
    project = project or observation.project
    history = observe_history(observation.history, observation.commits)
    paths = observation.paths
    tree = observe_tree(observation.revision, observation.time, paths, observation.read)
    plan = plan_of(observation.repository, observation.change, paths, observation.time)
    events = observe(history, tree, plan, project=project, source=source or source_of(project), known=known)
    return Observed(history=history, tree=tree, events=events)


def figures_of(observation: Observation, history: ObservedHistory, end: int) -> tuple[Figure, ...]:
    """What its history shows in the year up to ``end``, seconds since the epoch."""
    times = {commit.sha: commit.committed for commit in history.commits}
    late = [sha for sha in history.trunk if end - DAYS * 86_400 < times.get(sha, 0) <= end]
    return history_figures(history, end, observation.signed(late) if len(late) <= _MOST_LOOKED_AT else None)


def record_observation(
    ledger: Ledger,
    history: ObservedHistory,
    events: Iterable[EventDraft],
    project: str,
    *,
    certain: bool,
    now: int,
    source: str = "",
    append: Append | None = None,
) -> tuple[Recorded, Rewritten | None]:
    """Add to the ledger what is new, that the history was rewritten where it was, and that branches are gone.
    ``certain``: this is the repository itself or a fresh copy, so that an end that was there before means that it was
    set back to it, and a branch that is not there was deleted. ``now``: microseconds since the epoch. ``source``: of
    the events (default: as the project is called); ``append``: as for :func:`record_observed`.

    That it was rewritten is recorded before the new state: who is killed in between finds it again."""
    source = source or source_of(project)
    found = find_rewritten(ledger, history, source)
    if found and (certain or not found.older):
        record_observed(ledger, [observe_rewritten(found, project=project, source=source)], append)
    states = States(ledger, project, source)
    gone = list(states.deleted(history, now)) if certain else []
    told = record_observed(ledger, states.following(events, now) if certain else events, append)
    record_observed(ledger, gone, append)
    return told, found


@contextmanager
def open_observation(
    place: str,
    ref: str | None = None,
    title: str = "",
    *,
    mailmap: bool = True,
    each: Callable[[ObservedCommit, EventDraft], None] | None = None,
) -> Iterator[Observation]:
    """``place``: a folder, or an address that is cloned into a temporary folder. ``ref``: the branch, tag or commit
    that is looked at (default: the default branch). ``title``: what messages call the repository (default: its place).
    ``mailmap``: as for :func:`read_history`; where people are known, what is kept goes by the commits alone.
    ``each`` is called with every commit and its event while git looks for the next; of what reverts others it says so
    only by the end.

    Raises PlumblineError: ``not-a-repository``, ``no-commits``, ``unknown-ref``, ``repository-unreadable``,
    ``clone-failed``, ...
    """
    with cloned(place) if is_remote(place) else nullcontext(place) as folder:
        home = open_repository(folder, title=title or (without_password(place) if is_remote(place) else ""))
        try:
            yield msgspec.structs.replace(_observation(home, ref, mailmap, each), fresh=is_remote(place))
        finally:
            home.close()


def _observation(
    home: LocalRepository, ref: str | None, mailmap: bool, each: Callable[[ObservedCommit, EventDraft], None] | None
) -> Observation:
    project = ChangeReader(home).project()
    commits = Commits(project.url)
    tell = commit_teller(project.path, source_of(project.path))

    def read(raw: RawCommit) -> None:
        commit = commits.add(raw)
        if each is not None:
            each(commit, tell(commit))

    history = read_history(home, ref, mailmap=mailmap, each=read)
    name, sha = home.need(ref) if ref else ("", history.head)
    branch = name.removeprefix("refs/heads/") if name.startswith("refs/heads/") else ""
    tag = name.removeprefix("refs/tags/") if name.startswith("refs/tags/") else ""
    change = Change(project=project, sha=sha, branch=branch or ("" if ref else history.default_branch), tag=tag)
    time = next((commit.committed for commit in history.commits if commit.sha == sha), 0)
    return Observation(
        history=history,
        commits=commits,
        repository=files_at(home, change, committed=True, name=project.path),
        change=change,
        revision=sha,
        time=time,
        project=project.path,
        home=home,
    )
