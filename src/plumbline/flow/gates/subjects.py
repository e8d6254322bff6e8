"""What is judged: a commit, as a merge request or a pipeline stands for it. A verdict is of that revision alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.evidence.origin import forge_of
from plumbline.evidence.vocabulary import cdevents_core as core
from plumbline.flow.pipelines.chains import with_children
from plumbline.model.change import Event
from plumbline.model.contract import OccasionKind, Subjects
from plumbline.model.event import EntryFilter
from plumbline.model.gate import GateAct
from plumbline.trace import read_seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.contract import Collection
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredPipeline

_NEWEST = 50  # events of one merge request that are looked at for its newest commit


def subjects_of(pipeline: StoredPipeline) -> Subjects:
    request = pipeline.change.merge_request
    return Subjects(
        commit=pipeline.sha,
        ref=pipeline.change.full_ref,
        change=str(request.iid) if request is not None else "",
        pipeline=pipeline.id,
        run=pipeline.uid,
    )


def pipeline_of(tx: Transaction, project: int, subjects: Subjects) -> StoredPipeline | None:
    """That which is named, else the newest that ran for exactly this commit: of the merge request where one is meant
    and it has one."""
    if subjects.pipeline:
        found = tx.pipelines.get(subjects.pipeline)
        return found if found is not None and found.project == project else None
    if not subjects.commit:
        return None
    every = [one for one in tx.pipelines.of_commit(subjects.commit) if one.project == project]
    ran = [one for one in every if one.sha == subjects.commit and one.event is not Event.PARENT]
    own = [one for one in ran if subjects.change and _number(one) == subjects.change]
    return next(iter(own or ran), None)


def pushed_by(tx: Transaction, pipeline: StoredPipeline) -> list[str]:
    """Digests of what the jobs of a pipeline and its child pipelines pushed, but for what is about something else."""
    jobs = [job for each in with_children(tx, pipeline) for job in tx.jobs.of(each.id)]
    made = [one for job in jobs for one in tx.artifacts.of_job(job.id) if not one.subject]
    return list(dict.fromkeys(one.digest for one in made))


def completed(tx: Transaction, project: int, subjects: Subjects) -> Subjects:
    """With the pipeline that stands for it, where there is one."""
    found = pipeline_of(tx, project, subjects)
    if found is None:
        return subjects
    made = subjects_of(found)
    return Subjects(
        commit=made.commit,
        ref=subjects.ref or made.ref,
        change=subjects.change or made.change,
        environment=subjects.environment,
        tier=subjects.tier,
        artifacts=subjects.artifacts,
        pipeline=made.pipeline,
        run=made.run,
    )


def collection_of(tx: Transaction, project: int, subjects: Subjects, act: GateAct) -> Collection | None:
    """The newest collection about it: at a merge that of the merge request, where one was opened; else that of the
    pipeline."""
    of_pipeline = tx.collections.of_pipeline(subjects.pipeline) if subjects.pipeline else ()
    of_commit = tx.collections.of_commit(project, subjects.commit) if subjects.commit and subjects.change else ()
    merge = [one for one in of_commit if one.occasion is OccasionKind.MERGE and one.subjects.change == subjects.change]
    run = [one for one in of_pipeline if one.occasion is OccasionKind.PIPELINE]
    found: Sequence[Collection] = merge if merge and act is GateAct.MERGE else run
    return max(found, key=lambda one: one.id, default=None)


def head_of(ledger: Ledger, path: str, project: int, number: str) -> str:
    """The newest commit of a merge request, as its forge told it; empty: nobody told."""
    return _told_last(ledger, path, project, number, "head")


def target_of(ledger: Ledger, path: str, project: int, number: str) -> str:
    """The branch that a merge request wants to be merged into, as its forge told it last; empty: nobody told."""
    return _told_last(ledger, path, project, number, "target")


def _told_last(ledger: Ledger, path: str, project: int, number: str, what: str) -> str:
    told = []
    for kind in (core.ChangeCreated.TYPE, core.ChangeUpdated.TYPE) if number else ():
        for entry in ledger.look(EntryFilter(kind=kind, subject=number, scope=path), _NEWEST).entries:
            word, seen = forge_of(entry.source), read_seen(entry.body, entry.sender, entry.received)
            if word is not None and word.project == project and seen is not None and seen.custom.get(what):
                told.append((seen.time, entry.seq, str(seen.custom[what])))
    return max(told, default=(0, 0, ""))[2]


def _number(pipeline: StoredPipeline) -> str:
    request = pipeline.change.merge_request
    return str(request.iid) if request is not None else ""
