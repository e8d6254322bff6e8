"""Policies of gates: what is checked, at the nodes of the tree, in versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Id, Name, NodeId, Words
from plumbline.api.route import route
from plumbline.api.shown_gates import (
    EvaluationView,
    PolicyVersion,
    TextProblem,
    evaluation_shown,
    problem_shown,
    version_shown,
)
from plumbline.flow.gates import evaluate, policies
from plumbline.kernel import t
from plumbline.model.gate import GateAct

if TYPE_CHECKING:
    from plumbline.flow.gates.policies import KeptPolicy

_ROOM = 64 * 1024 + 6 * policies.LONGEST
PolicyText = Annotated[str, Meta(min_length=1, max_length=policies.LONGEST, pattern=r"^[^\x00]*$")]


class PolicyView(msgspec.Struct, frozen=True, kw_only=True):
    """``here``: at the node that was asked about, and not above it. ``problems``: why this version cannot read it: it
    stays in force, and is an error at the gate."""

    kept: PolicyVersion
    path: str
    here: bool
    checks: list[str]
    problems: list[TextProblem]


class PolicyList(msgspec.Struct, frozen=True, kw_only=True):
    policies: list[PolicyView]


class PolicyDetail(msgspec.Struct, frozen=True, kw_only=True):
    """``versions``: the newest first."""

    policy: PolicyView
    text: str
    versions: list[PolicyVersion]


class PolicyWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``text``: YAML, with the name of the policy in it. ``reason``: compulsory where there is one of this name."""

    text: PolicyText
    reason: Words = ""


class PolicyCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: PolicyText


class PolicyRetire(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: Words


class PolicyTry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: PolicyText
    act: GateAct = GateAct.PIPELINE


class CheckedPolicyView(msgspec.Struct, frozen=True, kw_only=True):
    """``name``: empty where the text cannot be read. ``doubts``: what it will probably not do as meant."""

    name: str
    checks: list[str]
    problems: list[TextProblem]
    doubts: list[TextProblem]


@route("GET", "/nodes/{node}/policies", t("Policies that hold at a node: its own, and those of the nodes above it."),
       use_case=use_cases.LIST_POLICIES)  # fmt: skip
def list_policies(call: Call, node: NodeId) -> PolicyList:
    return PolicyList(policies=[_shown(one) for one in policies.list_policies(call.actor, call.tools.gates, node)])


@route("GET", "/nodes/{node}/policies/{name}", t("A policy of a node with its text and its versions."),
       use_case=use_cases.LIST_POLICIES)  # fmt: skip
def get_policy(call: Call, node: NodeId, name: Name) -> PolicyDetail:
    found = policies.view_policy(call.actor, call.tools.gates, node, name)
    versions = policies.policy_versions(call.actor, call.tools.gates, node, name)
    return PolicyDetail(policy=_shown(found), text=found.kept.text, versions=[version_shown(one) for one in versions])


@route("PUT", "/nodes/{node}/policies", t("Write a policy: a new one, or the next version of the one of this name."),
       refusals=(409,), largest=_ROOM, use_case=use_cases.SAVE_POLICY)  # fmt: skip
def save_policy(call: Call, node: NodeId, body: PolicyWrite) -> PolicyView:
    return _shown(policies.save_policy(call.actor, call.tools.gates, node, body.text, body.reason))


@route("POST", "/nodes/{node}/policies/check", t("Say what is wrong with the text of a policy; nothing is kept."),
       largest=_ROOM, use_case=use_cases.LIST_POLICIES)  # fmt: skip
def check_policy(call: Call, node: NodeId, body: PolicyCheck) -> CheckedPolicyView:
    found = policies.check_policy(call.actor, call.tools.gates, node, body.text)
    return CheckedPolicyView(
        name=found.policy.name if found.policy is not None else "",
        checks=[one.id for one in found.policy.checks] if found.policy is not None else [],
        problems=[problem_shown(one) for one in found.problems],
        doubts=[problem_shown(one) for one in found.doubts],
    )


@route("POST", "/nodes/{node}/policies/{name}/retire", t("Retire a policy of a node, with a reason."), status=204,
       refusals=(409,), use_case=use_cases.SAVE_POLICY)  # fmt: skip
def retire_policy(call: Call, node: NodeId, name: Name, body: PolicyRetire) -> None:
    policies.retire_policy(call.actor, call.tools.gates, node, name, body.reason)


@route("POST", "/pipelines/{pipeline}/policies/try",
       t("Try the text of a policy against a pipeline, by what is known of it today; nothing is kept."),
       largest=_ROOM, use_case=use_cases.TRY_POLICY)  # fmt: skip
def try_policy(call: Call, pipeline: Id, body: PolicyTry) -> EvaluationView:
    return evaluation_shown(evaluate.try_policy(call.actor, call.tools.gates, pipeline, body.text, body.act))


def _shown(one: KeptPolicy) -> PolicyView:
    return PolicyView(
        kept=version_shown(one.kept),
        path=one.path,
        here=one.here,
        checks=[check.id for check in one.policy.checks] if one.policy is not None else [],
        problems=[problem_shown(each) for each in one.problems],
    )


PART = (list_policies, get_policy, save_policy, check_policy, retire_policy, try_policy)
