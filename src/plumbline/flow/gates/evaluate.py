"""Have gates say what they make of one thing, and keep it. Rules:

1. The server judges, by what it has itself; whoever asks brings no verdict and no fact.
2. Facts are gathered before the transaction in which they are judged; where the policies are others by then, or another
   judgement was kept, they are gathered anew, so that no older facts come after newer ones. What is judged, kept and
   told stands in that one transaction.
3. A verdict belongs to a revision. The same facts under the same policy are the same evaluation, which stands; anything
   else is a new one, and old ones stay.
4. Of what no policy is meant for there is no data, and that is no pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.artifacts.guests import by_job_token, unknown
from plumbline.flow.gates.answer import GateAnswer
from plumbline.flow.gates.answering import answer_of, stored_answer
from plumbline.flow.gates.facts_of import SELECTING, facts_of, look_at_change
from plumbline.flow.gates.keep import keep, last_evaluation
from plumbline.flow.gates.policies import LONGEST, policies_at
from plumbline.flow.gates.prepared import Prepared
from plumbline.flow.gates.signals import signals_of
from plumbline.flow.gates.subjects import completed, head_of, subjects_of
from plumbline.flow.gates.waived import waived_for
from plumbline.flow.pipelines.look_up import pipeline_for, project_for
from plumbline.gates import Verdict, asked, evaluate, evaluation, judged, read_standing
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.contract import Subjects
from plumbline.model.gate import GateAct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.event_writer import EventWriter
    from plumbline.flow.gates.tools import GateTools
    from plumbline.gates import Standing
    from plumbline.model.gate import Evaluation, FactValue
    from plumbline.model.ports.transaction import Transaction

_TRIES = 3  # while somebody writes policies


def evaluate_gates(
    actor: Actor,
    tools: GateTools,
    project: int,
    *,
    act: GateAct = GateAct.PIPELINE,
    commit: str = "",
    pipeline: int = 0,
    change: str = "",
) -> GateAnswer:
    """Of a pipeline, a commit, or a merge request as it is now. Raises PlumblineError ``not-found``, ``not-allowed``,
    ``nothing-to-judge``."""
    with tools.units.view(actor) as unit:
        node = project_for(unit, use_cases.EVALUATE_GATE, project)[0]
        subjects = Subjects(commit=commit, pipeline=pipeline, change=change)
    if change and not (commit or pipeline):
        subjects = Subjects(commit=head_of(tools.ledger, node.path, project, change), change=change)
    _check(tools, project, subjects)
    for _ in range(_TRIES):
        prepared = prepare(tools, project, act, subjects)
        with tools.units.change(actor) as unit:
            project_for(unit, use_cases.EVALUATE_GATE, project)
            if (found := conclude(unit.tx, unit.writer, tools, prepared)) is not None:
                return found
    raise busy()


def ask_gate_as_job(actor: Actor, tools: GateTools, token: str, act: GateAct = GateAct.PIPELINE) -> GateAnswer:
    """What the gates of its pipeline say to a job that runs. Raises PlumblineError ``unknown-credential``,
    ``no-merge-request``."""
    found = by_job_token(actor, tools.artifacts, token)
    if found is None or found.job is None:
        raise unknown(t("This token of a job is not known."))
    with tools.units.view(found) as unit:
        unit.require(use_cases.ASK_GATE_AS_JOB)
        job = unit.tx.jobs.get(found.job.job)
        pipeline = unit.tx.pipelines.get(job.pipeline) if job is not None else None
    if pipeline is None:
        raise unknown(t("This token of a job is not known."))
    if act is GateAct.MERGE and pipeline.change.merge_request is None:
        raise PlumblineError(
            "no-merge-request",
            t("The pipeline of this job is not one of a merge request."),
            t("Ask for the gates of the pipeline, or run the job in pipelines of merge requests alone."),
            kind=ErrorKind.REFUSED,
        )
    for _ in range(_TRIES):
        prepared = prepare(tools, pipeline.project, act, subjects_of(pipeline))
        with tools.units.change(found) as unit:
            unit.require(use_cases.ASK_GATE_AS_JOB)
            said = conclude(unit.tx, unit.writer, tools, prepared, job=found.job.job)
            if said is not None:
                return said
    raise busy()


def gates_of(
    actor: Actor, tools: GateTools, *, pipeline: int = 0, project: int = 0, commit: str = "",
    act: GateAct = GateAct.PIPELINE,
) -> GateAnswer:  # fmt: skip
    """What they said last of a pipeline or a commit; nothing is judged. Raises as :func:`evaluate_gates`."""
    with tools.units.view(actor) as unit:
        if pipeline:
            found = pipeline_for(unit, use_cases.VIEW_EVALUATIONS, pipeline)
            project, subjects = found.project, subjects_of(found)
        else:
            project_for(unit, use_cases.VIEW_EVALUATIONS, project)
            subjects = completed(unit.tx, project, Subjects(commit=commit))
        return stored_answer(unit.tx, tools, project, act, subjects)


def try_policy(actor: Actor, tools: GateTools, pipeline: int, text: str, act: GateAct = GateAct.PIPELINE) -> Evaluation:
    """What a policy would say of a pipeline, by what is known of it today; nothing is kept, and no waiver counts. What
    cannot be read is an error, as at the gate. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        found = pipeline_for(unit, use_cases.TRY_POLICY, pipeline)
        path = unit.tx.tree.ancestors(found.project)[0].path
    subjects = subjects_of(found)
    policy = read_standing(text[: LONGEST + 1], "", 0, path)
    facts = _facts(tools, found.project, act, subjects, [policy])
    said = judged(policy, facts, at=tools.units.clock(), asked=asked(act, subjects, facts))
    return evaluation(
        said, project=found.project, path=path, act=act, subjects=subjects, facts=facts, at=tools.units.clock(),
        wanted=policy.policy.wanted if policy.policy is not None else (),
    )  # fmt: skip


def prepare(tools: GateTools, project: int, act: GateAct, subjects: Subjects) -> Prepared:
    """Outside every transaction that writes."""
    with tools.units.store.view() as tx:
        subjects = completed(tx, project, subjects)
        policies = policies_at(tx, tx.tree.ancestors(project))
        last = last_evaluation(tx, project, act, subjects)
    return Prepared(project, act, subjects, policies, _facts(tools, project, act, subjects, policies), last)


def conclude(
    tx: Transaction, writer: EventWriter, tools: GateTools, prepared: Prepared, *, job: int = 0, quiet: bool = False
) -> GateAnswer | None:
    """Judge and keep; None where the policies are others by now, or somebody else judged the same meanwhile, maybe by
    newer facts. ``job``: that asks, and is not waited for.
    ``quiet``: nobody asked, so where no policy is meant nothing is told."""
    ancestors = tx.tree.ancestors(prepared.project)
    if not ancestors:
        return None
    standing = [(one.name, one.version, one.node) for one in policies_at(tx, ancestors)]
    if standing != [(one.name, one.version, one.node) for one in prepared.policies]:
        return None
    if last_evaluation(tx, prepared.project, prepared.act, prepared.subjects) != prepared.last:
        return None
    verdict = judge(tx, prepared, writer.now)
    kept = keep(tx, writer, tools, prepared, verdict, ancestors[0])
    answer = answer_of(tx, tools, prepared, verdict, kept.evaluations, job=job)
    if kept.new or kept.evaluations or not quiet:  # whoever is told leaves out what is told already
        tools.tell(tx, answer)
    return answer


def judge(tx: Transaction, prepared: Prepared, at: int) -> Verdict:
    waived = waived_for(tx, prepared.project, prepared.subjects, at)
    return evaluate(
        prepared.policies,
        prepared.facts,
        at=at,
        asked=asked(prepared.act, prepared.subjects, prepared.facts),
        waived=waived,
    )


def _facts(
    tools: GateTools, project: int, act: GateAct, subjects: Subjects, policies: Sequence[Standing]
) -> dict[str, FactValue]:
    read = [one.policy for one in policies if one.policy is not None and act in one.policy.selector.acts]
    names = {name for policy in read for name in policy.wanted} | (set(SELECTING) if read else set())
    signals = [signal for policy in read for signal in policy.signals]
    seen = look_at_change(tools, project, subjects, names)
    with tools.units.store.view() as tx:
        found = facts_of(tx, tools, project, subjects, names, act=act, seen=seen)
    return {**found, **signals_of(tools, project, signals)} if signals else found


def _check(tools: GateTools, project: int, subjects: Subjects) -> None:
    with tools.units.store.view() as tx:
        known = completed(tx, project, subjects)
        found = tx.pipelines.get(subjects.pipeline) if subjects.pipeline else None
    if subjects.pipeline and (found is None or found.project != project):
        raise PlumblineError(
            "not-found", t("There is no pipeline {pipeline}.", pipeline=subjects.pipeline), kind=ErrorKind.REFUSED
        )
    if not known.commit:
        raise PlumblineError(
            "nothing-to-judge",
            t("Nobody told which commit is meant."),
            t("Name a pipeline, a commit, or a merge request of which the forge has told."),
            kind=ErrorKind.REFUSED,
        )


def busy() -> PlumblineError:
    return PlumblineError(
        "policies-change",
        t("The policies of this project are being changed, or others judge the same."),
        t("Ask again in a moment."),
        kind=ErrorKind.ENVIRONMENT,
    )
