"""Assessments: the packs, the grades that were recorded, each open down to numbers and events, and what they say."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call, Raw
from plumbline.api.fields import END, Count, Id, Limit, Line, Name
from plumbline.api.route import route
from plumbline.flow.assessments import packs, plans, records
from plumbline.flow.assessments.assess_ledger import Record
from plumbline.flow.assessments.assess_node import assess_node
from plumbline.flow.assessments.bundle import export_assessment
from plumbline.flow.assessments.heat import view_grades
from plumbline.flow.assessments.records import list_node_assessments, view_assessment, view_item
from plumbline.flow.assessments.reports import tell_report
from plumbline.kernel import language, t
from plumbline.maturity import ItemChange, Pack, Proof, RuleChange, gaps, what_if
from plumbline.model.assessment import Assessment, ItemGrade, Step, StepPlan, Verdict
from plumbline.model.words import Words

Level = Annotated[str, Meta(max_length=50, pattern=rf"^[^\x00-\x1f\x7f]*{END}")]
Effort = Annotated[int, Meta(ge=0, le=10_000, description="How many steps of the roadmap are imagined as done.")]


class PackView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    version: str
    digest: str
    name: Words
    notice: Words
    items: Count
    criteria: Count


class PackList(msgspec.Struct, frozen=True, kw_only=True):
    packs: list[PackView]


class PackDetail(msgspec.Struct, frozen=True, kw_only=True):
    digest: str
    pack: Pack


class Finding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``standard``: id of a pack; empty: of all."""

    standard: Line = ""
    limit: Limit = 50


class RecordList(msgspec.Struct, frozen=True, kw_only=True):
    assessments: list[Record]


class AssessmentWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``refresh``: look at the repository first, so that what it tells is in the ledger."""

    pack: Name
    refresh: bool = True


class AssessmentDetail(msgspec.Struct, frozen=True, kw_only=True):
    record: Record
    assessment: Assessment


class Imagined(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``done``: so many steps. ``to``: what is missing in each item up to this level; empty: up to its next one."""

    done: Effort = 0
    to: Level = ""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    level: str
    verdict: Verdict


class Roadmap(msgspec.Struct, frozen=True, kw_only=True):
    """``then``: the level if the first ``done`` steps were done. ``showable``: the level that could be shown with what
    is connected. ``unrecognised``: open criteria that this version cannot see; no step leads there.
    ``plans``: who takes which step, as it stands now; a step has what was said before the assessment."""

    now: str
    showable: str
    ceiling: str
    then: str
    steps: list[Step]
    gaps: list[Gap]
    unrecognised: list[str]
    plans: list[StepPlanView]


class PlanWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of the step that brings an item up to a level. ``due``: a day, as 2027-12-31. Both empty: nobody takes it."""

    pack: Name
    item: Name
    level: Level
    owner: Line = ""
    due: Line = ""


class StepPlanView(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    level: str
    owner: str
    due: str


class Since(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    before: Id  # number of the earlier assessment


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What changed in practice, by exemptions and statements, and in the rule."""

    before: Record
    after: Record
    items: list[ItemChange]
    rules: list[RuleChange]


class WithPack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pack: Name = "continuous-delivery"


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    group: str
    level: str
    showable: str
    ceiling: str


class HeatRow(msgspec.Struct, frozen=True, kw_only=True):
    node: Id
    path: str
    level: str
    showable: str
    ceiling: str
    groups: list[Cell]


class HeatMap(msgspec.Struct, frozen=True, kw_only=True):
    """Grades as they would be now: nothing is recorded."""

    pack: str
    rows: list[HeatRow]


class ProofList(msgspec.Struct, frozen=True, kw_only=True):
    """``state``: shown by events, a statement on file, a statement wanted, no records, or to be shown live."""

    proofs: list[Proof]


@route("GET", "/packs", t("The packs that assessments can be made with."), use_case=use_cases.LIST_PACKS)
def list_packs(call: Call) -> PackList:
    found = packs.list_packs(call.actor, call.tools.assessments)
    return PackList(packs=[_pack(file.pack, file.digest) for file in found])


@route("GET", "/packs/{pack}", t("One pack: its levels, items, criteria, signals and thresholds."),
       use_case=use_cases.LIST_PACKS)  # fmt: skip
def get_pack(call: Call, pack: Name) -> PackDetail:
    found = packs.view_pack(call.actor, call.tools.assessments, pack)
    return PackDetail(digest=found.digest, pack=found.pack)


@route("GET", "/nodes/{node}/assessments", t("Assessments of a node and of what is below it, the newest first."),
       use_case=use_cases.LIST_NODE_ASSESSMENTS)  # fmt: skip
def list_assessments(call: Call, node: Id, query: Finding) -> RecordList:
    found = list_node_assessments(call.actor, call.tools.assessments, node, query.standard)
    return RecordList(assessments=list(found[: query.limit]))


@route("POST", "/nodes/{node}/assessments", t("Assess a node now; the result is recorded in the ledger."), status=201,
       refusals=(409, 422), use_case=use_cases.RUN_ASSESSMENT)  # fmt: skip
def create_assessment(call: Call, node: Id, body: AssessmentWrite) -> Record:
    return assess_node(call.actor, call.tools.assessments, node, body.pack, refresh=body.refresh).record


@route("GET", "/assessments/{seq}", t("One assessment, computed again from the ledger."), slow=True, refusals=(409,),
       use_case=use_cases.VIEW_ASSESSMENT)  # fmt: skip
def get_assessment(call: Call, seq: Id) -> AssessmentDetail:
    opened = view_assessment(call.actor, call.tools.assessments, seq)
    return AssessmentDetail(record=opened.record, assessment=opened.assessment)


@route("GET", "/assessments/{seq}/items/{item}", t("One item with every criterion, its numbers and its events."),
       slow=True, refusals=(409,), use_case=use_cases.VIEW_ASSESSMENT)  # fmt: skip
def get_assessment_item(call: Call, seq: Id, item: Name) -> ItemGrade:
    return view_item(call.actor, call.tools.assessments, seq, item).item


@route("GET", "/assessments/{seq}/roadmap", t("What is missing, and in which order it is done with the least effort."),
       slow=True, refusals=(409,), use_case=use_cases.VIEW_ASSESSMENT)  # fmt: skip
def get_roadmap(call: Call, seq: Id, query: Imagined) -> Roadmap:
    opened = view_assessment(call.actor, call.tools.assessments, seq)
    made = opened.assessment
    planned = plans.list_plans(call.actor, call.tools.assessments, opened.node, made.pack)
    held = {id_ for step in made.roadmap[: query.done] for id_ in step.criteria}
    items = made.every_item()
    missing = [(item.id, *gap) for item in items if item.applies for gap in gaps(item, query.to)]
    return Roadmap(
        now=made.level,
        showable=made.showable,
        ceiling=made.ceiling,
        then=what_if(items, [level for level, _ in made.levels], held),
        steps=list(made.roadmap),
        gaps=[Gap(item=item, level=level, verdict=verdict) for item, level, verdict in missing],
        unrecognised=list(made.unrecognised),
        plans=[
            StepPlanView(item=item, level=level, owner=one.owner, due=one.due) for (item, level), one in planned.items()
        ],
    )


@route("PUT", "/nodes/{node}/roadmap", t("Say who takes a step of a node's roadmap, and by when."), status=204,
       refusals=(409, 422), use_case=use_cases.PLAN_STEP)  # fmt: skip
def plan_step(call: Call, node: Id, body: PlanWrite) -> None:
    plan = StepPlan(owner=body.owner, due=body.due)
    plans.plan_step(call.actor, call.tools.assessments, node, body.pack, body.item, body.level, plan)


@route("GET", "/assessments/{seq}/changes",
       t("What changed since an earlier assessment: practice, exemptions and statements, and rule apart."),
       slow=True, refusals=(409,), use_case=use_cases.VIEW_ASSESSMENT)  # fmt: skip
def compare_assessments(call: Call, seq: Id, query: Since) -> Comparison:
    found = records.compare_assessments(call.actor, call.tools.assessments, query.before, seq)
    return Comparison(before=found.before, after=found.after, items=list(found.items), rules=list(found.rules))


@route("GET", "/nodes/{node}/grades", t("What the systems and projects below a node would be graded now."), slow=True,
       use_case=use_cases.VIEW_GRADES)  # fmt: skip
def get_heat_map(call: Call, node: Id, query: WithPack) -> HeatMap:
    rows = [
        HeatRow(
            node=one.node.id,
            path=one.node.path,
            level=one.grade.level,
            showable=one.grade.showable,
            ceiling=one.grade.ceiling,
            groups=[
                Cell(group=each.id, level=each.level, showable=each.showable, ceiling=each.ceiling)
                for each in one.grade.groups
            ],
        )
        for one in view_grades(call.actor, call.tools.assessments, node, query.pack)
    ]
    return HeatMap(pack=query.pack, rows=rows)


@route("GET", "/assessments/{seq}/proofs", t("The proofs that assessors ask to see, and where each comes from."),
       slow=True, refusals=(409,), use_case=use_cases.VIEW_ASSESSMENT)  # fmt: skip
def list_proofs(call: Call, seq: Id) -> ProofList:
    return ProofList(proofs=list(records.list_proofs(call.actor, call.tools.assessments, seq)))


@route("GET", "/assessments/{seq}/bundle", t("All that it takes to compute an assessment again elsewhere."), slow=True,
       refusals=(409,), media="application/zip", use_case=use_cases.EXPORT_ASSESSMENT)  # fmt: skip
def get_bundle(call: Call, seq: Id) -> Raw:
    data = export_assessment(call.actor, call.tools.assessments, seq)
    return _file(data, "application/zip", f"assessment-{seq}.zip")


@route("GET", "/assessments/{seq}/report.html", t("The report on an assessment as one page of HTML."), slow=True,
       refusals=(409,), media="text/html", use_case=use_cases.VIEW_ASSESSMENT)  # fmt: skip
def get_report(call: Call, seq: Id) -> Raw:
    return _file(_report(call, seq, "html"), "text/html; charset=utf-8", f"assessment-{seq}.html")


@route("GET", "/assessments/{seq}/report.pdf", t("The report on an assessment as PDF."), slow=True, refusals=(409,),
       media="application/pdf", use_case=use_cases.VIEW_ASSESSMENT)  # fmt: skip
def get_report_pdf(call: Call, seq: Id) -> Raw:
    return _file(_report(call, seq, "pdf"), "application/pdf", f"assessment-{seq}.pdf")


def _report(call: Call, seq: int, form: str) -> bytes:
    opened = view_assessment(call.actor, call.tools.assessments, seq)
    tell_report(call.actor, call.tools.assessments, opened, form)
    return call.tools.render_assessment(opened.assessment, language(), form)


def _file(data: bytes, media: str, name: str) -> Raw:
    return Raw(data, media, headers=(("Content-Disposition", f'attachment; filename="{name}"'),))


def _pack(pack: Pack, digest: str) -> PackView:
    return PackView(
        id=pack.id,
        version=pack.version,
        digest=digest,
        name=pack.name,
        notice=pack.notice,
        items=len(pack.every_item()),
        criteria=sum(len(item.criteria) for item in pack.every_item()),
    )


PART = (
    list_packs,
    get_pack,
    list_assessments,
    create_assessment,
    get_assessment,
    get_assessment_item,
    get_roadmap,
    plan_step,
    compare_assessments,
    get_heat_map,
    list_proofs,
    get_bundle,
    get_report,
    get_report_pdf,
)
