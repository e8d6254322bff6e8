"""The pipeline, where it brings something to, and what system it is of: ``pipeline.*``, ``environment.*``,
``system.*``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import gate_settings
from plumbline.flow.gates.gathering._ground import NOTHING, Ground, known, names
from plumbline.flow.pipelines.events import ended_id, finished_id
from plumbline.model.job import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.model.gate import FactValue

_NAMES = ("state", "source", "protected", "jobs", "failed_jobs")


def gather_pipeline(ground: Ground) -> Mapping[str, FactValue]:
    pipeline = ground.pipeline
    if pipeline is None:
        return {f"pipeline.{name}": NOTHING for name in _NAMES}
    newest = {job.name: job for job in ground.tx.jobs.of(pipeline.id)}
    failed = [one for one in newest.values() if one.state is State.FAILED and not one.allow_failure]
    events = [ended_id(pipeline)] if pipeline.finished else []
    return {
        "pipeline.state": known(pipeline.state.value, events),
        "pipeline.source": known(pipeline.event.value),
        "pipeline.protected": known(pipeline.change.protected),
        "pipeline.jobs": known(len(newest)),
        "pipeline.failed_jobs": names([one.name for one in failed], [finished_id(pipeline, one) for one in failed]),
    }


def gather_environment(ground: Ground) -> Mapping[str, FactValue]:
    about = ground.subjects
    return {
        "environment.name": known(about.environment or None),
        "environment.tier": known(about.tier or None),
    }


def gather_system(ground: Ground) -> Mapping[str, FactValue]:
    return {"system.class": known(gate_settings.SYSTEM_CLASS.at(ground.ancestors) or None)}
