"""Open a collection with its occasion, and note its end. The rules:

1. It is opened by this server, in the transaction in which the occasion begins; nobody else can open one.
2. What is due then stays due: contracts that are saved later hold for the next one. What the file of the repository
   adds to a merge comes with the first pipeline of its commit.
3. A child pipeline opens none in its own project: what it makes is told of the commit, and counts for its parent.
4. A pipeline that is gone on with after its collection was closed gets a new one, for the same things; what came before
   counts for it as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from plumbline.artifacts.names import sha256_of
from plumbline.contracts import Asked, due
from plumbline.evidence import timestamp, write_event
from plumbline.evidence.vocabulary import own_gates as events
from plumbline.flow.contracts.holding import holding, with_repository
from plumbline.flow.pipelines.events import queued_id
from plumbline.flow.pipelines.occasions import NO_CONTRACT
from plumbline.model.change import Event
from plumbline.model.contract import Collection, DueContract, Ending, OccasionKind, Subjects
from plumbline.model.forge_news import ChangeAct, ChangeNews, DeploymentNews, ReleaseNews, RunAct
from plumbline.model.job import State
from plumbline.pipeline import environment_tier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from plumbline.flow.pipelines.occasions import RepositoryContract
    from plumbline.flow.unit_of_work import Units
    from plumbline.model.forge_news import News
    from plumbline.model.pipeline import Job
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredJob, StoredPipeline

MINUTE = 60_000_000  # microseconds
_MOST_OPEN = 500  # collections of one project that are looked at
_NOTHING = DueContract(needs=(), grace_minutes=30, deadline_minutes=1440)
_NOTHING_READ = replace(_NOTHING, digest=sha256_of(msgspec.json.encode(_NOTHING)))  # only broken contracts hold
_RUNS = frozenset({OccasionKind.PIPELINE, OccasionKind.NIGHTLY})  # they end with their pipeline
_ENDINGS = {State.SUCCESS: Ending.FINISHED, State.FAILED: Ending.FAILED}  # of a pipeline; others: canceled
_OVER = {ChangeAct.MERGED: Ending.FINISHED, ChangeAct.ABANDONED: Ending.CANCELLED}
_ANEW = frozenset({ChangeAct.CREATED, ChangeAct.REOPENED})


class Opener:
    """Waits for what is due. Implements ``Occasions`` of :mod:`plumbline.flow.pipelines.occasions`."""

    def __init__(self, units: Callable[[], Units]) -> None:
        self._units = units

    def pipeline_made(self, tx: Transaction, pipeline: StoredPipeline, contract: RepositoryContract) -> None:
        if is_child(tx, pipeline):
            return
        change = pipeline.change
        subjects = Subjects(
            commit=pipeline.sha,
            ref=pipeline.ref,
            change=str(change.merge_request.iid) if change.merge_request else "",
            pipeline=pipeline.id,
            run=pipeline.uid,
        )
        asked = Asked(kind=OccasionKind.PIPELINE, branch=pipeline.ref, source=pipeline.event.value)
        self._open(tx, pipeline.project, asked, subjects, contract)
        if pipeline.event is Event.SCHEDULE:
            self._open(tx, pipeline.project, replace(asked, kind=OccasionKind.NIGHTLY), subjects, contract)
        if contract != NO_CONTRACT:
            self._add_of_repository(tx, pipeline, contract)

    def pipeline_ended(self, tx: Transaction, pipeline: StoredPipeline) -> None:
        ending = _ENDINGS.get(pipeline.state, Ending.CANCELLED)
        self._end(tx, (one for one in tx.collections.of_pipeline(pipeline.id) if one.occasion in _RUNS), ending)

    def pipeline_moved(self, tx: Transaction, before: StoredPipeline, after: StoredPipeline) -> None:
        if after.finished and not before.finished:
            self.pipeline_ended(tx, after)
        elif before.finished and not after.finished:
            self._goes_on(tx, after)

    def _goes_on(self, tx: Transaction, pipeline: StoredPipeline) -> None:
        newest = {one.occasion: one for one in tx.collections.of_pipeline(pipeline.id) if one.occasion in _RUNS}
        for one in newest.values():
            if one.closed:
                self._begin(tx, replace(one, id=0, slots=(), conditions=()), first=one.first)
            elif one.ended:
                tx.collections.put(replace(one, ended=0, ending=None, closes=0), expected_closed=0)

    def deployed(self, tx: Transaction, pipeline: StoredPipeline, planned: Job, job: StoredJob) -> None:
        environment = planned.environment
        if environment is None or job.state is not State.SUCCESS:
            return
        subjects = Subjects(
            commit=pipeline.sha,
            ref=pipeline.ref,
            environment=environment.name,
            tier=environment.tier or environment_tier(environment.name),
            run=pipeline.uid,
        )
        self._after_deployment(tx, pipeline.project, subjects, pipeline.event.value)

    def told(self, tx: Transaction, project: int, news: Sequence[News]) -> None:
        for one in news:
            if isinstance(one, ChangeNews):
                self._change_told(tx, project, one)
            elif isinstance(one, ReleaseNews) and not one.gone:
                subjects = Subjects(commit=one.commit, ref=one.tag)
                asked = Asked(kind=OccasionKind.RELEASE, branch=one.tag)
                self._open(tx, project, asked, subjects, first=first_of_commit(tx, self._units(), project, one.commit))
            elif isinstance(one, DeploymentNews) and one.act is RunAct.FINISHED and one.outcome == "success":
                tier = one.tier or environment_tier(one.environment)
                subjects = Subjects(commit=one.commit, environment=one.environment, tier=tier)
                self._after_deployment(tx, project, subjects)

    def _after_deployment(self, tx: Transaction, project: int, subjects: Subjects, source: str = "") -> None:
        """What was waited for of the deployment before it is over: something else is there now."""
        before = [one for one in _open_of(tx, project, OccasionKind.DEPLOYED) if _same_place(one, subjects)]
        self._end(tx, before, Ending.FINISHED)
        asked = Asked(kind=OccasionKind.DEPLOYED, branch=subjects.ref, source=source, tier=subjects.tier)
        self._open(tx, project, asked, subjects)

    def _change_told(self, tx: Transaction, project: int, told: ChangeNews) -> None:
        """A verdict belongs to a revision: another head is another collection."""
        number = str(told.number)
        waiting = [one for one in _open_of(tx, project, OccasionKind.MERGE) if one.subjects.change == number]
        if told.act in _OVER:
            self._end(tx, waiting, _OVER[told.act])
            return
        if not told.head:
            return
        self._end(tx, (one for one in waiting if one.subjects.commit != told.head), Ending.CANCELLED)
        known = [one for one in tx.collections.of_commit(project, told.head) if _is_of_change(one, number)]
        if any(not one.closed for one in known) or (known and told.act not in _ANEW):
            return
        subjects = Subjects(commit=told.head, ref=told.branch, change=number)
        asked = Asked(kind=OccasionKind.MERGE, branch=told.target)
        self._open(tx, project, asked, subjects, first=first_of_commit(tx, self._units(), project, told.head))

    def _open(
        self,
        tx: Transaction,
        project: int,
        asked: Asked,
        subjects: Subjects,
        contract: RepositoryContract = NO_CONTRACT,
        *,
        first: int | None = None,
    ) -> Collection | None:
        """None where no contract holds: the occasion is uncovered."""
        ancestors = tx.tree.ancestors(project)
        if not ancestors:
            return None
        held = holding(tx, ancestors, contract)
        what = due(held.placed, asked) if held.placed else None
        if what is None and not held.broken:
            return None
        wanted = Collection(
            project=project,
            path=ancestors[0].path,
            occasion=asked.kind,
            subjects=subjects,
            due=what or _NOTHING_READ,
            broken=held.broken,
            opened=0,
            deadline=0,
        )
        return self._begin(tx, wanted, first=first)

    def _begin(self, tx: Transaction, wanted: Collection, *, first: int | None) -> Collection:
        writer = self._units().writer()
        deadline = writer.now + wanted.due.deadline_minutes * MINUTE
        uid = writer.new_id()
        content = events.CollectionOpened(
            occasion=wanted.occasion.value,
            contract=wanted.due.digest,
            due=len(wanted.due.needs) + len(wanted.broken),
            deadline=timestamp(deadline),
            **about(wanted.subjects),
        )
        told = write_event(
            content, id=f"{uid}:opened", source=writer.source, subject=uid, time=writer.now, project=wanted.path
        )
        [entry] = tx.append([told])
        fresh = Collection(
            uid=uid,
            project=wanted.project,
            path=wanted.path,
            occasion=wanted.occasion,
            subjects=wanted.subjects,
            due=wanted.due,
            broken=wanted.broken,
            opened=writer.now,
            first=entry.seq - 1 if first is None else min(first, entry.seq - 1),
            deadline=deadline,
        )
        return tx.collections.add(fresh)

    def _end(self, tx: Transaction, waiting: Iterable[Collection], ending: Ending) -> None:
        """They close when their time of grace is over; what comes until then counts."""
        now = self._units().clock()
        for one in waiting:
            if not one.closed and not one.ended:
                closes = now + one.due.grace_minutes * MINUTE
                tx.collections.put(replace(one, ended=now, ending=ending, closes=closes), expected_closed=0)

    def _add_of_repository(self, tx: Transaction, pipeline: StoredPipeline, contract: RepositoryContract) -> None:
        """To what is due for a merge of the same commit, whose news came before anybody could read its files. Only
        added to: the same commit may want to be merged elsewhere, where less is due."""
        for one in tx.collections.of_commit(pipeline.project, pipeline.sha):
            if (
                one.occasion is not OccasionKind.MERGE
                or one.closed
                or any(need.by_repository for need in one.due.needs)
            ):
                continue
            held = holding(tx, tx.tree.ancestors(pipeline.project), contract)
            request = pipeline.change.merge_request
            own = request is not None and str(request.iid) == one.subjects.change
            target = request.target_branch if request is not None and own else ""
            what = due(held.placed, Asked(kind=OccasionKind.MERGE, branch=target)) if target else None
            if what is not None:
                one = replace(one, due=with_repository(one.due, what))  # noqa: PLW2901
            more = tuple(broken for broken in held.broken if broken not in one.broken)
            tx.collections.put(replace(one, broken=one.broken + more), expected_closed=0)


def about(subjects: Subjects) -> dict[str, Any]:
    """As events name it."""
    names = ("commit", "change", "environment", "run")
    return {name: getattr(subjects, name) or UNSET for name in names}


def is_child(tx: Transaction, pipeline: StoredPipeline) -> bool:
    """Of another pipeline of the same project."""
    job = tx.jobs.get(pipeline.upstream) if pipeline.upstream else None
    above = tx.pipelines.get(job.pipeline) if job is not None else None
    return above is not None and above.project == pipeline.project


def first_of_commit(tx: Transaction, units: Units, project: int, commit: str) -> int | None:
    """The entry before the first pipeline of a commit was made: what its jobs told counts for the merge and the release
    of it as well, whenever those begin. None: there was none."""
    found = [one for one in tx.pipelines.of_commit(commit) if one.project == project] if commit else []
    if not found:
        return None
    oldest = min(found, key=lambda one: one.id)
    name = (units.source, queued_id(oldest))
    entry = tx.known([name]).get(name)
    return entry.seq - 1 if entry is not None else None


def _open_of(tx: Transaction, project: int, occasion: OccasionKind) -> list[Collection]:
    found = tx.collections.of_projects([project], _MOST_OPEN, open_only=True)
    return [one for one in found if one.occasion is occasion]


def _same_place(one: Collection, subjects: Subjects) -> bool:
    return one.subjects.environment == subjects.environment


def _is_of_change(one: Collection, number: str) -> bool:
    return one.occasion is OccasionKind.MERGE and one.subjects.change == number
