"""Policies over facts: one outcome for each check, each policy, and all together. Only pass passes."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from plumbline.gates import verdict as code
from plumbline.gates.checking import checked
from plumbline.gates.verdict import WORST_FIRST, Asked, Judged, PassedOver, Verdict
from plumbline.model.gate import CheckResult, Evaluation, FactValue, GateAct, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plumbline.gates.policy import Policy, Standing
    from plumbline.model.contract import Subjects

_NO_WAIVERS: dict[tuple[str, str], str] = {}


def asked(act: GateAct, subjects: Subjects, facts: Mapping[str, FactValue]) -> Asked:
    """What policies are selected by, of a thing with these facts."""
    branch = subjects.ref.removeprefix("refs/heads/")
    if act is GateAct.MERGE:
        branch = _text(facts, "change.target")
    return Asked(act=act, branch=branch, tier=subjects.tier, system_class=_text(facts, "system.class"))


def _text(facts: Mapping[str, FactValue], name: str) -> str:
    found = facts.get(name)
    return found.value if found is not None and not found.lack and isinstance(found.value, str) else ""


def evaluate(
    policies: Sequence[Standing],
    facts: Mapping[str, FactValue],
    *,
    at: int,
    asked: Asked,
    waived: Mapping[tuple[str, str], str] = _NO_WAIVERS,
) -> Verdict:
    """All policies that stand there. ``at``: the one moment of the evaluation, microseconds since the epoch.
    ``waived``: policy and check, and the uid of the waiver that is in force for it here."""
    judgements: list[Judged] = []
    passed_over: list[PassedOver] = []
    for one in policies:
        by = _not_meant(one.policy, asked) if one.policy else ""
        if by:
            passed_over.append(PassedOver(policy=one.name, version=one.version, node=one.node, by=by))
        else:
            judgements.append(judged(one, facts, at=at, asked=asked, waived=waived))
    outcome, reason = _together(judgements, standing=bool(policies))
    return Verdict(outcome=outcome, judged=tuple(judgements), passed_over=tuple(passed_over), reason=reason)


def _together(judgements: list[Judged], *, standing: bool) -> tuple[Outcome, str]:
    deciding = [one for one in judgements if one.decides]
    if deciding:
        outcome = _worst(one.outcome for one in deciding)
        return outcome, next((one.reason for one in deciding if one.outcome is outcome and one.reason), "")
    if judgements:
        return Outcome.NO_DATA, code.NOTHING_ENFORCED
    return Outcome.NO_DATA, code.NOTHING_SELECTED if standing else code.NO_POLICY


def judged(
    standing: Standing,
    facts: Mapping[str, FactValue],
    *,
    at: int,
    asked: Asked,
    waived: Mapping[tuple[str, str], str] = _NO_WAIVERS,
) -> Judged:
    """One policy, whoever it is meant for."""

    def came_to(outcome: Outcome, reason: str = "", checks: tuple[CheckResult, ...] = ()) -> Judged:
        return Judged(policy=standing.name, version=standing.version, digest=standing.digest, node=standing.node,
                      outcome=outcome, checks=checks, reason=reason, problems=standing.problems)  # fmt: skip

    policy = standing.policy
    if policy is None:
        newer = any(problem.code == code.NEWER_POLICY for problem in standing.problems)
        return came_to(Outcome.ERROR, code.NEWER_POLICY if newer else code.UNREADABLE)
    if not policy.checks:
        return came_to(Outcome.NO_DATA, code.EMPTY_POLICY)
    if _unknown(policy, asked):
        return came_to(Outcome.NO_DATA, code.NOBODY_CAN_TELL)
    checks = tuple(checked(check, facts, at, waived.get((standing.name, check.id), "")) for check in policy.checks)
    enforced = [one for one in checks if not one.advisory]
    if not enforced:
        return came_to(Outcome.NO_DATA, code.NOTHING_ENFORCED, checks)
    deciding = [one.outcome for one in enforced if one.applies]
    if not deciding:
        return came_to(Outcome.NO_DATA, code.NOTHING_APPLIES, checks)
    return came_to(_worst(deciding), "", checks)


def _worst(outcomes: Iterable[Outcome]) -> Outcome:
    found = set(outcomes)
    return next(one for one in WORST_FIRST if one in found)


def _not_meant(policy: Policy, asked: Asked) -> str:
    """By what a policy is passed over; empty: it is meant, or nobody can tell."""
    meant = policy.selector
    if asked.act not in meant.acts:
        return "act"
    if meant.branches and asked.branch and not any(fnmatchcase(asked.branch, one) for one in meant.branches):
        return "branch"
    if meant.tiers and asked.tier and asked.tier not in meant.tiers:
        return "tier"
    if meant.classes and asked.system_class and asked.system_class not in meant.classes:
        return "class"
    return ""


def _unknown(policy: Policy, asked: Asked) -> bool:
    meant = policy.selector
    return bool(
        (meant.branches and not asked.branch)
        or (meant.tiers and not asked.tier)
        or (meant.classes and not asked.system_class)
    )


def evaluation(
    found: Judged,
    *,
    project: int,
    path: str,
    act: GateAct,
    subjects: Subjects,
    facts: Mapping[str, FactValue],
    at: int,
    collection: str = "",
    uid: str = "",
    wanted: Iterable[str] = (),
) -> Evaluation:
    """What is kept of one judgement: with the facts that it looked at, so that it can be done again. ``wanted``: of the
    policy, which select it."""
    names = {name for check in found.checks for name in check.needs} | set(wanted)
    kept: dict[str, Any] = {name: facts[name] for name in sorted(names) if name in facts}
    return Evaluation(uid=uid, project=project, path=path, act=act, subjects=subjects, policy=found.policy,
                      version=found.version, policy_digest=found.digest, node=found.node, outcome=found.outcome,
                      checks=found.checks, facts=kept, reason=found.reason, at=at, collection=collection)  # fmt: skip
