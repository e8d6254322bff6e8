"""Grades: of a node over time, one assessment, one of its items down to the events, and files of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.access import Permission
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.maturity import EFFORTS, LACKS
from plumbline.model.assessment import Judgement
from plumbline.model.tree import INSTANCE, NodeKind
from plumbline.web.charts import radar_of, trend_of
from plumbline.web.outcomes import KINDS as RULES
from plumbline.web.outcomes import SOURCES
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, does, shows
from plumbline.web.tree import KINDS, ancestors_of, find

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.flow.assessments.grades import Record
    from plumbline.judging import Signal
    from plumbline.maturity import PackFile
    from plumbline.model.assessment import Assessment, Finding, Verdict

DEFAULT = "continuous-delivery"
CITED = 12  # events of one finding that the page links to, unless all are asked for
_FILES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A finding with the threshold's origin, and where its events stand in the ledger."""

    finding: Finding
    signal: Signal | None
    entries: tuple[int, ...]
    more: int


@shows("/assessments", slow=True)
def index(ask: Ask) -> Shown:
    pack = ask.text("pack") or DEFAULT
    node = ask.number("node")
    values = {"packs": ask.desk.grades.packs(), "pack": ask.desk.grades.pack(pack)}
    return _of_node(ask, node, values) if node else _of_all(ask, values)


def _of_all(ask: Ask, values: Mapping[str, object]) -> Shown:
    nodes = ask.desk.nodes(ask.visitor)
    by_id = {node.id: node for node in nodes}
    newest: dict[str, Record] = {}
    for one in ask.desk.grades.records(ask.visitor.standing, standard=values["pack"].pack.id):  # type: ignore[attr-defined]
        newest.setdefault(one.path, one)
    rows = [
        (node, min(6, len(ancestors_of(node, by_id)) - 1), KINDS[node.kind], newest.get(node.path)) for node in nodes
    ]
    return Shown("assessments.html", {**values, "node": None, "rows": rows, "command": api_command("/packs")})


def _of_node(ask: Ask, number: int, values: Mapping[str, object]) -> Shown:
    node, ancestors = find(ask, number)
    pack: PackFile = values["pack"]  # type: ignore[assignment]
    every = ask.desk.grades.records(ask.visitor.standing, node.path)
    own = [one for one in every if one.path == node.path and one.standard == pack.pack.id]
    return Shown(
        "assessments.html",
        {
            **values,
            "node": node,
            "ancestors": ancestors,
            "links_itself": True,
            "project": node.kind is NodeKind.PROJECT,
            "records": own,
            "others": sorted({one.standard for one in every if one.path == node.path} - {pack.pack.id}),
            "trend": trend_of(own, [level.id for level in pack.pack.levels]),
            "levels": {level.id: level.name for level in pack.pack.levels},
            "may_run": ask.desk.may(ask.visitor, Permission.ASSESSMENT_RUN, node.id),
            "command": api_command(f"/nodes/{node.id}/assessments?standard={pack.pack.id}"),
        },
    )


@does("/nodes/{node:int}/assess")
def run(ask: Ask) -> Redirect:
    made = ask.desk.grades.assess(ask.visitor.standing, ask.numbers["node"], ask.text("pack") or DEFAULT)
    return Redirect(f"/assessments/{made.seq}")


@shows("/assessments/{seq:int}", slow=True)
def one(ask: Ask) -> Shown:
    record, made, values = opened(ask)
    same = [
        each
        for each in ask.desk.grades.records(ask.visitor.standing, record.path, record.standard)
        if each.path == record.path
    ]
    return Shown(
        "assessment.html",
        {
            **values,
            "counts": _counts(made),
            "radar": radar_of(made),
            "earlier": [each for each in same if each.seq < record.seq],
            "exports": ask.desk.may(ask.visitor, Permission.LEDGER_EXPORT, values["node"].id if values["node"] else 0),  # type: ignore[attr-defined]
            "command": api_command(f"/assessments/{record.seq}"),
        },
    )


def opened(ask: Ask) -> tuple[Record, Assessment, dict[str, object]]:
    """An assessment, and what every page about it shows."""
    record, made = ask.desk.grades.assessment(ask.visitor.standing, ask.numbers["seq"])
    nodes = ask.desk.nodes(ask.visitor)
    node = next((each for each in nodes if each.path == record.path), None)
    levels = dict(made.levels)
    values: dict[str, object] = {
        "record": record,
        "made": made,
        "node": node,
        "ancestors": ancestors_of(node, {each.id: each for each in nodes}) if node else (),
        "links_itself": True,
        "levels": levels,
        "order": list(levels),
        "reads": ask.desk.may(ask.visitor, Permission.LEDGER_READ, INSTANCE),
    }
    return record, made, values


def _counts(made: Assessment) -> list[tuple[str, Counter[Judgement], int]]:
    """For each level how its criteria came out, and in how many items it is held."""
    found: dict[str, Counter[Judgement]] = {level: Counter() for level, _ in made.levels}
    held: Counter[str] = Counter()
    for item in made.every_item():
        for level in item.levels if item.applies else ():
            found[level.level].update(verdict.outcome for verdict in level.verdicts if verdict.required)
        held.update(level for level, _ in made.levels if item.applies and _reached(item.level, level, list(found)))
    return [(level, found[level], held[level]) for level in found]


def _reached(level: str, wanted: str, order: list[str]) -> bool:
    return level in order and order.index(level) >= order.index(wanted)


@shows("/assessments/{seq:int}/items/{item}", slow=True)
def item(ask: Ask) -> Shown:
    record, made, values = opened(ask)
    found = next((each for each in made.every_item() if each.id == ask.part("item")), None)
    if found is None:
        message = t("There is no item '{item}' in assessment {seq}.", item=ask.part("item"), seq=record.seq)
        raise PlumblineError("not-found", message, kind=ErrorKind.REFUSED)
    pack = ask.desk.grades.pack_of(record)
    limit = None if ask.text("all") == "1" else CITED
    names = {verdict.criterion: verdict.text for verdict in found.verdicts}
    return Shown(
        "assessment_item.html",
        {
            **values,
            "item": found,
            "names": names,
            "evidence": {verdict.criterion: _evidence(ask, verdict, pack, limit) for verdict in found.verdicts},
            "notes": original.notes if pack and (original := pack.pack.item(found.id)) else (),
            "efforts": EFFORTS,
            "lacks": LACKS,
            "sources": SOURCES,
            "rules": RULES,
            "grants": _may_about(ask, values, Permission.EXCEPTION_GRANT),
            "writes": _may_about(ask, values, Permission.STATEMENT_WRITE),
            "command": api_command(f"/assessments/{record.seq}/items/{found.id}"),
        },
    )


def _may_about(ask: Ask, values: Mapping[str, object], permission: Permission) -> bool:
    node = values["node"]
    return node is not None and ask.desk.may(ask.visitor, permission, node.id)  # type: ignore[attr-defined]


def _evidence(ask: Ask, verdict: Verdict, pack: PackFile | None, limit: int | None) -> list[Evidence]:
    rule = pack.criteria.get(verdict.criterion) if pack else None
    signals: list[Signal | None] = list(rule[2].signals) if rule else []
    signals += [None] * (len(verdict.findings) - len(signals))
    found = []
    for finding, signal in zip(verdict.findings, signals, strict=False):
        shown = finding.fact.cited[:limit]
        entries = tuple(seq for cited in shown if (seq := ask.desk.entry_of(cited)))
        found.append(Evidence(finding, signal, entries, finding.fact.events - len(shown)))
    return found


@shows("/assessments/{seq:int}/bundle", slow=True)
def bundle(ask: Ask) -> Raw:
    seq = ask.numbers["seq"]
    return _file(ask.desk.grades.bundle(ask.visitor.standing, seq), "application/zip", f"assessment-{seq}.zip")


@shows("/assessments/{seq:int}/report.html", slow=True)
def report_html(ask: Ask) -> Raw:
    return _report(ask, "html")


@shows("/assessments/{seq:int}/report.pdf", slow=True)
def report_pdf(ask: Ask) -> Raw:
    return _report(ask, "pdf")


def _report(ask: Ask, form: str) -> Raw:
    seq = ask.numbers["seq"]
    return _file(ask.desk.report(ask.visitor, seq, form), _FILES[form], f"assessment-{seq}.{form}")


def _file(data: bytes, media: str, name: str) -> Raw:
    return Raw(data, media, {"Content-Disposition": f'attachment; filename="{name}"'})


PART = (index, run, one, item, bundle, report_html, report_pdf)
