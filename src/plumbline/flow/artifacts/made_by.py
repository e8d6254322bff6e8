"""What the jobs of a pipeline made, with the stages that it earned; and artifacts found by what somebody typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.access import use_cases
from plumbline.artifacts.stages import earned
from plumbline.flow.artifacts.evidence_of import record_of
from plumbline.kernel import t
from plumbline.model.artifact import Artifact, Stage

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.flow.unit_of_work import UnitOfWork


class MadeRow(msgspec.Struct, frozen=True, kw_only=True):
    """``tags``: of the repository that it was pushed to, as of now."""

    artifact: Artifact
    tags: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()


def artifacts_of_pipeline(actor: Actor, tools: ArtifactTools, pipeline: int, job: int = 0) -> list[MadeRow]:
    """What the jobs of a pipeline pushed and published, or one of them; the oldest first, without what is about
    something else, such as signatures. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        found = unit.tx.pipelines.get(pipeline)
        missing = t("There is no pipeline {pipeline}.", pipeline=pipeline)
        unit.require(use_cases.VIEW_ARTIFACT, found.project if found is not None else None, missing)
        jobs = [one.id for one in unit.tx.jobs.of(pipeline) if job in (0, one.id)]
        made = [one for each in jobs for one in unit.tx.artifacts.of_job(each)]
        return [_row(unit, tools, one) for one in made if not one.subject]


def find_artifacts(actor: Actor, tools: ArtifactTools, text: str, most: int) -> list[Artifact]:
    """By a digest of which at least six digits are given, a tag, or the beginning of a package's name; where the actor
    may see them, the newest first."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_REPOSITORIES)
        allowed = unit.projects_or_all(use_cases.VIEW_ARTIFACT)
        return list(unit.tx.artifacts.search(text, allowed, most))


def _row(unit: UnitOfWork, tools: ArtifactTools, artifact: Artifact) -> MadeRow:
    every = unit.tx.artifacts.of_digest(artifact.digest)
    tags = {tag for at, one in every if one.id == artifact.id for tag in unit.tx.artifacts.tags_of(at, one.digest)}
    stages = earned(record_of(unit.tx, artifact, tools.deciding(artifact.digest)))
    return MadeRow(artifact=artifact, tags=tuple(sorted(tags)), stages=stages)
