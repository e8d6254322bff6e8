"""Waivers: lines of policies and contracts that two persons set aside for a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Count, Id, Line, NodeId, Time, Words
from plumbline.api.route import route
from plumbline.flow.gates import waivers
from plumbline.kernel import t
from plumbline.model.gate import WaiverState

if TYPE_CHECKING:
    from plumbline.flow.gates.waivers import SeenWaiver

Short = Annotated[Line, Meta(min_length=1)]


class WaiverView(msgspec.Struct, frozen=True, kw_only=True):
    """``node`` 0: the installation. Without commit, digest and change it is for all below its node. ``announced``:
    days before its end that were announced; ``used``: how often it set something aside. Times: 0: never."""

    id: Id
    uid: str
    node: NodeId
    path: str
    rule_set: str
    line: str
    of_contract: bool
    commit: str
    digest: str
    change: str
    reason: str
    state: WaiverState
    asked_by: str
    asked: Time
    agreed_by: str
    agreed: Time
    refused_by: str
    refused: Time
    ended_by: str
    ended: Time
    ends: Time
    announced: list[Count]
    used: Count
    may_decide: bool
    may_end: bool


class WaiverList(msgspec.Struct, frozen=True, kw_only=True):
    waivers: list[WaiverView]


class WaiverChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``ended``: those that hold no longer as well."""

    ended: bool = False


class WaiverAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``rule_set``: name of the policy, or of the contract where ``of_contract``; ``line``: id of its check or need.
    ``ends``: microseconds since the epoch."""

    rule_set: Short
    line: Short
    reason: Words
    ends: Time
    of_contract: bool = False
    commit: Line = ""
    digest: Line = ""
    change: Line = ""


class WaiverDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    agree: bool


@route("GET", "/nodes/{node}/waivers", t("Waivers of a node, of those above and of those below it, the newest first."),
       use_case=use_cases.LIST_WAIVERS)  # fmt: skip
def list_waivers(call: Call, node: NodeId, query: WaiverChoice) -> WaiverList:
    found = waivers.list_waivers(call.actor, call.tools.gates, node, ended=query.ended)
    return WaiverList(waivers=[_shown(one) for one in found])


@route("POST", "/nodes/{node}/waivers", t("Ask for a line to be set aside; it holds once another person agreed."),
       status=201, refusals=(409,), use_case=use_cases.ASK_WAIVER)  # fmt: skip
def ask_waiver(call: Call, node: NodeId, body: WaiverAsk) -> WaiverView:
    wanted = waivers.WaiverWanted(
        rule_set=body.rule_set, line=body.line, reason=body.reason, ends=body.ends, of_contract=body.of_contract,
        commit=body.commit, digest=body.digest, change=body.change,
    )  # fmt: skip
    made = waivers.ask_waiver(call.actor, call.tools.gates, node, wanted)
    return _shown(waivers.view_waiver(call.actor, call.tools.gates, made.id))


@route("GET", "/waivers/{waiver}", t("One waiver, how it stands, and what the caller may do with it."),
       use_case=use_cases.LIST_WAIVERS)  # fmt: skip
def get_waiver(call: Call, waiver: Id) -> WaiverView:
    return _shown(waivers.view_waiver(call.actor, call.tools.gates, waiver))


@route("POST", "/waivers/{waiver}/decide", t("Agree, as a second person, with a waiver, or refuse it."),
       refusals=(409,), use_case=use_cases.DECIDE_WAIVER)  # fmt: skip
def decide_waiver(call: Call, waiver: Id, body: WaiverDecision) -> WaiverView:
    waivers.decide_waiver(call.actor, call.tools.gates, waiver, agree=body.agree)
    return _shown(waivers.view_waiver(call.actor, call.tools.gates, waiver))


@route("POST", "/waivers/{waiver}/end", t("End a waiver before its time."), refusals=(409,),
       use_case=use_cases.END_WAIVER)  # fmt: skip
def end_waiver(call: Call, waiver: Id) -> WaiverView:
    waivers.end_waiver(call.actor, call.tools.gates, waiver)
    return _shown(waivers.view_waiver(call.actor, call.tools.gates, waiver))


def _shown(seen: SeenWaiver) -> WaiverView:
    one = seen.waiver
    return WaiverView(
        id=one.id, uid=one.uid, node=one.node, path=one.path, rule_set=one.rule_set, line=one.line,
        of_contract=one.of_contract, commit=one.commit, digest=one.digest, change=one.change, reason=one.reason,
        state=seen.state, asked_by=one.asked_by, asked=one.asked, agreed_by=one.agreed_by, agreed=one.agreed,
        refused_by=one.refused_by, refused=one.refused, ended_by=one.ended_by, ended=one.ended, ends=one.ends,
        announced=list(one.announced), used=one.used, may_decide=seen.may_decide, may_end=seen.may_end,
    )  # fmt: skip


PART = (list_waivers, ask_waiver, get_waiver, decide_waiver, end_waiver)
