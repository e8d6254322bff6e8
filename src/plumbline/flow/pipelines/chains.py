"""Which chain an event belongs to, and where a pipeline comes from: one change, one chain (CDEvents' ``chainId``)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredJob, StoredPipeline


class Origin(NamedTuple):
    """``parent`` and ``trigger``: the pipeline and its job that started this one; None: nobody else's did."""

    chain: str
    parent: StoredPipeline | None = None
    trigger: StoredJob | None = None


def chain_of(source: str, project: int, commit: str) -> str:
    """The chain of a commit of a project, a UUID: the same for all that this installation tells of it."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{source}/projects/{project}/commits/{commit}"))


def origin_of(tx: Transaction, source: str, pipeline: StoredPipeline) -> Origin:
    """What a pipeline was started by shares its chain with it, to the change that began it all."""
    parent, trigger = above(tx, pipeline)
    root, seen = pipeline, {pipeline.id}
    following = parent
    while following is not None and following.id not in seen:
        seen.add(following.id)
        root, (following, _) = following, above(tx, following)
    return Origin(chain_of(source, root.project, root.sha), parent, trigger)


def above(tx: Transaction, pipeline: StoredPipeline) -> tuple[StoredPipeline | None, StoredJob | None]:
    job = tx.jobs.get(pipeline.upstream) if pipeline.upstream else None
    return (tx.pipelines.get(job.pipeline), job) if job is not None else (None, None)


def person_behind(tx: Transaction, pipeline: StoredPipeline) -> str:
    """Who started it; empty: nobody whom the server knows."""
    person = tx.people.get(pipeline.by) if pipeline.by and not pipeline.change.user_login else None
    return pipeline.change.user_login or (person.name if person is not None else "")


def with_children(tx: Transaction, pipeline: StoredPipeline) -> list[StoredPipeline]:
    """A pipeline, and below it those of its own project that the newest attempts at its jobs started."""
    found, level = [pipeline], [pipeline]
    while level:
        newest = {(job.pipeline, job.name): job.id for one in level for job in tx.jobs.of(one.id)}
        triggers, seen = set(newest.values()), {one.id for one in found}
        begun = tx.pipelines.begun_by([one.id for one in level])
        level = [
            one for one in begun if one.project == pipeline.project and one.upstream in triggers and one.id not in seen
        ]
        found += level
    return found
