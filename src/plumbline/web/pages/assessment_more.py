"""What an assessment says about the way on: the roadmap, what changed between two, and a map of many."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from plumbline.maturity import EFFORTS, PROOF_STATES, gaps, what_if
from plumbline.web.outcomes import PROOF_KINDS
from plumbline.web.page import Ask, Shown, api_command, shows
from plumbline.web.pages.assessment import DEFAULT, opened
from plumbline.web.tree import find

if TYPE_CHECKING:
    from plumbline.flow.assessments.grades import Record


@shows("/assessments/{seq:int}/roadmap", slow=True)
def roadmap(ask: Ask) -> Shown:
    record, made, values = opened(ask)
    order = [level for level, _ in made.levels]
    done = min(ask.number("done"), len(made.roadmap))
    aim = ask.text("to") if ask.text("to") in order else ""
    items = made.every_item()
    held = {id_ for step in made.roadmap[:done] for id_ in step.criteria}
    areas = [(group, what_if(group.every_item(), order, held)) for group in made.groups]
    missing = [(item, found) for item in items if item.applies and (found := gaps(item, aim))]
    return Shown(
        "assessment_roadmap.html",
        {
            **values,
            "done": done,
            "aim": aim,
            "then": what_if(items, order, held),
            "areas": areas,
            "group_names": {group.id: group.name for group in made.groups},
            "texts": {verdict.criterion: verdict for item in items for verdict in item.verdicts},
            "gaps": missing,
            "effort": sum(step.effort for step in made.roadmap[:done]),
            "efforts": EFFORTS,
            "command": api_command(f"/assessments/{record.seq}/roadmap"),
        },
    )


@shows("/assessments/{seq:int}/proofs", slow=True)
def proofs(ask: Ask) -> Shown:
    record, made, values = opened(ask)
    found = ask.desk.grades.proofs(ask.visitor.standing, record.seq)
    level = ask.text("level") if ask.text("level") in dict(made.levels) else ""
    shown = [one for one in found if not level or one.level == level]
    return Shown(
        "assessment_proofs.html",
        {
            **values,
            "proofs": shown,
            "counts": Counter(one.state for one in shown),
            "states": PROOF_STATES,
            "kinds": PROOF_KINDS,
            "part": level,
            "names": {item.id: item.name for item in made.every_item()},
            "command": api_command(f"/assessments/{record.seq}/proofs"),
        },
    )


@shows("/assessments/{seq:int}/changes", slow=True)
def changes(ask: Ask) -> Shown:
    record, made, values = opened(ask)
    before, _, items, rules = ask.desk.grades.compare(ask.visitor.standing, ask.number("before"), record.seq)
    return Shown(
        "assessment_changes.html",
        {
            **values,
            "before": before,
            "practice": [one for one in items if one.practice_changed],
            "by_rule": [one for one in items if one.rule_changed],
            "rules": rules,
            "names": {item.id: item.name for item in made.every_item()},
            "item_of": {verdict.criterion: item.id for item in made.every_item() for verdict in item.verdicts},
            "command": api_command(f"/assessments/{record.seq}/changes?before={before.seq}"),
        },
    )


@shows("/nodes/{node:int}/grades", slow=True)
def heat(ask: Ask) -> Shown:
    node, ancestors = find(ask, ask.numbers["node"])
    pack = ask.text("pack") or DEFAULT
    file = ask.desk.grades.pack(pack)
    rows = ask.desk.grades.heat(ask.visitor.standing, node.id, pack)
    newest: dict[str, Record] = {}
    for one in ask.desk.grades.records(ask.visitor.standing, node.path, pack):
        newest.setdefault(one.path, one)
    return Shown(
        "assessment_map.html",
        {
            "node": node,
            "ancestors": ancestors,
            "links_itself": True,
            "pack": file,
            "packs": ask.desk.grades.packs(),
            "rows": rows,
            "newest": newest,
            "levels": {level.id: level.name for level in file.pack.levels},
            "order": [level.id for level in file.pack.levels],
            "command": api_command(f"/nodes/{node.id}/grades?pack={pack}"),
        },
    )


PART = (roadmap, proofs, changes, heat)
