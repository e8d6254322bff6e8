"""Waivers: what two persons set aside, where and until when; asking, agreeing, refusing, ending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.gates.waivers import (
    WaiverWanted,
    ask_waiver,
    decide_waiver,
    end_waiver,
    list_waivers,
    view_waiver,
)
from plumbline.flow.tree.read_tree import permitted
from plumbline.kernel import t
from plumbline.model.gate import WaiverState
from plumbline.model.tree import INSTANCE
from plumbline.web.days import day_on
from plumbline.web.limits import checked_line
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import keeps
from plumbline.web.places import Entry, Group, Where
from plumbline.web.rule_texts import way_to

if TYPE_CHECKING:
    from plumbline.flow.gates.waivers import SeenWaiver

_DRAWN = "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M5.5 5.5l5 5"
_DAY = 86_400 * 1_000_000  # microseconds
SOON = 14 * _DAY
_OPEN = (WaiverState.ASKED, WaiverState.IN_FORCE)


@shows("/nodes/{node:int}/waivers", use_case=use_cases.LIST_WAIVERS, entries=(
    Entry("waivers", t("Waivers"), Group.PROTECT, order=5, drawn=_DRAWN),
    Entry("waivers", t("Waivers"), Group.PROTECT, Where.INSTALLATION, "/nodes/0/waivers", order=5,
          drawn=_DRAWN)))  # fmt: skip
def waivers(ask: Ask) -> Shown:
    """``rule_set``, ``line`` and what it is about fill the form in."""
    number = ask.numbers["node"]
    node, ancestors = way_to(ask, number)
    found = list_waivers(ask.actor, ask.tools.gates, number, ended=True)
    (asks,) = permitted(ask.actor, ask.tools.tree, number, use_cases.ASK_WAIVER)
    values = {
        "node": node,
        "number": number,
        "ancestors": ancestors,
        "links_itself": True,
        "asked": [one for one in found if one.state is WaiverState.ASKED],
        "in_force": sorted((one for one in found if one.state is WaiverState.IN_FORCE), key=_end),
        "ended": [one for one in found if one.state not in _OPEN],
        "soon": SOON,
        "asks": asks,
        "wanted": {name: ask.query.get(name, "") for name in
                   ("rule_set", "line", "of_contract", "commit", "digest", "change")},
        "command": api_command(f"/nodes/{number}/waivers"),
    }  # fmt: skip
    return Shown("waivers.html", values)


def _end(one: SeenWaiver) -> int:
    return one.waiver.ends


@does("/nodes/{node:int}/waivers", use_case=use_cases.ASK_WAIVER)
@keeps(waivers)
def want(ask: Ask) -> Redirect:
    """It sets nothing aside before a second person agrees."""
    wanted = WaiverWanted(
        rule_set=checked_line(ask.text("rule_set")).strip(),
        line=checked_line(ask.text("line")).strip(),
        reason=ask.text("reason").replace("\r\n", "\n").strip(),
        ends=day_on(ask, "until") or 0,
        of_contract=ask.text("of_contract") == "1",
        commit=checked_line(ask.text("commit")).strip(),
        digest=checked_line(ask.text("digest")).strip(),
        change=checked_line(ask.text("change")).strip(),
    )
    made = ask_waiver(ask.actor, ask.tools.gates, ask.numbers["node"], wanted)
    return Redirect(f"/waivers/{made.id}")


@shows("/waivers/{waiver:int}", use_case=use_cases.LIST_WAIVERS, inside="waivers")
def one(ask: Ask) -> Shown:
    seen = view_waiver(ask.actor, ask.tools.gates, ask.numbers["waiver"])
    node, ancestors = way_to(ask, seen.waiver.node or INSTANCE)
    values = {
        "node": node,
        "number": seen.waiver.node,
        "ancestors": ancestors,
        "links_itself": True,
        "seen": seen,
        "one": seen.waiver,
        "soon": SOON,
        "command": api_command(f"/waivers/{seen.waiver.id}"),
    }
    return Shown("waiver.html", values)


@does("/waivers/{waiver:int}/decide", use_case=use_cases.DECIDE_WAIVER)
@keeps(one)
def decide(ask: Ask) -> Redirect:
    """``agree`` 1: let it be set aside; else it is refused."""
    waiver = ask.numbers["waiver"]
    decide_waiver(ask.actor, ask.tools.gates, waiver, agree=ask.text("agree") == "1")
    return Redirect(f"/waivers/{waiver}")


@does("/waivers/{waiver:int}/end", use_case=use_cases.END_WAIVER)
@keeps(one)
def end(ask: Ask) -> Redirect:
    waiver = ask.numbers["waiver"]
    end_waiver(ask.actor, ask.tools.gates, waiver)
    return Redirect(f"/waivers/{waiver}")


PART = (waivers, want, one, decide, end)
