"""What gates show of themselves: policies as they stand, evaluations with their checks and facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.api.fields import Count, Id, NodeId, Time
from plumbline.evidence import timestamp
from plumbline.model.gate import GateAct
from plumbline.model.words import Words

if TYPE_CHECKING:
    from plumbline.flow.gates.answer import GateAnswer
    from plumbline.model.contract import Slot, Subjects
    from plumbline.model.gate import CheckResult, Evaluation, FactValue
    from plumbline.model.problem import Problem
    from plumbline.model.rule_set import RuleSet


class TextProblem(msgspec.Struct, frozen=True, kw_only=True):
    """A mistake in a text. ``line``, ``column``: from 1; 0: nobody knows."""

    code: str
    message: str
    hint: str
    line: Count
    column: Count


class PolicyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """``node`` 0: the installation. ``retired`` 0: it was not."""

    name: str
    version: Count
    node: NodeId
    digest: str
    saved: Time
    saved_by: str
    reason: str
    retired: Time
    retired_by: str


class FactView(msgspec.Struct, frozen=True, kw_only=True):
    """``lack``: why there is no value. ``events``: ids of those that it rests on."""

    name: str
    value: bool | int | float | str | list[str] | None
    lack: str
    events: list[str]


class CheckView(msgspec.Struct, frozen=True, kw_only=True):
    """``outcome``: pass, fail, no_data, error, waived; ``judged``: the same before waivers. ``advisory``: it decides
    nothing. ``applies``: whether it is meant here."""

    id: str
    title: Words
    outcome: str
    judged: str
    advisory: bool
    stage: str
    applies: bool
    rule: str
    reason: Words | None
    remedy: Words | None
    detail: str
    waiver: str
    maps: list[str]
    facts: list[FactView]


class SubjectsView(msgspec.Struct, frozen=True, kw_only=True):
    commit: str
    ref: str
    change: str
    environment: str
    pipeline: Count


class EvaluationView(msgspec.Struct, frozen=True, kw_only=True):
    """One judgement of one policy. ``reason``: a code, where no check decided. ``event``: in the ledger."""

    id: Count
    evaluation: str
    project: Id
    path: str
    act: GateAct
    subjects: SubjectsView
    policy: str
    version: Count
    digest: str
    node: str
    outcome: str
    reason: str
    at: Time
    event: str
    collection: str
    checks: list[CheckView]


class MissingSlot(msgspec.Struct, frozen=True, kw_only=True):
    slot: str
    contract: str
    state: str
    why: str


class GateAnswerView(msgspec.Struct, frozen=True, kw_only=True):
    """What all gates together say. ``passes``: it may go on. ``waits``: something is still due that may come: ask again
    until ``until`` (RFC 3339; empty: nobody knows)."""

    outcome: str
    passes: bool
    waits: bool
    until: str
    reason: str
    act: GateAct
    project: Id
    path: str
    subjects: SubjectsView
    page: str
    policies: list[EvaluationView]
    missing: list[MissingSlot]


def problem_shown(problem: Problem) -> TextProblem:
    where = problem.where
    return TextProblem(
        code=problem.code,
        message=str(problem.message),
        hint=str(problem.hint or ""),
        line=where.line if where is not None else 0,
        column=where.column if where is not None else 0,
    )


def version_shown(kept: RuleSet) -> PolicyVersion:
    return PolicyVersion(
        name=kept.name, version=kept.version, node=kept.node, digest=kept.digest, saved=kept.saved,
        saved_by=kept.saved_by, reason=kept.reason, retired=kept.retired, retired_by=kept.retired_by,
    )  # fmt: skip


def answer_shown(answer: GateAnswer, url: str) -> GateAnswerView:
    """``url``: where people reach this server."""
    return GateAnswerView(
        outcome=answer.outcome.value,
        passes=answer.passes,
        waits=answer.waits,
        until=timestamp(answer.until) if answer.until else "",
        reason=answer.reason,
        act=answer.act,
        project=answer.project,
        path=answer.path,
        subjects=_subjects(answer.subjects),
        page=f"{url}{answer.page}",
        policies=[evaluation_shown(one) for one in answer.evaluations],
        missing=[_missing(one) for one in answer.missing],
    )


def evaluation_shown(one: Evaluation) -> EvaluationView:
    return EvaluationView(
        id=one.id, evaluation=one.uid, project=one.project, path=one.path, act=one.act,
        subjects=_subjects(one.subjects), policy=one.policy, version=one.version, digest=one.policy_digest,
        node=one.node, outcome=one.outcome.value, reason=one.reason, at=one.at, event=one.event,
        collection=one.collection, checks=[_check(check) for check in one.checks],
    )  # fmt: skip


def _check(one: CheckResult) -> CheckView:
    return CheckView(
        id=one.check, title=one.title, outcome=one.outcome.value, judged=one.judged.value, advisory=one.advisory,
        stage=one.stage.value, applies=one.applies, rule=one.rule, reason=one.reason, remedy=one.remedy,
        detail=one.detail, waiver=one.waiver, maps=list(one.maps),
        facts=[_fact(name, value) for name, value in one.needs.items()],
    )  # fmt: skip


def _fact(name: str, value: FactValue) -> FactView:
    measured = value.measured
    if measured is not None:
        lack = measured.lack.value if measured.lack is not None else ""
        told = measured.value if measured.denominator is None else (measured.numerator or 0) / measured.denominator
        return FactView(name=name, value=told, lack=lack, events=[one.id for one in measured.cited])
    plain = [str(each) for each in value.value] if isinstance(value.value, tuple) else value.value
    return FactView(name=name, value=plain, lack=value.lack, events=list(value.events))


def _subjects(about: Subjects) -> SubjectsView:
    return SubjectsView(
        commit=about.commit, ref=about.ref, change=about.change, environment=about.environment, pipeline=about.pipeline
    )


def _missing(slot: Slot) -> MissingSlot:
    return MissingSlot(slot=slot.id, contract=slot.contract, state=slot.state.value, why=slot.why)
