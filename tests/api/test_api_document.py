"""The document of the API is what programs rely on: what differs from version 0.1 is meant to, and named."""

from __future__ import annotations

import json
from pathlib import Path

from plumbline.adapters.forges import forges
from plumbline.api.app import all_routes
from plumbline.api.openapi import document

BEFORE = (Path(__file__).parents[1] / "cases" / "api" / "document-0.1.txt").read_text("utf-8").splitlines()
ADDED = {
    # What forges are told of gates, and the words for the job that asks.
    "GET /api/v1/projects/{project}/tellings",
    "POST /api/v1/jobs/gate/words",
    *(f"schema {name}" for name in ("GateWordsAsk", "TellingList", "TellingView")),
    # What packs of other frameworks say besides.
    *(f"schema {name}" for name in ("CrossReference", "Framework", "FrameworkName", "RetiredRequirement")),
    # Policies, what gates said by them, and waivers.
    "GET /api/v1/evaluations/{evaluation}",
    "GET /api/v1/evaluations/{evaluation}/export",
    "GET /api/v1/nodes/{node}/evaluations",
    "GET /api/v1/nodes/{node}/policies",
    "GET /api/v1/nodes/{node}/policies/{name}",
    "GET /api/v1/nodes/{node}/waivers",
    "GET /api/v1/pipelines/{pipeline}/gates",
    "GET /api/v1/projects/{project}/gates",
    "GET /api/v1/waivers/{waiver}",
    "POST /api/v1/evaluations/{evaluation}/replay",
    "POST /api/v1/jobs/gate",
    "POST /api/v1/nodes/{node}/policies/check",
    "POST /api/v1/nodes/{node}/policies/{name}/retire",
    "POST /api/v1/nodes/{node}/waivers",
    "POST /api/v1/pipelines/{pipeline}/policies/try",
    "POST /api/v1/projects/{project}/gates",
    "POST /api/v1/waivers/{waiver}/decide",
    "POST /api/v1/waivers/{waiver}/end",
    "PUT /api/v1/nodes/{node}/policies",
    *(
        f"schema {name}"
        for name in (
            "ActChoice",
            "CheckView",
            "CheckedPolicyView",
            "CommitChoice",
            "EvaluationChoice",
            "EvaluationList",
            "EvaluationView",
            "FactView",
            "GateAct",
            "GateAnswerView",
            "GateAsk",
            "JobAsk",
            "MissingSlot",
            "PolicyCheck",
            "PolicyDetail",
            "PolicyList",
            "PolicyRetire",
            "PolicyTry",
            "PolicyVersion",
            "PolicyView",
            "PolicyWrite",
            "ReplayView",
            "SubjectsView",
            "TextProblem",
            "WaiverAsk",
            "WaiverChoice",
            "WaiverDecision",
            "WaiverList",
            "WaiverState",
            "WaiverView",
        )
    ),
    # Artifacts by digest, with their whole story.
    "GET /api/v1/artifacts",
    "GET /api/v1/pipelines/{pipeline}/artifacts",
    "GET /api/v1/projects/{project}/artifacts/{digest}",
    "schema ArtifactRow",
    "schema Sought",
    "schema MadeArtifact",
    "schema ArtifactList",
    "schema MadeArtifacts",
    "schema ArtifactName",
    "schema ArtifactPart",
    "schema StageView",
    "schema ServedBy",
    "schema PulledBy",
    "schema ArtifactEntry",
    "schema ArtifactView",
    # What tests of a pipeline called of the interfaces that it declares.
    "GET /api/v1/pipelines/{pipeline}/contracts",
    "schema ContractList",
    "schema ContractView",
    "schema Standing",
    "schema TestedOperation",
    "schema UndeclaredOperation",
    # What is said of artifacts under a signature.
    "POST /api/v1/projects/{project}/artifacts/{digest}/verification",
    "POST /api/v1/projects/{project}/artifacts/{digest}/export",
    "GET /api/v1/signing-keys",
    "schema ArtifactVerification",
    "schema AttestationView",
    "schema SigningKeyList",
    "schema SigningKeyView",
    "schema VerificationStep",
    # The signed statement about a run.
    "GET /api/v1/collections/{uid}/statement",
    # What has to be there, and what came of it.
    "GET /api/v1/collections/{uid}",
    "GET /api/v1/collections/{uid}/slot",
    "GET /api/v1/nodes/{node}/collections",
    "GET /api/v1/nodes/{node}/evidence-contracts",
    "GET /api/v1/nodes/{node}/evidence-contracts/{name}",
    "GET /api/v1/pipelines/{pipeline}/evidence",
    "POST /api/v1/collections/{uid}/close",
    "POST /api/v1/evidence",
    "POST /api/v1/nodes/{node}/evidence-contracts/check",
    "POST /api/v1/nodes/{node}/evidence-contracts/{name}/retire",
    "PUT /api/v1/nodes/{node}/evidence-contracts",
    "schema AboutEvidence",
    "schema CameView",
    "schema ClosingReason",
    "schema CollectionList",
    "schema CollectionView",
    "schema ConditionView",
    "schema ContractChecked",
    "schema ContractGiven",
    "schema ContractProblem",
    "schema ContractWrite",
    "schema DeadLine",
    "schema EvidenceAdded",
    "schema EvidenceContractList",
    "schema EvidenceContractView",
    "schema EvidenceView",
    "schema RetiringReason",
    "schema SlotExplained",
    "schema SlotView",
    "schema WantedSlot",
    "schema Which",
    "POST /api/v1/collections/{uid}/statement/export",
    "schema RunStatement",
    "schema StatementCheck",
    # Nodes that move and go, who belongs to them, ledgers taken along, connections tested.
    "DELETE /api/v1/nodes/{node}",
    "GET /api/v1/nodes/{node}/members",
    "schema MemberList",
    "schema MemberView",
    "POST /api/v1/ledger/export",
    "schema LastVerifications",
    "schema RunningView",
    "schema Wanted",
    "POST /api/v1/projects/{project}/repository/test",
    "schema Answered",
    "POST /hooks/{forge}/{project}/outcome",
    "schema Made",
    "schema Pressed",
    # Stars, views of lists, and who is asked for in a list of pipelines.
    "DELETE /api/v1/me/views/{shelf}",
    "DELETE /api/v1/nodes/{node}/star",
    "GET /api/v1/me/stars",
    "GET /api/v1/me/views/{shelf}",
    "PUT /api/v1/me/views/{shelf}",
    "PUT /api/v1/nodes/{node}/star",
    "schema Event",
    "schema StarList",
    "schema View",
    "schema ViewList",
    "schema ViewName",
    "GET /api/v1/projects/{project}/proposal",
    "POST /api/v1/projects/{project}/proposal",
    "schema ProposalView",
    "schema StackView",
    "schema WithImages",
    "POST /api/v1/nodes/{node}/drills",
    "schema DrillWrite",
    "schema Late",
    "PUT /api/v1/nodes/{node}/roadmap",
    "schema StepPlanView",
    "schema PlanWrite",
    "schema StepNeed",
    "schema NeedKind",
    "schema WithForm",
    "schema Changed",
    "schema Exempted",
    "schema Laid",
    "GET /api/v1/people/{person}/identities",
    "PUT /api/v1/people/{person}/identities",
    "DELETE /api/v1/people/{person}/identities",
    "schema Alias",
    "schema Identity",
    "schema IdentityList",
    "GET /api/v1/ledger/checkpoints",
    "POST /witness/add-checkpoint",
    "schema CheckpointList",
    "schema CosignatureView",
    "schema CosignedCheckpoint",
    "schema Newest",
    "schema PlaceView",
    "GET /api/v1/projects/{project}/resource_groups",
    "PUT /api/v1/projects/{project}/resource_groups/{name}",
    *(f"{verb} /api/v1/sources/{{source}}" for verb in ("GET", "PUT", "DELETE")),
    "GET /api/v1/nodes/{node}/sources",
    "POST /api/v1/nodes/{node}/sources",
    "POST /api/v1/sources/{source}/renew",
    "POST /api/v1/events",
    *(
        f"schema {name}"
        for name in (
            "EventResult",
            "EventResults",
            "KindState",
            "RefusalState",
            "Renewal",
            "SenderView",
            "SourceDetail",
            "SourceKind",
            "SourceList",
            "SourceName",
            "SourceNew",
            "SourceSecret",
            "SourceState",
            "SourceWrite",
        )
    ),
    # Reports, test cases, findings.
    "DELETE /api/v1/projects/{project}/tests/{case}/quarantine",
    "GET /api/v1/findings/{finding}",
    "GET /api/v1/nodes/{node}/findings",
    "GET /api/v1/nodes/{node}/standings",
    *(f"GET /api/v1/pipelines/{{pipeline}}/{what}" for what in ("coverage", "reports", "summary", "tests")),
    "GET /api/v1/projects/{project}/quarantines",
    "GET /api/v1/projects/{project}/scans",
    "GET /api/v1/projects/{project}/tests/{case}",
    "GET /api/v1/reports/{report}",
    "POST /api/v1/decisions/{decision}/approve",
    "POST /api/v1/decisions/{decision}/reject",
    "POST /api/v1/events/reports",
    "POST /api/v1/findings/decisions",
    "POST /api/v1/reports",
    "PUT /api/v1/projects/{project}/tests/{case}/quarantine",
    *(
        f"schema {name}"
        for name in (
            *("AboutReport", "AboutSent", "CaseChange", "CaseChoice", "CaseList", "CaseOrder", "CaseOutcome"),
            *("CaseRunView", "CaseStory", "CaseView", "CoverageList", "CoverageState", "CoveredFile"),
            *("DecisionResult", "DecisionResults", "DecisionView", "DecisionWrite", "DefectView", "FailedCase"),
            *("FileView", "FindingChoice", "FindingDetail", "FindingList", "FindingState", "FindingView", "Layer"),
            *("MeasureView", "QuarantineList", "QuarantineView", "QuarantineWrite", "ReportAdded"),
            *("ReportDetailView", "ReportList", "ReportView", "ScanKind", "ScanList", "ScanState", "Severity"),
            *("SightingView", "StandingList", "StandingView", "SummaryView", "TestCounts"),
        )
    ),
    "schema GivenInputs",
    "schema ProcessMode",
    "schema ResourceGroupList",
    "schema ResourceGroupView",
    "schema ResourceGroupWrite",
    # Robots, which pull and push at one project.
    "GET /api/v1/projects/{project}/robots",
    "POST /api/v1/projects/{project}/robots",
    "DELETE /api/v1/projects/{project}/robots/{robot}",
    "schema RobotList",
    "schema RobotView",
    "schema NewRobot",
    "schema MadeRobotView",
}
SCHEDULES = {  # a tag of their own
    "GET /api/v1/projects/{project}/schedules",
    "POST /api/v1/projects/{project}/schedules",
    "PUT /api/v1/schedules/{schedule}",
    "DELETE /api/v1/schedules/{schedule}",
    "POST /api/v1/schedules/{schedule}/play",
}
MEANT: dict[str, tuple[str, str]] = {
    **dict.fromkeys(SCHEDULES, ("[projects]", "[schedules]")),
    **dict.fromkeys(
        ("GET /api/v1/assessments/{seq}/report.html", "GET /api/v1/assessments/{seq}/report.pdf"),
        ("(path:seq) -> 200 401", "(path:seq, query:form) -> 200 400 401"),
    ),
    "POST /api/v1/ledger/events": ("422 503", "422 429 503"),  # so much a second
    "schema Assessment": (
        "ceiling digest groups level levels notice pack pack_digest pack_name pack_version roadmap roll_up scope",
        "by_waivers ceiling digest exempted groups ignored ignored_events late level levels notice overlays pack "
        "pack_digest pack_name pack_version proven roadmap roll_up scope showable unrecognised",
    ),
    # What packs of other frameworks say besides.
    "schema Criterion": (
        "asks effort evidence id kind origin remedy replaced_by signals text",
        "applies_to asks effort evidence id kind origin remedy replaced_by signals state text unbound",
    ),
    "schema Item": ("notes off", "notes off references"),
    # What could be shown with what is connected, and what each step takes.
    "schema Cell": ("level", "level showable"),
    "schema GroupGrade": ("mean name", "mean name showable"),
    "schema HeatRow": ("path", "path showable"),
    "schema ItemGrade": ("name reason", "name reason showable"),
    "schema Record": (
        "grade pack path person result seq standard",
        "grade heard pack path person result seq showable standard subject",
    ),
    "schema Roadmap": ("gaps now steps then", "ceiling gaps now plans showable steps then unrecognised"),
    "schema Scope": ("end subject", "end heard subject"),
    "schema Step": (
        "criteria effort item level lifts name now",
        "criteria due effort item level lifts name needs now owner",
    ),
    "schema Defaults": ("min_sample", "min_sample most_late"),
    "schema StatementOnFile": (
        "StatementOnFile: decision expired files id made path person reviewer text topic until",
        "StatementOnFile: address decision expired files id made path person reviewer text topic undocumented until",
    ),
    "schema StatementWrite": ("StatementWrite: ", "StatementWrite: address "),
    "schema EntryView": ("received", "received sender"),
    "schema Fact": (
        "cited denominator events excluded lack name numerator origin reporter",
        "asked_days cited denominator events excluded lack name numerator observed_days origin reporter sources",
    ),
    "schema Pack": ("format groups id levels", "format framework groups id laid levels"),
    "schema RollUp": ("rule", "most_off rule"),
    "schema ItemChange": ("same_rule", "same_rule same_word"),
    "POST /api/v1/session": ("401 408", "401 403 408"),  # what a page of another site sends
    "PUT /api/v1/nodes/{node}/variables/{name}": ("415 503", "415 422 503"),  # a value too short to be masked
    # Written down and answered at once; what proved itself is taken, whatever comes of it.
    "POST /hooks/{forge}/{project}": ("200 400 401 404 408 409 413 422 503", "200 202 400 401 404 408 409 413 503"),
    "schema Answer": ("outcome pipeline", "delivery outcome pipeline reason"),
    "schema Delivery": (
        "event forge id outcome pipeline project received ref sha",
        "event forge id message number outcome pipeline project reason received ref settled sha tries",
    ),
    # Values for the inputs of a job, as it is played or tried again.
    "POST /api/v1/jobs/{job}/play": ("-> 200 401 403 404 409 503", "-> 200 400 401 403 404 408 409 413 415 422 503"),
    "POST /api/v1/jobs/{job}/retry": ("-> 201 401 403 404 409 503", "-> 201 400 401 403 404 408 409 413 415 422 503"),
    # Of the projects below a node, by what started it and by people.
    "GET /api/v1/pipelines": (
        "query:limit, query:project, query:ref, query:state",
        "query:limit, query:node, query:project, query:ref, query:source, query:state, query:who",
    ),
    "schema Choosing": ("limit project ref state", "limit node project ref source state who"),
    # Who did what, what led to what, and how long people were waited for.
    "GET /api/v1/ledger/entries": ("query:type, query:until)", "query:type, query:until, query:who)"),
    "schema Looking": ("type until", "type until who"),
    "schema JobView": (
        "allow_failure artifacts attempt by due exit_code finished id message name pipeline queued",
        "allow_failure artifacts attempt by canceled_by canceler downstream due exit_code finished id inputs message "
        "name person pipeline pressed queued",
    ),
    "schema PipelineDetail": ("jobs pipeline", "jobs pipeline queued waited worked"),
    "schema PipelineView": (
        "author by created event finished id iid message name project ref sha started state title uid upstream",
        "author by canceled_by canceler created downstream event finished id iid message name project ref schedule sha "
        "started starter state title uid upstream upstream_pipeline",
    ),
    "schema RunnerView": ("alive jobs", "alive held jobs"),
    "schema VerificationView": ("at code", "at by code"),
    # When an exemption ends that names no day.
    "schema ExemptionOnFile": (": expired kind", ": ends expired kind"),
    # Nodes are renamed and moved; an assessment keeps the path of then as its subject.
    "PATCH /api/v1/nodes/{node}": ("404 408 413", "404 408 409 413"),
    "schema NodeChange": ("archived settings title", "archived name parent settings title was"),
    # What came of the last look, and of the last turn.
    "schema RepositoryView": ("default_branch external hook", "default_branch external fault faults hook"),
    "schema ScheduleView": ("last next owner project", "last message next owner pipeline project"),
}


def condensed() -> list[str]:
    """A line for each operation, and one for each schema with its fields."""
    found = json.loads(document(all_routes(), {"forges": tuple(forges())}))
    lines = []
    for path, own in sorted(found["paths"].items()):
        for method, one in own.items():
            parameters = ", ".join(sorted(f"{each['in']}:{each['name']}" for each in one.get("parameters", ())))
            tags, statuses = ", ".join(one["tags"]), " ".join(sorted(one["responses"]))
            lines.append(f"{method.upper()} {path} {one['operationId']} [{tags}] ({parameters}) -> {statuses}")
    schemas = found["components"]["schemas"]
    return [*lines, *(f"schema {name}: {' '.join(sorted(schemas[name].get('properties', {})))}" for name in schemas)]


def key(line: str) -> str:
    return line.partition(":")[0] if line.startswith("schema") else " ".join(line.split(" ")[:2])


def test_what_programs_rely_on_is_as_it_was() -> None:
    before, after = {key(line): line for line in BEFORE}, {key(line): line for line in condensed()}
    for name, (old, new) in MEANT.items():
        before[name] = before[name].replace(old, new)
    assert set(before) - set(after) == set()
    assert set(after) - set(before) == ADDED
    assert {name: after[name] for name in before if after[name] != before[name]} == {}
