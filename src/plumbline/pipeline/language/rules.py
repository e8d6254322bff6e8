"""``rules`` of a job and of ``workflow``: the first that matches decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from plumbline.kernel import Text, t
from plumbline.kernel.text import nt
from plumbline.model.job import When
from plumbline.model.pipeline import JobDecision, RuleTrace
from plumbline.model.problem import Mark, Problem
from plumbline.pipeline.language.clauses import CONDITIONS, Checked, RuleContext, check, place_of
from plumbline.pipeline.language.durations import seconds

__all__ = ["Checked", "Outcome", "RuleContext", "check", "dead_rules", "decide", "flat_rules", "one_line"]

_MAX_LINE = 200  # characters of a rule that are shown


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What rules decided. Whatever the deciding rule does not set is None: the job's own value stands.

    ``variables``, ``needs`` and ``auto_cancel`` are as written. ``index`` is the place of the deciding rule, from 0.
    """

    included: bool
    reason: Text
    when: When | None = None
    allow_failure: bool | None = None
    start_in: float | None = None
    variables: dict[str, Any] | None = None
    needs: Any = None
    interruptible: bool | None = None
    auto_cancel: Any = None
    index: int | None = None
    where: Mark | None = None
    traces: tuple[RuleTrace, ...] = ()
    problems: tuple[Problem, ...] = ()

    def decision(self, job: str, where: Mark | None = None, when: When | None = None) -> JobDecision:
        """The same for the plan. ``where`` is the job's place, for want of a rule's; ``when`` the job's own."""
        return JobDecision(
            job=job,
            included=self.included,
            reason=self.reason,
            where=self.where or where,
            when=self.when or when or When.ON_SUCCESS,
            rules=self.traces,
        )


def decide(job_name: str, rules: Sequence[Any], context: RuleContext) -> Outcome:
    """Find the first rule that matches; none, ``when: never`` and a rule that cannot be evaluated leave the job out.

    What is not a map is passed over: its shape is the keyword's matter.
    """
    traces: list[RuleTrace] = []
    keyword = f"{job_name}:rules"
    for index, (rule, where) in enumerate(flat_rules(rules)):
        checked = check(rule, context, keyword)
        traces.append(
            RuleTrace(
                where=where, text=one_line(rule), matched=checked.holds, reason=checked.reason, values=checked.values
            )
        )
        if checked.problem is not None:
            return Outcome(
                included=False,
                reason=t("rule {number} cannot be evaluated", number=index + 1),
                index=index,
                where=where,
                traces=tuple(traces),
                problems=(checked.problem,),
            )
        if checked.holds:
            return _effect(rule, index, where, checked, tuple(traces))
    reason = t("it has no rule to match")
    if traces:
        reason = nt("its rule does not match", "none of its {count} rules matches", len(traces))
    return Outcome(included=False, reason=reason, when=When.NEVER, traces=tuple(traces))


def _effect(
    rule: Mapping[str, Any], index: int, where: Mark | None, checked: Checked, traces: tuple[RuleTrace, ...]
) -> Outcome:
    when = _when(rule.get("when"))
    never = when is When.NEVER
    if never:
        reason = t("rule {number} says 'never': {why}", number=index + 1, why=checked.reason)
    else:
        reason = t("rule {number} matches: {why}", number=index + 1, why=checked.reason)
    allow_failure, interruptible = rule.get("allow_failure"), rule.get("interruptible")
    variables = rule.get("variables")
    return Outcome(
        included=not never,
        reason=reason,
        when=when,
        allow_failure=allow_failure if isinstance(allow_failure, bool) else None,
        start_in=_seconds(rule.get("start_in")),
        variables=variables if isinstance(variables, dict) else None,
        needs=rule.get("needs"),
        interruptible=interruptible if isinstance(interruptible, bool) else None,
        auto_cancel=rule.get("auto_cancel"),
        index=index,
        where=where,
        traces=traces,
    )


def _when(written: Any) -> When | None:
    return When(written) if isinstance(written, str) and written in _WHEN else None


_WHEN = frozenset(When)


def _seconds(written: Any) -> float | None:
    if not isinstance(written, (str, int, float)):
        return None
    try:
        return seconds(written)
    except ValueError:
        return None


def flat_rules(rules: Any) -> Iterator[tuple[Mapping[str, Any], Mark | None]]:
    """The rules of a list, and of the lists in it, with their places."""
    if not isinstance(rules, list):
        return
    for index, rule in enumerate(rules):
        if isinstance(rule, dict):
            yield rule, place_of(rules, index)
        else:
            yield from flat_rules(rule)


def dead_rules(rules: Any) -> list[tuple[int, Mark | None]]:
    """Index and place of every rule that no job can reach, because one before it matches always."""
    dead: list[tuple[int, Mark | None]] = []
    closed = False
    for index, (rule, where) in enumerate(flat_rules(rules)):
        if closed:
            dead.append((index, where))
        closed = closed or all(rule.get(name) is None for name in CONDITIONS)
    return dead


def one_line(value: Any) -> str:
    """A rule as it is written, on one line, cut where it is long."""
    text = (
        ", ".join(f"{key}: {_inline(item)}" for key, item in value.items()) if isinstance(value, dict) else str(value)
    )
    return text if len(text) <= _MAX_LINE else f"{text[: _MAX_LINE - 1]}…"


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)
