"""Pipelines: how long they take and wait, and which stages of the delivery they automate."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

from plumbline.evidence.origin import OWN
from plumbline.facts.catalog._help import FEWEST, Values, bump, change, elapsed, last, split, whole_runs
from plumbline.facts.catalog._words import says
from plumbline.facts.definition import Definition, count, lacking, sample, share, value
from plumbline.kernel import t
from plumbline.model.fact import Lack
from plumbline.trace import SECOND

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Task

_STAGES = {
    "build": ("build", "builds", "compile", "package", "构建", "编译", "打包"),
    "test": ("test", "tests", "testing", "unittest", "e2e", "verify", "测试", "验证"),
    "scan": ("scan", "scans", "sast", "lint", "quality", "security", "扫描", "代码检查", "质量"),
    "deploy": ("deploy", "deployment", "release", "rollout", "部署", "发布", "上线"),
}


def _net(question: Question) -> Values:
    runs = [run for run in whole_runs(question) if run.outcome == "success"]
    return [(net, last(run.cited)) for run in runs if (net := run.net) is not None]


def mean_time(question: Question) -> Fact:
    values = _net(question)
    if len(values) < FEWEST:
        return lacking(question, Lack.TOO_FEW)
    return value(question, fmean(net for net, _ in values), [cited for _, cited in values])


def pipeline_time_change(question: Question) -> Fact:
    return change(question, _net)


def _builds(question: Question) -> Values:
    return [
        ((one.finished - one.started) / SECOND, last(one.cited))
        for one in question.evidence.tasks
        if one.outcome == "success" and one.started and one.finished and question.inside(one.finished)
        and _is_stage(one, "build")
    ]  # fmt: skip


def build_time_change(question: Question) -> Fact:
    return change(question, _builds)


def queue_time(question: Question) -> Fact:
    """What this server does not tell to have waited for anything else was ready when its pipeline was made."""
    evidence = question.evidence
    made = {(one.source, one.id): one.created for one in evidence.runs if evidence.word_of(one.source) == OWN}
    values: list[tuple[float, Cited]] = []
    excluded: dict[str, int] = {}
    for one in evidence.tasks:
        if one.started is None or not question.inside(one.started):
            continue
        ready = one.queued
        if ready is None and one.attempt == 1 and not one.manual:
            ready = made.get((one.source, one.run))
        if ready is None:
            bump(excluded, "queue_unknown")
        elif (wait := elapsed(ready, one.started)) is None:
            bump(excluded, "clock_skew")
        else:
            values.append((wait, one.cited[0]))
    return sample(question, values, excluded)


def stages(question: Question) -> Fact:
    """A deployment made by a run is an automated job of its stage too."""
    ended = [
        one
        for one in question.evidence.tasks
        if question.inside(one.finished) and one.outcome == "success" and not one.manual
    ]
    if not ended:
        return lacking(question, Lack.TOO_FEW)
    found = {}
    for stage in _STAGES:
        cited = next((last(one.cited) for one in ended if _is_stage(one, stage)), None)
        if cited is not None:
            found[stage] = cited
    return count(question, list(found.values()), [last(one.cited) for one in ended])


def _is_stage(task: Task, stage: str) -> bool:
    """By the words in the name of its stage, or of the job where the stage has none of them."""
    name = task.stage if any(says(task.stage, marks) for marks in _STAGES.values()) else task.name
    return says(name, _STAGES[stage])


def registered_workers(question: Question) -> Fact:
    """Jobs of runs of a released commit, by the worker that ran each."""
    evidence = question.evidence
    released = {str(one.content.get("commit", "")) for one in evidence.of("release.released")} - {""}
    runs = {one.id for one in evidence.runs if one.commit in released}
    known = {one.subject for one in evidence.of("runner.registered")}
    found = [
        (one.runner in known, last(one.cited))
        for one in evidence.tasks
        if one.run in runs and one.started and question.inside(one.finished)
    ]
    return share(question, *split(found))


_TASKS = ("taskrun.finished",)
PART = (
    Definition(
        name="mean-pipeline-time-published-bank-result",
        how=t(
            "Mean over successful runs of the time during which at least one job ran: no queue, no waiting for people; "
            "of fewer than five runs there is no mean."
        ),
        needs=("pipelinerun.finished",),
        also=(_TASKS,),
        answer=mean_time,
    ),
    Definition(
        name="median-pipeline-time-against-180-d-earlier",
        how=t(
            "Change of the median time during which jobs of successful runs ran, against the window of the same "
            "length that ended 180 days earlier, with at least five runs in each."
        ),
        needs=("pipelinerun.finished",),
        also=(_TASKS,),
        answer=pipeline_time_change,
    ),
    Definition(
        name="median-build-time-against-180-d-earlier",
        how=t(
            "Change of the median running time of successful jobs whose stage or name says build, compile or package, "
            "against the window of the same length that ended 180 days earlier, with at least five jobs in each."
        ),
        needs=_TASKS,
        answer=build_time_change,
    ),
    Definition(
        name="job-queue-time-90th-percentile",
        how=t("From the time that a job was ready to its start on a worker; waiting for people is not in it."),
        needs=("taskrun.started",),
        also=(("taskrun.stateChanged",),),
        answer=queue_time,
    ),
    Definition(
        name="of-the-four-stages-stages-with-automated-jobs",
        how=t(
            "Of build, test, scan and deployment, those of which a job succeeded without waiting for a person, by the "
            "words in the names of stage and job, English or Chinese."
        ),
        needs=_TASKS,
        answer=stages,
    ),
    Definition(
        name="release-builds-on-registered-workers",
        how=t("Jobs of runs of a released commit that ran on a registered worker, of all that ran."),
        needs=_TASKS,
        also=(("release.released",), ("runner.registered",)),
        answer=registered_workers,
    ),
)
