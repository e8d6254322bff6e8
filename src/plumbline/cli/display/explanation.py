"""An explanation of one job, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.cli.display.words import Paint, duration, state_word, why_failed
from plumbline.kernel import t
from plumbline.model.job import State, When
from plumbline.model.pipeline import JobDecision
from plumbline.model.run import RunRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.flow.runs.explain import Explanation
    from plumbline.model.pipeline import RuleTrace

_MOST_NAMES = 8


def explanation_lines(explanation: Explanation, record: RunRecord | None, paint: Paint) -> Iterator[str]:
    """The verdict first, then the rules that were looked at, what it waits for, and what it did last time."""
    decision = explanation.decision
    verdict = (
        t("{job} is in the pipeline: {reason}", job=explanation.job, reason=decision.reason)
        if decision.included
        else t("{job} is not in the pipeline: {reason}", job=explanation.job, reason=decision.reason)
    )
    where = f" ({decision.where})" if decision.where else ""
    yield paint(f"{verdict}{where}", "green" if decision.included else "yellow")
    yield from _rules(decision)
    if explanation.workflow is not None and explanation.workflow.rules:
        yield str(t("workflow: {reason}", reason=explanation.workflow.reason))
        yield from _rules(explanation.workflow)
    if decision.included:
        yield from _waits(explanation)
    yield from _last_time(explanation, record)


def _rules(decision: JobDecision) -> Iterator[str]:
    for trace in decision.rules:
        place = f"{trace.where}: " if trace.where else ""
        yield f"  {'✓' if trace.matched else '✗'} {place}{trace.text}"
        yield f"      {trace.reason}"
        for name, value in trace.values:
            shown = t("not defined") if value is None else f'"{value}"'
            yield f"      ${name} = {shown}"


def _waits(explanation: Explanation) -> Iterator[str]:
    whens = {job.when for job in explanation.instances}
    for when in sorted(whens - {When.ON_SUCCESS}):
        yield str(_WHEN[when])
    for name, before in explanation.waits_for.items():
        if not before:
            yield str(t("{job} starts at once.", job=name))
            continue
        names = ", ".join(before[:_MOST_NAMES]) + (", …" if len(before) > _MOST_NAMES else "")
        if explanation.by_needs:
            yield str(t("{job} waits for what it needs: {names}", job=name, names=names))
        else:
            yield str(t("{job} waits for all jobs of earlier stages: {names}", job=name, names=names))


_WHEN = {
    When.ON_FAILURE: t("It runs only when a job before it has failed (when: on_failure)."),
    When.ALWAYS: t("It runs whatever happened before it (when: always)."),
    When.MANUAL: t("It waits until a person starts it (when: manual)."),
    When.DELAYED: t("It starts some time after it may (when: delayed)."),
    When.NEVER: t("It never runs (when: never)."),
}


def _last_time(explanation: Explanation, record: RunRecord | None) -> Iterator[str]:
    if record is None:
        return
    for job in explanation.records:
        word = state_word(job.state, allowed=job.allow_failure)
        line = t("In run {run}: {job} {state}", run=record.id, job=job.name, state=word)
        detail = ""
        if job.state is State.FAILED:
            detail = f": {why_failed(job)}"
        elif job.message:
            detail = f": {job.message}"
        elif job.started:
            detail = f", {duration(job.duration)}"
        yield f"{line}{detail}"


def explanation_fields(explanation: Explanation) -> dict[str, Any]:
    """The same for JSON."""
    decision = explanation.decision
    return {
        "job": explanation.job,
        "included": decision.included,
        "reason": str(decision.reason),
        "where": str(decision.where or ""),
        "when": decision.when,
        "rules": [_rule_fields(trace) for trace in decision.rules],
        "workflow": [_rule_fields(trace) for trace in explanation.workflow.rules] if explanation.workflow else [],
        "waits_for": explanation.waits_for,
        "attempts": [
            {"job": job.name, "attempt": job.attempt, "state": job.state, "duration": job.duration}
            for job in explanation.records
        ],
    }


def _rule_fields(trace: RuleTrace) -> dict[str, Any]:
    return {
        "where": str(trace.where or ""),
        "rule": trace.text,
        "matched": trace.matched,
        "reason": str(trace.reason),
        "values": dict(trace.values),
    }
