"""A repository's history and files as events. The same repository gives the same events, whenever it is observed."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from plumbline.evidence import timestamp, write_event
from plumbline.evidence.vocabulary import Reference, cdevents_core, facts, own_delivery, own_gates
from plumbline.evidence.vocabulary import own_observation as own
from plumbline.flow.assessments.repository_names import clean, short
from plumbline.kernel import PlumblineError
from plumbline.observation import ObservedTree, inspect_agents, inspect_tree
from plumbline.pipeline import PlanRequest, make_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

    from plumbline.evidence import Content
    from plumbline.evidence.vocabulary import Facts
    from plumbline.flow.assessments.rewriting import Rewritten
    from plumbline.model.change import Change
    from plumbline.model.event import Entry, EventDraft
    from plumbline.model.pipeline import Plan
    from plumbline.model.ports.jobs import Repository
    from plumbline.model.ports.ledger import Ledger
    from plumbline.observation import (
        ObservedAgents,
        ObservedBranch,
        ObservedCommit,
        ObservedHistory,
        ObservedMerge,
        ObservedRelease,
    )

    T = TypeVar("T")

Append: TypeAlias = "Callable[[Sequence[EventDraft]], Sequence[Entry]]"
CONFIGURATION = ".gitlab-ci.yml"
ALL_REFS = "refs/*"  # of a commit that was found in the history, not pushed to a branch
MOST_NAMED = 200  # commits of one merge
_MOST_HEADS = 5000  # branches in one event
_LAST_SECOND = 253_402_300_799  # of the year 9999
_AT_ONCE = 500  # events appended in one transaction


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What became of events that were offered to a ledger. ``different``: it has them with another content, because
    they were observed by another version or in a repository that had less; they stay as they were."""

    new: int = 0
    known: int = 0
    different: int = 0


def observe(
    history: ObservedHistory,
    tree: ObservedTree | None,
    plan: Plan | None,
    *,
    project: str,
    source: str,
    known: Container[str] = (),
) -> Iterator[EventDraft]:
    """The events: the oldest commit first, what rests on commits after them. ``project`` is the id of the repository;
    ``source`` a URI reference; ``known``: commits whose events there are already."""
    teller = _Teller(project, source)
    for commit in reversed(history.commits):
        if commit.sha not in known:
            yield teller.commit(commit)
    commits = {commit.sha: commit for commit in history.commits}
    for merge in history.merges:
        yield teller.merge(merge, commits, history.default_branch or "HEAD")
    for release in history.releases:
        yield teller.release(release, whole=not history.shallow)
    for branch in history.branches:
        yield teller.branch(branch)
    yield teller.repository(history)
    if tree is not None:
        yield teller.tree(tree, plan)
        if tree.agents is not None:
            yield teller.agents(tree, tree.agents)


def commit_teller(project: str, source: str) -> Callable[[ObservedCommit], EventDraft]:
    """Writes the event of a commit as :func:`observe` does."""
    return _Teller(project, source).commit


def observe_rewritten(found: Rewritten, *, project: str, source: str) -> EventDraft:
    """That the history was rewritten; the same finding is the same event."""
    return _Teller(project, source).rewritten(found)


def observe_tree(commit: str, time: int, paths: Sequence[str], read: Callable[[str], bytes | None]) -> ObservedTree:
    """``time``: when it was committed, seconds since the epoch."""
    return ObservedTree(
        commit=commit,
        time=time,
        files=len(paths),
        found=tuple(inspect_tree(paths, read)),
        agents=inspect_agents(paths, read),
    )


def plan_of(repository: Repository, change: Change, paths: Sequence[str], time: int) -> Plan | None:
    """What the engine makes of the repository's pipeline as of ``time``, in seconds since the epoch; None where there
    is none, or where it cannot even be read: then the tree's event tells one problem."""
    if CONFIGURATION not in paths:
        return None
    try:
        return make_plan(PlanRequest(change=change, config_path=CONFIGURATION, now=float(time)), repository)
    except PlumblineError:
        return None


def record_observed(ledger: Ledger, drafts: Iterable[EventDraft], append: Append | None = None) -> Recorded:
    """Append what is not there yet; ``append``: in the way of this in place of the ledger's own. Raises PlumblineError
    as the ledger does."""
    append = append or ledger.append
    told = [0, 0, 0]
    waiting: list[EventDraft] = []
    for draft in drafts:
        waiting.append(draft)
        if len(waiting) == _AT_ONCE:
            _append(ledger, append, waiting, told)
            waiting = []
    if waiting:
        _append(ledger, append, waiting, told)
    return Recorded(new=told[0], known=told[1], different=told[2])


def _append(ledger: Ledger, append: Append, drafts: Sequence[EventDraft], told: list[int]) -> None:
    before = ledger.size()
    try:
        entries = append(drafts)
    except PlumblineError as error:
        if error.code != "event-id-reused":
            raise
        if len(drafts) == 1:
            told[2] += 1
            return
        half = len(drafts) // 2
        _append(ledger, append, drafts[:half], told)
        _append(ledger, append, drafts[half:], told)
        return
    new = sum(entry.seq > before for entry in entries)
    told[0] += new
    told[1] += len(entries) - new


class _Teller:
    """Writes the events of one repository. Their validity is held by tests, not checked again for each."""

    def __init__(self, project: str, source: str) -> None:
        self._source = source
        self._project = clean(project)
        self._repository = Reference(id=self._project)

    def commit(self, commit: ObservedCommit) -> EventDraft:
        content = own_delivery.CommitObserved(
            repository=self._repository, ref=ALL_REFS, commits=(_commit_fact(commit),)
        )
        return self._write(content, f"commit:{commit.sha}", commit.sha, commit.committed)

    def merge(self, merge: ObservedMerge, commits: dict[str, ObservedCommit], target: str) -> EventDraft:
        brought = [found for sha in merge.commits[:MOST_NAMED] if (found := commits.get(sha))]
        about = facts.MergeFacts(
            commits=tuple(_named(commit) for commit in brought),
            target=target,
            project=self._project,
            merged_as=merge.sha,
            person=merge.person or UNSET,
            more=len(merge.commits) - len(brought) or UNSET,
            branch=merge.branch or UNSET,
            opened=_time(merge.opened),
            conflicts=merge.conflicts or UNSET,  # git keeps no trace where a resolution went well
            files=merge.files,
            squash=merge.squash,
            reviewers=_maybe(merge.reviewers),
            work_items=_maybe(merge.work_items),
        )
        content = cdevents_core.ChangeMerged(repository=self._repository)
        subject = merge.number or merge.sha
        return self._write(content, f"merge:{merge.sha}", subject, merge.merged, about)

    def release(self, release: ObservedRelease, *, whole: bool) -> EventDraft:
        content = own_delivery.ReleaseReleased(
            version=release.version,
            artifacts=(),
            tag=release.tag,
            commit=release.commit,
            commits=release.commits if whole else UNSET,
        )
        return self._write(content, f"release:{release.commit}:{short(release.tag)}", release.tag, release.made)

    def branch(self, branch: ObservedBranch) -> EventDraft:
        content = own.BranchObserved(
            name=branch.name,
            head=branch.head,
            first=_time(branch.first),
            last=_time(branch.last),
            merged=branch.merged,
            commits=branch.commits,
        )
        return self._write(content, f"branch:{branch.head}:{_digest(content)}", branch.name, branch.last)

    def repository(self, history: ObservedHistory) -> EventDraft:
        times = [commit.committed for commit in history.commits]
        content = own.RepositoryObserved(
            default_branch=history.default_branch or UNSET,
            head=history.head,
            heads=dict(sorted(history.heads.items())[:_MOST_HEADS]),
            commits=len(history.commits),
            tags=history.tags,
            shallow=history.shallow,
            first=_time(min(times)) if times else UNSET,
            last=_time(max(times)) if times else UNSET,
        )
        return self._write(content, f"repository:{_digest(content)}", self._project, max(times, default=0))

    def rewritten(self, found: Rewritten) -> EventDraft:
        content = own.RepositoryRewritten(ref=found.ref, before=found.before, after=found.after)
        again = f"@{found.again}" if found.again else ""
        return self._write(content, f"rewritten:{found.before}:{found.after}{again}", self._project, found.time)

    def tree(self, tree: ObservedTree, plan: Plan | None) -> EventDraft:
        found = (
            own.FoundPart(kind=one.kind, count=one.count, paths=tuple(clean(path) for path in one.paths))
            for one in tree.found
        )
        planned = any(one.kind == "pipeline" and CONFIGURATION in one.paths for one in tree.found)
        content = own.TreeInspected(
            commit=tree.commit,
            files=tree.files,
            found=tuple(found),
            pipeline=_pipeline(plan) if plan or planned else UNSET,
        )
        return self._write(content, f"tree:{tree.commit}:{_digest(content)}", tree.commit, tree.time)

    def agents(self, tree: ObservedTree, found: ObservedAgents) -> EventDraft:
        content = own_gates.AgentConfigured(
            commit=tree.commit,
            files=found.files,
            digest=found.digest,
            tool_servers=_maybe(found.tool_servers),
            permissions=_maybe(found.permissions),
        )
        return self._write(content, f"agents:{tree.commit}:{_digest(content)}", tree.commit, tree.time)

    def _write(self, content: Content, name: str, subject: str, time: int, about: Facts | None = None) -> EventDraft:
        return write_event(
            content,
            id=name,
            source=self._source,
            subject=short(subject),
            time=_microseconds(time),
            facts=about,
            project=self._project,
            checked=False,
        )


def _commit_fact(commit: ObservedCommit) -> facts.CommitFact:
    return facts.CommitFact(
        sha=commit.sha,
        authored=_time(commit.authored),
        committed=_time(commit.committed),
        author=commit.author or UNSET,
        mail=commit.mail or UNSET,
        parents=_maybe(commit.parents),
        reviewers=_maybe(commit.reviewers),
        co_authors=_maybe(commit.co_authors),
        work_items=_maybe(commit.work_items),
        reverts=_maybe(commit.reverts),
        files=UNSET if commit.files is None else commit.files,
        kinds=UNSET if commit.kinds is None else commit.kinds,
        bot=commit.bot,
        assisted_by=_maybe(commit.assisted_by),
    )


def _named(commit: ObservedCommit) -> facts.CommitFact:
    """What it takes to tell when and by whom; the rest is in the commit's own event."""
    return facts.CommitFact(
        sha=commit.sha,
        authored=_time(commit.authored),
        committed=_time(commit.committed),
        author=commit.author or UNSET,
        mail=commit.mail or UNSET,
    )


def _pipeline(plan: Plan | None) -> own.PipelinePart:
    if plan is None:
        return own.PipelinePart(problems=1)
    environments = sorted({job.environment.name for job in plan.jobs if job.environment and job.environment.name})
    return own.PipelinePart(
        problems=len(plan.problems),
        jobs=len(plan.jobs),
        stages=tuple(plan.stages),
        environments=tuple(environments),
    )


def _maybe(values: tuple[T, ...]) -> tuple[T, ...] | UnsetType:
    return values or UNSET


def _microseconds(seconds: int) -> int:
    """Clocks that are wrong by ages must not stop anything."""
    return min(max(seconds, 0), _LAST_SECOND) * 1_000_000


@lru_cache(4096)  # a commit is mostly written, committed and told at one time
def _time(seconds: int) -> str:
    return timestamp(_microseconds(seconds))


def _digest(content: Content) -> str:
    return sha256(msgspec.json.encode(content)).hexdigest()[:16]
