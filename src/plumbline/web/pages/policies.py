"""Policies of a node: what holds, and the editor with its versions, the facts it may use, and a try at a past run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.gates.evaluate import try_policy
from plumbline.flow.gates.policies import (
    check_policy,
    list_policies,
    policy_versions,
    retire_policy,
    save_policy,
)
from plumbline.flow.gates.telling_words import ACTS
from plumbline.flow.pipelines.list_pipelines import PipelineChoice, list_pipelines
from plumbline.flow.tree.read_tree import permitted
from plumbline.gates import built_in, documented, starters
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.gate import GateAct
from plumbline.web.done import Done
from plumbline.web.gate_rows import check_asked_at
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import keeps
from plumbline.web.places import Entry, Group, Where
from plumbline.web.rule_texts import LONGEST_TEXT, check_seen, editor, way_to, written_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.model.server import StoredPipeline

_DRAWN = "M3.5 2h9v12h-9zM6 5.5h4M6 8h4M6 10.5h2"
_RUNS = 30  # past ones that are offered for a try


@shows("/nodes/{node:int}/policies", use_case=use_cases.LIST_POLICIES, entries=(
    Entry("policies", t("Policies"), Group.PROTECT, order=4, drawn=_DRAWN),
    Entry("policies", t("Policies"), Group.PROTECT, Where.INSTALLATION, "/nodes/0/policies", order=4,
          drawn=_DRAWN)))  # fmt: skip
def policies(ask: Ask) -> Shown:
    number = ask.numbers["node"]
    node, ancestors = way_to(ask, number)
    values = {
        "node": node,
        "number": number,
        "ancestors": ancestors,
        "links_itself": True,
        "policies": list_policies(ask.actor, ask.tools.gates, number),
        "acts": ACTS,
        "writes": _writes(ask, number),
        "command": api_command(f"/nodes/{number}/policies"),
    }
    return Shown("policies.html", values)


def _writes(ask: Ask, node: int) -> bool:
    return permitted(ask.actor, ask.tools.tree, node, use_cases.SAVE_POLICY)[0]


def policy_starters() -> Mapping[str, str]:
    """Those that ship, by name."""
    return {name: text for name, text in starters().items() if not name.startswith("contract")}


@shows("/nodes/{node:int}/policy", use_case=use_cases.LIST_POLICIES, inside="policies", slow=True)
def one(ask: Ask) -> Shown:
    """``name``: one that is kept at this node or above it; ``starter``: what to begin from."""
    return Shown("policy.html", _values(ask))


def _values(ask: Ask) -> dict[str, object]:
    number, tools = ask.numbers["node"], ask.tools.gates
    found = list_policies(ask.actor, tools, number)
    shown = editor(ask, found, lambda node, name: policy_versions(ask.actor, tools, node, name), policy_starters())
    return shown | {
        "tried": None,
        "acts": ACTS,
        "documented": documented(),
        "built_in": built_in(),
        "waivers": {},
        "runs": _runs(ask, number),
        "writes": _writes(ask, number),
        "asked_at": check_asked_at,
        "command": api_command(f"/nodes/{number}/policies"),
    }


def _runs(ask: Ask, node: int) -> Sequence[StoredPipeline]:
    """The newest pipelines below a node that the reader may see."""
    try:
        found = list_pipelines(ask.actor, ask.tools.pipelines, _RUNS, PipelineChoice(node=node))
    except PlumblineError:
        return ()
    return [one for one in found if one.finished]


@does("/nodes/{node:int}/policy/check", use_case=use_cases.LIST_POLICIES, largest=LONGEST_TEXT, done=Done.NOTHING,
      inside="policies")  # fmt: skip
def check(ask: Ask) -> Shown:
    """What is wrong in it; nothing is saved."""
    text = written_text(ask)
    checked = check_policy(ask.actor, ask.tools.gates, ask.numbers["node"], text)
    return Shown("policy.html", _values(ask) | {"checked": checked, "typed": ask.form, "text": text})


@does("/nodes/{node:int}/policy/try", use_case=use_cases.TRY_POLICY, largest=LONGEST_TEXT, done=Done.NOTHING,
      inside="policies")  # fmt: skip
def attempt(ask: Ask) -> Shown | Redirect | Raw:
    """What it would have said of a past run; nothing is saved, and no gate hears of it."""
    return _tried(ask)


def _try(ask: Ask) -> Shown:
    text = written_text(ask)
    try:
        act = GateAct(ask.text("act") or GateAct.PIPELINE)
    except ValueError:
        raise PlumblineError("invalid-request", t("Choose a gate."), kind=ErrorKind.CONFIGURATION) from None
    pipeline = ask.number("pipeline")
    if not pipeline:
        raise PlumblineError("invalid-request", t("Choose a run to try it on."), kind=ErrorKind.CONFIGURATION)
    tried = try_policy(ask.actor, ask.tools.gates, pipeline, text, act)
    return Shown("policy.html", _values(ask) | {"tried": tried, "typed": ask.form, "text": text})


@does("/nodes/{node:int}/policy", use_case=use_cases.SAVE_POLICY, largest=LONGEST_TEXT)
def save(ask: Ask) -> Shown | Redirect:
    """Where something is wrong in it, the page says at which line, with what was typed."""
    try:
        return _save(ask)
    except PlumblineError as error:
        shown = _kept.refused(ask, error)
        if error.code != "policy-wrong":
            return shown
    text = written_text(ask)
    checked = check_policy(ask.actor, ask.tools.gates, ask.numbers["node"], text)
    values = {"checked": checked, "typed": ask.form, "text": text}
    return Shown("policy.html", {**shown.values, **values}, status=422)


def _save(ask: Ask) -> Redirect:
    number = ask.numbers["node"]
    if name := ask.text("name"):
        check_seen(ask, policy_versions(ask.actor, ask.tools.gates, number, name))
    kept = save_policy(ask.actor, ask.tools.gates, number, written_text(ask), ask.text("reason").strip())
    return Redirect(f"/nodes/{number}/policy?name={kept.kept.name}")


@does("/nodes/{node:int}/policy/retire", use_case=use_cases.SAVE_POLICY)
@keeps(policies)
def retire(ask: Ask) -> Redirect:
    number = ask.numbers["node"]
    retire_policy(ask.actor, ask.tools.gates, number, ask.text("name"), ask.text("reason").strip())
    return Redirect(f"/nodes/{number}/policies")


_kept, _tried = keeps(one)(_save), keeps(one)(_try)

PART = (policies, one, check, attempt, save, retire)
