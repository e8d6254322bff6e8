"""What an assessment says about the way on: the roadmap, what changed between two, and a map of many."""

from __future__ import annotations

from collections import Counter

from plumbline.access import use_cases
from plumbline.flow.assessments.heat import view_grades
from plumbline.flow.assessments.packs import list_packs, view_pack
from plumbline.flow.assessments.plans import list_plans, plan_step
from plumbline.flow.assessments.records import (
    compare_assessments,
    list_node_assessments,
    list_proofs,
    newest_of,
    view_assessment,
)
from plumbline.kernel import t
from plumbline.maturity import EFFORTS, PROOF_STATES, gaps, what_if
from plumbline.model.assessment import StepPlan
from plumbline.web.assessments import DEFAULT, node_of, opened, values_of
from plumbline.web.outcomes import PROOF_KINDS
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.places import GROUPS, Entry, Group

STEPS = 15  # of the roadmap, and items that miss something, that are shown unless all are asked for
_DRAWN = "M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z"


@shows("/assessments/{seq:int}/roadmap", slow=True, use_case=use_cases.VIEW_ASSESSMENT, inside="assessments")
def roadmap(ask: Ask) -> Shown:
    found = view_assessment(ask.actor, ask.tools.assessments, ask.numbers["seq"])
    record, made = found.record, found.assessment
    order = [level for level, _ in made.levels]
    done = min(ask.number("done"), len(made.roadmap))
    aim = ask.text("to") if ask.text("to") in order else ""
    items = made.every_item()
    held = {id_ for step in made.roadmap[:done] for id_ in step.criteria}
    areas = [(group, what_if(group.every_item(), order, held)) for group in made.groups]
    missing = [(item, lacking) for item in items if item.applies and (lacking := gaps(item, aim))]
    return Shown(
        "assessment_roadmap.html",
        {
            **values_of(ask, found),
            "taken": done,
            "shown": max(len(made.roadmap), len(missing)) if ask.text("all") == "1" else max(STEPS, done),
            "aim": aim,
            "then": what_if(items, order, held),
            "areas": areas,
            "group_names": {group.id: group.name for group in made.groups},
            "texts": {verdict.criterion: verdict for item in items for verdict in item.verdicts},
            "gaps": missing,
            "plans": list_plans(ask.actor, ask.tools.assessments, found.node, made.pack),
            "effort": sum(step.effort for step in made.roadmap[:done]),
            "efforts": EFFORTS,
            "command": api_command(f"/assessments/{record.seq}/roadmap"),
        },
    )


@does("/nodes/{node:int}/roadmap", use_case=use_cases.PLAN_STEP)
def plan(ask: Ask) -> Redirect:
    item, _, level = ask.text("step").strip().partition(" ")
    said = StepPlan(owner=ask.text("owner").strip(), due=ask.text("due").strip())
    plan_step(ask.actor, ask.tools.assessments, ask.numbers["node"], ask.text("pack"), item, level, said)
    return Redirect(f"/assessments/{ask.number('assessment')}/roadmap")


@shows("/assessments/{seq:int}/proofs", slow=True, use_case=use_cases.VIEW_ASSESSMENT, inside="assessments")
def proofs(ask: Ask) -> Shown:
    record, made, values = opened(ask)
    found = list_proofs(ask.actor, ask.tools.assessments, record.seq)
    level = ask.text("level") if ask.text("level") in dict(made.levels) else ""
    of_level = [one for one in found if not level or one.level == level]
    state = next((one for one in PROOF_STATES if one == ask.text("state")), None)
    return Shown(
        "assessment_proofs.html",
        {
            **values,
            "proofs": [one for one in of_level if state is None or one.state == state],
            "counts": Counter(one.state for one in of_level),
            "only": state,
            "states": PROOF_STATES,
            "kinds": PROOF_KINDS,
            "part": level,
            "names": {item.id: item.name for item in made.every_item()},
            "command": api_command(f"/assessments/{record.seq}/proofs"),
        },
    )


@shows("/assessments/{seq:int}/changes", slow=True, use_case=use_cases.VIEW_ASSESSMENT, inside="assessments")
def changes(ask: Ask) -> Shown:
    record, made, values = opened(ask)
    found = compare_assessments(ask.actor, ask.tools.assessments, ask.number("before"), record.seq)
    return Shown(
        "assessment_changes.html",
        {
            **values,
            "before": found.before,
            "practice": [one for one in found.items if one.practice_changed],
            "by_word": [one for one in found.items if one.word_changed],
            "by_rule": [one for one in found.items if one.rule_changed],
            "rules": found.rules,
            "names": {item.id: item.name for item in made.every_item()},
            "item_of": {verdict.criterion: item.id for item in made.every_item() for verdict in item.verdicts},
            "command": api_command(f"/assessments/{record.seq}/changes?before={found.before.seq}"),
        },
    )


@shows(
    "/nodes/{node:int}/grades",
    slow=True,
    use_case=use_cases.VIEW_GRADES,
    entries=(Entry("grades", t("Heat map"), Group.GRADE, kinds=GROUPS, order=1, drawn=_DRAWN),),
)
def heat(ask: Ask) -> Shown:
    tools, number = ask.tools.assessments, ask.numbers["node"]
    file = view_pack(ask.actor, tools, ask.text("pack") or DEFAULT)
    rows = view_grades(ask.actor, tools, number, file.pack.id)
    return Shown(
        "assessment_map.html",
        {
            **node_of(ask, number)[1],
            "pack": file,
            "packs": list_packs(ask.actor, tools),
            "rows": rows,
            "newest": newest_of(list_node_assessments(ask.actor, tools, number, file.pack.id)),
            "levels": {level.id: level.name for level in file.pack.levels},
            "order": [level.id for level in file.pack.levels],
            "command": api_command(f"/nodes/{number}/grades?pack={file.pack.id}"),
        },
    )


PART = (roadmap, plan, proofs, changes, heat)
