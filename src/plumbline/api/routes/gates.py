"""Gates: what they say of a pipeline, a commit or a merge request, what they said before, and why."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call, Raw
from plumbline.api.fields import END, Count, Id, Line, NodeId
from plumbline.api.route import route
from plumbline.api.shown_gates import EvaluationView, GateAnswerView, answer_shown, evaluation_shown
from plumbline.flow.gates import evaluate, history, replay
from plumbline.kernel import t
from plumbline.model.gate import GateAct

Commit = Annotated[str, Meta(pattern=rf"^(?:[0-9a-f]{{40}}|[0-9a-f]{{64}})?{END}")]
Number = Annotated[str, Meta(pattern=rf"^[0-9]{{0,18}}{END}")]
Uid = Annotated[str, Meta(pattern=rf"^[0-9A-Za-z_-]{{1,64}}{END}")]
_FILE = "application/octet-stream"
_TOKEN = "job-token"  # noqa: S105 - name of a header


class GateAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is meant: a pipeline (0: none), a commit, or the number of a merge request as it is now."""

    act: GateAct = GateAct.PIPELINE
    pipeline: Count = 0
    commit: Commit = ""
    change: Number = ""


class JobAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    act: GateAct = GateAct.PIPELINE


class ActChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    act: GateAct = GateAct.PIPELINE


class CommitChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    commit: Commit
    act: GateAct = GateAct.PIPELINE


class EvaluationChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``before``: id of the last one seen."""

    policy: Line = ""
    before: Count = 0
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class EvaluationList(msgspec.Struct, frozen=True, kw_only=True):
    evaluations: list[EvaluationView]


class ReplayView(msgspec.Struct, frozen=True, kw_only=True):
    """``same``: it came to the same bytes, and the ledger tells of the same. ``why``: what differs."""

    same: bool
    why: str
    evaluation: EvaluationView
    again: EvaluationView


@route("POST", "/projects/{project}/gates", t("Have the gates of a pipeline, a commit or a merge request evaluated."),
       refusals=(409,), use_case=use_cases.EVALUATE_GATE)  # fmt: skip
def evaluate_gates(call: Call, project: Id, body: GateAsk) -> GateAnswerView:
    answer = evaluate.evaluate_gates(
        call.actor, call.tools.gates, project, act=body.act, commit=body.commit, pipeline=body.pipeline,
        change=body.change,
    )  # fmt: skip
    return answer_shown(answer, call.tools.gates.server.url)


@route("GET", "/pipelines/{pipeline}/gates", t("What the gates said last of a pipeline."),
       use_case=use_cases.VIEW_EVALUATIONS)  # fmt: skip
def get_pipeline_gates(call: Call, pipeline: Id, query: ActChoice) -> GateAnswerView:
    answer = evaluate.gates_of(call.actor, call.tools.gates, pipeline=pipeline, act=query.act)
    return answer_shown(answer, call.tools.gates.server.url)


@route("GET", "/projects/{project}/gates", t("What the gates said last of a commit."),
       use_case=use_cases.VIEW_EVALUATIONS)  # fmt: skip
def get_commit_gates(call: Call, project: Id, query: CommitChoice) -> GateAnswerView:
    answer = evaluate.gates_of(call.actor, call.tools.gates, project=project, commit=query.commit, act=query.act)
    return answer_shown(answer, call.tools.gates.server.url)


@route("POST", "/jobs/gate",
       t("Ask, as a job that runs, what the gates of its pipeline say; the header JOB-TOKEN is its CI_JOB_TOKEN."),
       refusals=(401, 409), use_case=use_cases.ASK_GATE_AS_JOB)  # fmt: skip
def ask_gate_as_job(call: Call, body: JobAsk) -> GateAnswerView:
    answer = evaluate.ask_gate_as_job(call.actor, call.tools.gates, call.headers.get(_TOKEN, ""), body.act)
    return answer_shown(answer, call.tools.gates.server.url)


@route("GET", "/nodes/{node}/evaluations", t("What gates said at the projects below a node, the newest first."),
       use_case=use_cases.VIEW_EVALUATIONS)  # fmt: skip
def list_evaluations(call: Call, node: NodeId, query: EvaluationChoice) -> EvaluationList:
    found = history.list_evaluations(
        call.actor, call.tools.gates, node, policy=query.policy, before=query.before, limit=query.limit
    )
    return EvaluationList(evaluations=[evaluation_shown(one) for one in found])


@route("GET", "/evaluations/{evaluation}", t("One judgement: every check, its facts, and the events they rest on."),
       use_case=use_cases.VIEW_EVALUATIONS)  # fmt: skip
def get_evaluation(call: Call, evaluation: Uid) -> EvaluationView:
    return evaluation_shown(history.view_evaluation(call.actor, call.tools.gates, evaluation))


@route("POST", "/evaluations/{evaluation}/replay",
       t("Do a judgement again from what is stored of it; it has to come to the same."), refusals=(409, 422),
       use_case=use_cases.VIEW_EVALUATIONS)  # fmt: skip
def replay_evaluation(call: Call, evaluation: Uid) -> ReplayView:
    found = replay.replay_evaluation(call.actor, call.tools.gates, evaluation)
    return ReplayView(
        same=found.same,
        why=str(found.why or ""),
        evaluation=evaluation_shown(found.evaluation),
        again=evaluation_shown(found.again),
    )


@route("GET", "/evaluations/{evaluation}/export",
       t("A judgement with the text of its policy, to be done again without a server."), refusals=(409,), media=_FILE,
       use_case=use_cases.VIEW_EVALUATIONS)  # fmt: skip
def export_evaluation(call: Call, evaluation: Uid) -> Raw:
    data = replay.exported_evaluation(call.actor, call.tools.gates, evaluation)
    name = f'attachment; filename="evaluation-{evaluation}.json"'
    return Raw(data, _FILE, headers=(("Content-Disposition", name),))


PART = (
    evaluate_gates,
    get_pipeline_gates,
    get_commit_gates,
    ask_gate_as_job,
    list_evaluations,
    get_evaluation,
    replay_evaluation,
    export_evaluation,
)
