"""What of a project need not be kept any longer, in steps: artifacts whose time is over, old logs, caches that nobody
uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.access import settings
from plumbline.flow.pipelines.artifacts import DAY, Holds
from plumbline.flow.pipelines.events import subject_of
from plumbline.flow.pipelines.tools import Server
from plumbline.kernel import Text
from plumbline.model.keeping import Hold, KeptKind, PendingDeletion
from plumbline.model.ports.blobs import BlobStore
from plumbline.model.ports.storage import DataFolder
from plumbline.model.ports.transaction import Store, Transaction

if TYPE_CHECKING:
    from collections.abc import Collection

    from plumbline.model.keeping import KeptArtifacts
    from plumbline.model.tree import Node

AT_ONCE = 50  # in one transaction
_PIPELINES = 20  # whose logs go in one transaction, unless they have very many
_LOGS = 500


@dataclass(frozen=True, slots=True)
class CleanupTools:
    """``replica``: the name of this server; ``freed`` is told what went, and its bytes. ``held``: why an artifact of a
    project stays, by digest and commit."""

    store: Store
    server: Server
    folder: DataFolder
    replica: str
    freed: Callable[[KeptKind, int], None] = lambda _kind, _size: None
    blobs: BlobStore | None = None
    held: Callable[[Transaction, int, str, str], Text | None] = lambda _tx, _project, _digest, _commit: None


class Deletion(NamedTuple):
    """What goes in one transaction, and the subjects of the jobs that it is of."""

    pending: Sequence[PendingDeletion]
    jobs: Sequence[str] = ()


class Step(NamedTuple):
    """``note`` is called in the transaction: it notes that something is gone, and says what."""

    kind: KeptKind
    note: Callable[[Transaction], Deletion]


def old_artifacts(tools: CleanupTools, ancestors: Sequence[Node]) -> Iterator[Step | None]:
    """``line``: the project and the nodes above it. None: a step in which nothing goes."""
    project, latest, now = ancestors[0].id, settings.KEEP_LATEST_ARTIFACTS.at(ancestors), tools.server.clock()
    before = _days_ago(now, settings.ARTIFACTS_DAYS.at(ancestors))
    refs: Collection[str] | None = None
    after = 0
    while True:
        with tools.store.view() as tx:
            over = tx.keeping.over(project, now, before, AT_ONCE, after=after)
        if not over:
            return
        if latest and not after:
            refs = tools.server.projects.refs(project)  # asks git, so outside of a transaction
        with tools.store.view() as tx:
            free = _Free.of(tx, over, Holds(tx, latest=latest, refs=refs))
        yield Step(KeptKind.ARTIFACTS, partial(free.note, now=now)) if free.artifacts else None
        if len(over) < AT_ONCE:
            return
        after = over[-1].job


def old_logs(tools: CleanupTools, ancestors: Sequence[Node]) -> Iterator[Step | None]:
    now = tools.server.clock()
    before = _days_ago(now, settings.LOGS_DAYS.at(ancestors))
    while before > 0:
        with tools.store.view() as tx:
            pipelines = tx.keeping.with_logs(ancestors[0].id, before, _PIPELINES)
            logs: dict[int, Deletion] = {}
            for pipeline in pipelines:
                if sum(len(one.pending) for one in logs.values()) < _LOGS:
                    logs[pipeline] = _logs_of(tx, pipeline, tools.folder)
        if not logs:
            return
        yield Step(KeptKind.LOGS, partial(_note_logs, logs=logs, before=before, now=now))


def old_caches(tools: CleanupTools, ancestors: Sequence[Node]) -> Iterator[Step | None]:
    before = _days_ago(tools.server.clock(), settings.CACHES_DAYS.at(ancestors))
    old = tools.folder.old_caches(ancestors[0].id, before) if before > 0 else ()
    for at in range(0, len(old), AT_ONCE):
        part = Deletion(old[at : at + AT_ONCE])
        yield Step(KeptKind.CACHES, lambda _records, part=part: part)  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class _Free:
    """Artifacts that nothing holds, and their pipelines as they were when that was found."""

    artifacts: Sequence[tuple[KeptArtifacts, str]]  # each with the subject of its job
    versions: dict[int, int]

    @classmethod
    def of(cls, tx: Transaction, over: Sequence[KeptArtifacts], holds: Holds) -> _Free:
        found, versions = [], {}
        for kept in over:
            pipeline = tx.pipelines.get(kept.pipeline)
            if pipeline is not None and holds.of(pipeline) is Hold.NONE:
                found.append((kept, f"{pipeline.uid}/{kept.job}"))
                versions[pipeline.id] = pipeline.version
        return cls(found, versions)

    def note(self, tx: Transaction, now: int) -> Deletion:
        """Not where something happened in the pipeline since: a job that was run again may need them."""
        same = tx.keeping.unchanged(self.versions)
        gone = set(tx.keeping.let_go([kept.job for kept, _ in self.artifacts if kept.pipeline in same], now))
        deletion = [(kept, subject) for kept, subject in self.artifacts if kept.job in gone]
        return Deletion(
            [PendingDeletion(kind=KeptKind.ARTIFACTS, name=str(kept.job), size=kept.size) for kept, _ in deletion],
            [subject for _, subject in deletion],
        )


def _logs_of(tx: Transaction, pipeline: int, folder: DataFolder) -> Deletion:
    found = tx.pipelines.get(pipeline)
    assert found is not None
    jobs = [job for job in tx.jobs.of(pipeline) if job.started]
    logs = [PendingDeletion(kind=KeptKind.LOGS, name=f"{pipeline}/{job.id}") for job in jobs]
    sized = [msgspec.structs.replace(log, size=folder.size(log)) for log in logs]
    return Deletion(sized, [subject_of(found, job) for job in jobs])


def _note_logs(tx: Transaction, logs: dict[int, Deletion], before: int, now: int) -> Deletion:
    gone = [logs[pipeline] for pipeline in tx.keeping.let_logs_go(list(logs), before, now)]
    return Deletion([log for each in gone for log in each.pending], [job for each in gone for job in each.jobs])


def _days_ago(now: int, days: int) -> int:
    """Days 0: before everything."""
    return now - days * DAY if days else -1
