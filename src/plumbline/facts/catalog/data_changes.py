"""Data changes: who applies them, whether they can be taken back, and whether that was tried."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import among_files, approvals, pressed, split, tiers
from plumbline.facts.catalog._kinds import IRREVERSIBLE, REVERSIBLE
from plumbline.facts.definition import Definition, share
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Fact
    from plumbline.trace import Seen


def _applied(question: Question) -> list[Seen]:
    """Those that came to an end of their own."""
    return [
        one
        for one in question.evidence.within("dataChange.applied", question.inside)
        if one.content.get("outcome") != "cancel"
    ]


def _where(one: Seen) -> str:
    return str((one.content.get("environment") or {}).get("id", ""))


def reverse_scripts(question: Question) -> Fact:
    return among_files(question, REVERSIBLE, IRREVERSIBLE)


def by_platform(question: Question) -> Fact:
    runs = {one.id for one in question.evidence.runs}
    made = {one.id for one in question.evidence.deployments if one.run in runs}
    return share(question, *split((one.content.get("deployment") in made, one.cited) for one in _applied(question)))


def loose(question: Question) -> Fact:
    return share(question, *split((not one.content.get("deployment"), one.cited) for one in _applied(question)))


def tried_both_ways(question: Question) -> Fact:
    """Up and then down again in a lower environment, before it came to production."""
    evidence = question.evidence
    tier = tiers(evidence)
    up: dict[str, int] = {}
    down: dict[str, list[int]] = defaultdict(list)
    for one in evidence.of("dataChange.applied", "dataChange.reverted"):
        if tier.get(_where(one)) in ("testing", "staging", "development") and one.content.get("outcome") == "success":
            digest = str(one.content.get("digest", ""))
            if one.what == "dataChange.applied":
                up[digest] = min(up.get(digest, one.time), one.time)
            else:
                down[digest].append(one.time)

    def tried(one: Seen) -> bool:
        digest = str(one.content.get("digest", ""))
        return digest != "" and digest in up and any(up[digest] <= time <= one.time for time in down[digest])

    live = [one for one in _applied(question) if tier.get(_where(one)) == "production"]
    return share(question, *split((tried(one), one.cited) for one in live))


def confirmed(question: Question) -> Fact:
    """By an approval, or by a job of its run that a person had pressed for by then."""
    evidence = question.evidence
    runs = evidence.runs_by_id
    run_of = {one.id: one.run for one in evidence.deployments}
    approved = approvals(evidence)

    def good(one: Seen) -> bool:
        deployment = str(one.content.get("deployment", ""))
        run = runs.get(run_of.get(deployment, ""))
        if run is None:
            return False
        said = any(approved.get(name, one.time + 1) <= one.time for name in (one.subject, deployment, run.id))
        return said or bool(pressed(run, one.time))

    return share(question, *split((good(one), one.cited) for one in _applied(question)))


_APPLIED = ("dataChange.applied",)
_ENDED = ("deployment.finished",)
_RUNS = ("pipelinerun.queued", "pipelinerun.started", "pipelinerun.finished")
PART = (
    Definition(
        name="data-changes-with-a-reverse-script",
        how=t("Migration scripts of the newest tree with a way back, of all migration scripts in it."),
        needs=("tree.inspected",),
        answer=reverse_scripts,
    ),
    Definition(
        name="data-changes-applied-by-the-platform",
        how=t("Data changes that are part of a deployment made by a run on record, of all that ended."),
        needs=_APPLIED,
        also=(_ENDED, _RUNS),
        answer=by_platform,
    ),
    Definition(
        name="data-changes-run-from-a-script",
        how=t("Data changes that are part of a deployment made by a run on record, of all that ended."),
        needs=_APPLIED,
        also=(_ENDED, _RUNS),
        answer=by_platform,
    ),
    Definition(
        name="data-changes-not-tied-to-a-release-or-deployment",
        how=t("Data changes that name no deployment, of all that ended."),
        needs=_APPLIED,
        answer=loose,
    ),
    Definition(
        name="data-changes-whose-up-and-down-scripts-both-ran-in-a-lower",
        how=t("Data changes in production that were applied and taken back in a lower environment before, of all."),
        needs=_APPLIED,
        answer=tried_both_ways,
    ),
    Definition(
        name="data-changes-run-by-a-pipeline-step-with-a-recorded-confirmation",
        how=t("Data changes that a run on record made and that a person approved or pressed for, of all that ended."),
        needs=_APPLIED,
        also=(_ENDED, _RUNS),
        answer=confirmed,
    ),
)
