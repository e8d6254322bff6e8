"""Grades: of a node over time, one assessment, one of its items down to the events, and files of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from plumbline.access import use_cases
from plumbline.flow.assessments.assess_node import assess_node
from plumbline.flow.assessments.bundle import export_assessment
from plumbline.flow.assessments.packs import list_packs, view_pack
from plumbline.flow.assessments.records import list_assessments, list_node_assessments, view_assessment, view_item
from plumbline.flow.assessments.report import hand_out_report
from plumbline.kernel import language, t
from plumbline.maturity import EFFORTS, LACKS
from plumbline.model.assessment import Judgement
from plumbline.model.tree import NodeKind
from plumbline.web.assessments import DEFAULT, node_of, values_of
from plumbline.web.charts import radar_of, trend_of
from plumbline.web.outcomes import KINDS as RULES
from plumbline.web.outcomes import SOURCES
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, does, shows
from plumbline.web.places import Entry, Group, Where
from plumbline.web.tree import KINDS, part_of_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.judging import Signal
    from plumbline.maturity import PackFile
    from plumbline.model.assessment import Assessment, Finding, ItemGrade, Verdict
    from plumbline.model.fact import Cited

_DRAWN = "M2.5 13.5h11M4 13V9M8 13V5M12 13V2.5"
CITED = 12  # events of one finding that the page links to, unless all are asked for
_FILES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A finding with the threshold's origin, and where its events stand in the ledger."""

    finding: Finding
    signal: Signal | None
    entries: tuple[int, ...]
    more: int


@shows(
    "/assessments",
    slow=True,
    use_case=(use_cases.LIST_ASSESSMENTS, use_cases.LIST_NODE_ASSESSMENTS, use_cases.LIST_PACKS),
    entries=(
        Entry("assessments", t("Assessments"), Group.GRADE, address="/assessments?node={node}", drawn=_DRAWN),
        Entry("assessments", t("Assessments"), Group.GRADE, Where.ESTATE, drawn=_DRAWN),
    ),
)
def index(ask: Ask) -> Shown:
    tools = ask.tools.assessments
    pack = view_pack(ask.actor, tools, ask.text("pack") or DEFAULT)
    node = ask.number("node")
    values = _of_node(ask, node, pack) if node else _of_all(ask, pack)
    return Shown("assessments.html", {**values, "packs": list_packs(ask.actor, tools), "pack": pack})


def _of_all(ask: Ask, pack: PackFile) -> dict[str, object]:
    found = list_assessments(ask.actor, ask.tools.assessments, pack.pack.id)
    records = {one.node.id: one.record for one in found}
    find = ask.text("find").strip()
    part = part_of_tree([one.node for one in found], find)
    rows = [(node, depth, KINDS[node.kind], records[node.id], below) for node, depth, below in part.rows]
    values = {"rows": rows, "find": find, "cut": part.cut, "whole": len(found)}
    return {"node": None, **values, "command": api_command("/packs")}


def _of_node(ask: Ask, number: int, pack: PackFile) -> dict[str, object]:
    here, values = node_of(ask, number)
    every = list_node_assessments(ask.actor, ask.tools.assessments, number)
    own = [one for one in every if one.path == here.node.path and one.standard == pack.pack.id]
    return {
        **values,
        "project": here.node.kind is NodeKind.PROJECT,
        "records": own,
        "others": sorted({one.standard for one in every if one.path == here.node.path} - {pack.pack.id}),
        "trend": trend_of(own, [level.id for level in pack.pack.levels]),
        "levels": {level.id: level.name for level in pack.pack.levels},
        "may_run": here.assesses,
        "command": api_command(f"/nodes/{number}/assessments?standard={pack.pack.id}"),
    }


@does("/nodes/{node:int}/assess", use_case=use_cases.RUN_ASSESSMENT)
def run(ask: Ask) -> Redirect:
    made = assess_node(ask.actor, ask.tools.assessments, ask.numbers["node"], ask.text("pack") or DEFAULT)
    return Redirect(f"/assessments/{made.record.seq}")


@shows("/assessments/{seq:int}", slow=True, use_case=use_cases.VIEW_ASSESSMENT, inside="assessments")
def one(ask: Ask) -> Shown:
    found = view_assessment(ask.actor, ask.tools.assessments, ask.numbers["seq"])
    record, made = found.record, found.assessment
    same = list_node_assessments(ask.actor, ask.tools.assessments, found.node, record.standard)
    asked = {name: ask.text(name) for name in ("level", "outcome")}
    return Shown(
        "assessment.html",
        {
            **values_of(ask, found),
            "counts": _counts(made),
            "asked": asked,
            "chosen": _chosen(made, **asked),
            "radar": radar_of(made),
            "earlier": [each for each in same if each.path == record.path and each.seq < record.seq],
            "command": api_command(f"/assessments/{record.seq}"),
        },
    )


def _counts(made: Assessment) -> list[tuple[str, Counter[Judgement], int]]:
    """For each level how its criteria came out, and in how many items it is held."""
    found: dict[str, Counter[Judgement]] = {level: Counter() for level, _ in made.levels}
    held: Counter[str] = Counter()
    for item in made.every_item():
        for level in item.levels if item.applies else ():
            found[level.level].update(verdict.outcome for verdict in level.verdicts if verdict.required)
        held.update(level for level, _ in made.levels if item.applies and _reached(item.level, level, list(found)))
    return [(level, found[level], held[level]) for level in found]


def _chosen(made: Assessment, level: str, outcome: str) -> list[tuple[ItemGrade, Verdict]]:
    """The criteria behind one of the counts; none where no count is asked for."""
    return [
        (item, verdict)
        for item in made.every_item()
        for part in (item.levels if item.applies else ())
        for verdict in part.verdicts
        if part.level == level and verdict.required and verdict.outcome == outcome
    ]


def _reached(level: str, wanted: str, order: list[str]) -> bool:
    return level in order and order.index(level) >= order.index(wanted)


@shows("/assessments/{seq:int}/items/{item}", slow=True, use_case=use_cases.VIEW_ASSESSMENT, inside="assessments")
def item(ask: Ask) -> Shown:
    limit = None if ask.text("all") == "1" else CITED
    shown = view_item(ask.actor, ask.tools.assessments, ask.numbers["seq"], ask.part("item"), limit)
    found, pack = shown.item, shown.pack
    names = {verdict.criterion: verdict.text for verdict in found.verdicts}
    evidence = {verdict.criterion: _evidence(verdict, pack, shown.entries, limit) for verdict in found.verdicts}
    return Shown(
        "assessment_item.html",
        {
            **values_of(ask, shown.opened),
            "item": found,
            "names": names,
            "evidence": evidence,
            "opens": shown.opens,
            "notes": original.notes if pack and (original := pack.pack.item(found.id)) else (),
            "efforts": EFFORTS,
            "lacks": LACKS,
            "sources": SOURCES,
            "rules": RULES,
            "command": api_command(f"/assessments/{shown.opened.record.seq}/items/{found.id}"),
        },
    )


def _evidence(
    verdict: Verdict, pack: PackFile | None, entries: Mapping[Cited, int], limit: int | None
) -> list[Evidence]:
    rule = pack.criteria.get(verdict.criterion) if pack else None
    signals: list[Signal | None] = list(rule[2].signals) if rule else []
    signals += [None] * (len(verdict.findings) - len(signals))
    found = []
    for finding, signal in zip(verdict.findings, signals, strict=False):
        shown = finding.fact.cited[:limit]
        places = tuple(entries[cited] for cited in shown if cited in entries)
        found.append(Evidence(finding, signal, places, finding.fact.events - len(shown)))
    return found


@shows("/assessments/{seq:int}/bundle", slow=True, use_case=use_cases.EXPORT_ASSESSMENT, inside="assessments")
def bundle(ask: Ask) -> Raw:
    seq = ask.numbers["seq"]
    return _file(export_assessment(ask.actor, ask.tools.assessments, seq), "application/zip", f"assessment-{seq}.zip")


@shows("/assessments/{seq:int}/report.html", slow=True, use_case=use_cases.VIEW_ASSESSMENT, inside="assessments")
def report_html(ask: Ask) -> Raw:
    return _report(ask, "html")


@shows("/assessments/{seq:int}/report.pdf", slow=True, use_case=use_cases.VIEW_ASSESSMENT, inside="assessments")
def report_pdf(ask: Ask) -> Raw:
    return _report(ask, "pdf")


def _report(ask: Ask, kind: str) -> Raw:
    seq, form = ask.numbers["seq"], "short" if ask.text("form") == "short" else "full"
    found = hand_out_report(ask.actor, ask.tools.assessments, seq, f"{form} {kind}")
    made = ask.tools.render_assessment(found.assessment, language(), kind, form, replace(found.beside, zone=ask.zone))
    return _file(made.data, _FILES[kind], f"assessment-{seq}{'' if form == 'full' else '-short'}.{kind}")


def _file(data: bytes, media: str, name: str) -> Raw:
    return Raw(data, media, {"Content-Disposition": f'attachment; filename="{name}"'})


PART = (index, run, one, item, bundle, report_html, report_pdf)
