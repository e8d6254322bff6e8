"""The project, pipeline or job that a use case is about, where the actor may do that with it.

All raise PlumblineError ``not-found`` or ``not-allowed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.tree import NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import UseCase
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.server import StoredJob, StoredPipeline
    from plumbline.model.tree import Node


def project_for(unit: UnitOfWork, use_case: UseCase, project: int) -> Sequence[Node]:
    """The project, and the nodes above it."""
    return unit.require(use_case, project or None, t("There is no node {node}.", node=project))


def check_project(node: Node) -> None:
    """PlumblineError ``not-a-project`` for any other kind of node."""
    if node.kind is not NodeKind.PROJECT:
        message, hint = t("{path} is not a project.", path=node.path), t("Add a project below it.")
        raise PlumblineError("not-a-project", message, hint, kind=ErrorKind.CONFIGURATION)


def pipeline_for(unit: UnitOfWork, use_case: UseCase, pipeline: int) -> StoredPipeline:
    found = unit.tx.pipelines.get(pipeline)
    missing = t("There is no pipeline {pipeline}.", pipeline=pipeline)
    unit.require(use_case, found.project if found else None, missing)
    assert found is not None
    return found


def job_for(unit: UnitOfWork, use_case: UseCase, job: int) -> tuple[StoredPipeline, StoredJob]:
    found = unit.tx.jobs.get(job)
    pipeline = unit.tx.pipelines.get(found.pipeline) if found else None
    unit.require(use_case, pipeline.project if pipeline else None, t("There is no job {job}.", job=job))
    assert found is not None
    assert pipeline is not None
    return pipeline, found
