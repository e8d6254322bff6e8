"""Gates: the checklist of a pipeline or of a revision, one evaluation with what it rests on, and the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.gates.evaluate import evaluate_gates, gates_of
from plumbline.flow.gates.history import list_evaluations, view_evaluation
from plumbline.flow.gates.replay import exported_evaluation, replay_evaluation
from plumbline.flow.gates.telling_words import ACTS, OUTCOMES
from plumbline.flow.pipelines.read import view_pipeline
from plumbline.flow.tree.read_tree import permitted
from plumbline.gates import GOES_ON, documented
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.gate import GateAct
from plumbline.web.files import Moment
from plumbline.web.gate_rows import check_asked_at, may_ask, waivers_of
from plumbline.web.lists import PAGE, Column, ListKind, listing_of
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, does, local, shows
from plumbline.web.places import Entry, Group
from plumbline.web.tree import find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.flow.gates.answer import GateAnswer
    from plumbline.model.gate import Evaluation

_DRAWN = "M2.5 13.5v-8L8 2.5l5.5 3v8M2.5 13.5h11M8 7v6.5M5 8.5v5M11 8.5v5"
_MOST = 5000  # evaluations of a file
_KIND: ListKind[Evaluation] = ListKind(
    "evaluations",
    (
        Column("outcome", t("Outcome"), lambda one: str(OUTCOMES[one.outcome])),
        Column("policy", t("Policy"), lambda one: f"{one.policy} {one.version}"),
        Column("about", t("About"), lambda one: one.subjects.commit[:8] or one.subjects.change),
        Column("project", t("Project"), lambda one: one.path),
        Column("act", t("Gate"), lambda one: str(ACTS[one.act])),
        Column("held", t("What holds it back"), lambda one: ", ".join(_held(one))),
        Column("at", t("When"), lambda one: Moment(one.at), number=True, unit="UTC"),
    ),
    ("policy",),
)


@shows("/nodes/{node:int}/gates", use_case=use_cases.VIEW_EVALUATIONS, slow=True, entries=(
    Entry("gates", t("Gates"), Group.RELEASE, order=1, drawn=_DRAWN),))  # fmt: skip
def history(ask: Ask) -> Shown | Raw:
    node, ancestors = find(ask, ask.numbers["node"])
    listing = listing_of(ask, _KIND)
    policy = listing.chosen.get("policy", "")
    file = listing.file(ask, _all(ask, node.id, policy))
    if file is not None:
        return file
    before = int(listing.here) if listing.here.isascii() and listing.here.isdecimal() and len(listing.here) < 19 else 0
    found = list_evaluations(ask.actor, ask.tools.gates, node.id, policy=policy, before=before, limit=PAGE + 1)
    rows, goes_on = found[:PAGE], len(found) > PAGE
    seen = listing.before + len(rows)
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "listing": listing.with_rows(rows, seen + goes_on, str(rows[-1].id) if goes_on else "", seen),
        "acts": ACTS,
        "holds_back": _held,
        "command": api_command(f"/nodes/{node.id}/gates"),
    }
    return Shown("gate_history.html", values)


def _all(ask: Ask, node: int, policy: str) -> Iterator[Evaluation]:
    before, told = 0, 0
    while told < _MOST:
        found = list_evaluations(ask.actor, ask.tools.gates, node, policy=policy, before=before, limit=500)
        yield from found
        if len(found) < 500:
            return
        before, told = found[-1].id, told + len(found)


def _held(one: Evaluation) -> list[str]:
    """Ids of the checks that hold it back."""
    return [
        check.check for check in one.checks if not check.advisory and check.applies and check.outcome not in GOES_ON
    ]


@shows("/pipelines/{pipeline:int}/gates", use_case=use_cases.VIEW_EVALUATIONS, inside="pipelines", slow=True)
def of_pipeline(ask: Ask) -> Shown:
    pipeline = view_pipeline(ask.actor, ask.tools.pipelines, ask.numbers["pipeline"]).pipeline
    answer = gates_of(ask.actor, ask.tools.gates, pipeline=pipeline.id)
    values = {"pipeline": pipeline, "commit": pipeline.sha, "change": "",
              "command": api_command(f"/pipelines/{pipeline.id}/gates")}  # fmt: skip
    return Shown("gates_of.html", _values(ask, pipeline.project, answer) | values)


@shows("/projects/{node:int}/gates", use_case=use_cases.VIEW_EVALUATIONS, inside="gates", slow=True)
def of_revision(ask: Ask) -> Shown | Redirect:
    project, commit = ask.numbers["node"], ask.text("commit").strip()
    if not commit:
        return Redirect(f"/nodes/{project}/gates")
    answer = gates_of(ask.actor, ask.tools.gates, project=project, commit=commit)
    values = {"pipeline": None, "commit": commit, "change": answer.subjects.change}
    return Shown("gates_of.html", _values(ask, project, answer) | values)


def _values(ask: Ask, project: int, answer: GateAnswer) -> dict[str, object]:
    node, ancestors = find(ask, project)
    (evaluates,) = permitted(ask.actor, ask.tools.tree, project, use_cases.EVALUATE_GATE)
    return {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "answer": answer,
        "evaluates": evaluates,
        "acts": ACTS,
        **_checklist(ask, project),
    }


def _checklist(ask: Ask, project: int) -> dict[str, object]:
    """What every list of checks needs."""
    return {
        "documented": documented(),
        "waivers": waivers_of(ask, project),
        "asks": may_ask(ask, project),
        "asked_at": check_asked_at,
        "holds_back": _held,
    }


@does("/projects/{node:int}/gates", use_case=use_cases.EVALUATE_GATE)
def evaluate(ask: Ask) -> Redirect:
    """Have the gates look once more; what they said before stays."""
    project, pipeline, commit = ask.numbers["node"], ask.number("pipeline"), ask.text("commit").strip()
    try:
        act = GateAct(ask.text("act"))
    except ValueError:
        raise PlumblineError("invalid-request", t("Choose a gate."), kind=ErrorKind.CONFIGURATION) from None
    evaluate_gates(ask.actor, ask.tools.gates, project, act=act, commit=commit, pipeline=pipeline)
    return Redirect(local(f"/pipelines/{pipeline}/gates" if pipeline else f"/projects/{project}/gates?commit={commit}"))


@shows("/evaluations/{uid}", use_case=use_cases.VIEW_EVALUATIONS, inside="gates")
def one(ask: Ask) -> Shown:
    """``replay``: judge it again from what was kept, and say whether it comes out the same."""
    made = view_evaluation(ask.actor, ask.tools.gates, ask.part("uid"))
    node, ancestors = find(ask, made.project)
    replayed = replay_evaluation(ask.actor, ask.tools.gates, made.uid) if ask.text("replay") else None
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "made": made,
        "replayed": replayed,
        "acts": ACTS,
        "command": api_command(f"/evaluations/{made.uid}"),
        **_checklist(ask, made.project),
    }
    return Shown("evaluation.html", values)


@shows("/evaluations/{uid}/file", use_case=use_cases.VIEW_EVALUATIONS, inside="gates")
def file(ask: Ask) -> Raw:
    """What `plumb gate replay` judges again on another machine."""
    uid = ask.part("uid")
    content = exported_evaluation(ask.actor, ask.tools.gates, uid)
    return Raw(content, "application/json", {"Content-Disposition": f'attachment; filename="evaluation-{uid}.json"'})


PART = (history, of_pipeline, of_revision, evaluate, one, file)
