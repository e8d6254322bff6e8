"""``environment:on_stop``: the job that stops an environment is there, and stops the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.model.pipeline import Environment
from plumbline.model.problem import Mark, Problem
from plumbline.pipeline.graph import group_of
from plumbline.pipeline.source.syntax import mark_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.kernel import Text
    from plumbline.pipeline.jobs import ReadJob
    from plumbline.pipeline.sections import Reader


def check_stop_jobs(jobs: Mapping[str, ReadJob], reader: Reader) -> None:
    """Report every ``on_stop`` that names no job, or one that does not stop this environment. The names of
    environments are compared as they are written."""
    for job in jobs.values():
        environment: Environment | None = job.values.get("environment")
        if environment is None or not environment.on_stop:
            continue
        name = environment.on_stop
        message = _mistake(name, environment, jobs.get(name) or jobs.get(group_of(name)))
        if message is not None:
            reader.report(
                Problem(
                    code="invalid-on-stop",
                    message=message,
                    where=_place(job),
                    keyword=f"{job.name}:environment:on_stop",
                    hint=t("It has to be a job with the same environment:name, and environment:action: stop."),
                )
            )


def _mistake(name: str, environment: Environment, stop: ReadJob | None) -> Text | None:
    if stop is None:
        return t("there is no job '{job}'", job=name)
    other: Environment | None = stop.values.get("environment")
    if other is None:
        return t("'{job}' has no environment", job=name)
    if other.name != environment.name:
        return t("'{job}' has another environment: {name}", job=name, name=other.name)
    return t("'{job}' does not stop its environment", job=name) if other.action != "stop" else None


def _place(job: ReadJob) -> Mark:
    return mark_of(job.raw.get("environment"), "on_stop")
