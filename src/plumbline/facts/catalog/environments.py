"""Environments: which classes are in use, and whether what runs there is what is on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import DAY, last, split, tickets, tiers, ties
from plumbline.facts.definition import Definition, count, lacking, open_share, share
from plumbline.kernel import t
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.facts.evidence import Evidence
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Seen


def _told(evidence: Evidence) -> dict[str, Cited]:
    """The newest event about each environment that is still there."""
    known = tiers(evidence)
    found = {
        one.subject: one.cited
        for one in evidence.of("environment.created", "environment.modified")
        if one.subject in known
    }
    for one in evidence.deployments:
        if one.environment in known:
            found[one.environment] = last(one.cited)
    return found


def classes(question: Question) -> Fact:
    known = tiers(question.evidence)
    cited = _told(question.evidence)
    found = {tier: cited[name] for name, tier in known.items() if tier and name in cited}
    return count(question, list(found.values())) if found else lacking(question, Lack.TOO_FEW)


def functional_test(question: Question) -> Fact:
    """In use: a deployment to it succeeded."""
    done = [one for one in question.evidence.deployments if question.inside(one.finished) and one.outcome == "success"]
    if not done:
        return lacking(question, Lack.TOO_FEW)
    found = {one.environment: last(one.cited) for one in done if one.tier == "testing"}
    return count(question, list(found.values()), [last(one.cited) for one in done])


def _checks(evidence: Evidence) -> list[Seen]:
    return sorted(evidence.of("configItem.verified", "configItem.drifted"), key=lambda one: (one.time, one.cited.id))


def checked(question: Question) -> Fact:
    evidence = question.evidence
    newest = {str((one.content.get("environment") or {}).get("id", "")): one for one in _checks(evidence)}
    found = []
    for name, cited in sorted(_told(evidence).items()):
        check = newest.get(name)
        fresh = check is not None and evidence.as_of - check.time <= DAY
        found.append((fresh, check.cited if check is not None else cited))
    return share(question, *split(found))


def automated(question: Question) -> Fact:
    """By a run, or from a template; one of which only a person is told was made by hand."""
    found = [(_automated(one), one.cited) for one in question.evidence.within("environment.created", question.inside)]
    return open_share(question, found)


def _automated(one: Seen) -> bool | None:
    if one.custom.get("run") or one.custom.get("template"):
        return True
    return False if one.custom.get("person") else None


def self_service(question: Question) -> Fact:
    """Somebody asked, and a run on record made it."""
    runs = {one.id for one in question.evidence.runs}
    found = [
        (bool(one.custom.get("person")) and one.custom.get("run") in runs, one.cited)
        for one in question.evidence.within("environment.created", question.inside)
    ]
    return share(question, *split(found))


def from_template(question: Question) -> Fact:
    evidence = question.evidence
    there = {name for name, tier in tiers(evidence).items() if tier == "development"}
    newest = {one.subject: one for one in evidence.of("environment.created") if one.subject in there}
    return share(question, *split((bool(one.custom.get("template")), one.cited) for one in newest.values()))


def versioned(question: Question) -> Fact:
    """A tool told of one of its items within the last 90 days."""
    evidence = question.evidence
    newest = {str((one.content.get("environment") or {}).get("id", "")): one for one in _checks(evidence)}
    fresh = {name for name, one in newest.items() if evidence.as_of - one.time <= 90 * DAY}
    return share(question, *split((name in fresh, cited) for name, cited in sorted(_told(evidence).items())))


def matching(question: Question) -> Fact:
    """By the newest check of each item in each environment."""
    newest = {
        (one.subject, str((one.content.get("environment") or {}).get("id", ""))): one
        for one in _checks(question.evidence)
    }
    return share(question, *split((one.what == "configItem.verified", one.cited) for one in newest.values()))


def tied_changes(question: Question) -> Fact:
    evidence = question.evidence
    tied, known = ties(evidence), tickets(evidence)
    found = [
        (_tied(one, tied, known), one.cited)
        for one in evidence.of("dataChange.applied", "environment.created", "environment.modified")
        if question.inside(one.time)
    ]
    return share(question, *split(found))


def _tied(one: Seen, tied: dict[str, dict[str, tuple[int, Cited]]], known: set[str]) -> bool:
    """By a link of the change itself, or of the deployment that it was part of."""
    names = (one.subject, one.cited.id, str(one.content.get("deployment", "")))
    return any(tied[name].keys() & known for name in names if name in tied)


_USED = ("deployment.finished", "environment.created", "environment.modified")
_CREATED = ("environment.created",)
_CHECKS = ("configItem.verified", "configItem.drifted")
PART = (
    Definition(
        name="distinct-environment-classes",
        how=t("Different tiers of the environments that were told of, or that something was deployed to."),
        needs=_USED,
        answer=classes,
    ),
    Definition(
        name="environments-of-the-class-functional-test-in-use",
        how=t("Environments of the tier testing to which a deployment succeeded."),
        needs=("deployment.finished",),
        answer=functional_test,
    ),
    Definition(
        name="environments-checked-for-drift-in-the-last-day",
        how=t("Environments of which an item was checked within the last day, of all on record."),
        needs=_CHECKS,
        also=(_USED,),
        answer=checked,
    ),
    Definition(
        name="environments-created-by-automation",
        how=t(
            "Environments that a run made, or that were made from a template, of all that were created; where neither "
            "that nor a person is told, nobody can tell."
        ),
        needs=_CREATED,
        answer=automated,
    ),
    Definition(
        name="environments-requested-and-built-on-the-platform",
        how=t("Environments that somebody asked for and a run on record made, of all that were created."),
        needs=_CREATED,
        also=(("pipelinerun.queued", "pipelinerun.started", "pipelinerun.finished"),),
        answer=self_service,
    ),
    Definition(
        name="development-environments-made-from-a-registered-template-or",
        how=t("Development environments that are still there and were made from a template, of all that are there."),
        needs=_CREATED,
        answer=from_template,
    ),
    Definition(
        name="environments-with-tool-recorded-versions",
        how=t(
            "Environments of which a tool recorded the version of an item within the last 90 days, of all on record."
        ),
        needs=_CHECKS,
        also=(_USED,),
        answer=versioned,
    ),
    Definition(
        name="instances-whose-recorded-settings-match-the-running-ones",
        how=t("Items whose newest check found what was recorded, of all items that were checked."),
        needs=_CHECKS,
        answer=matching,
    ),
    Definition(
        name="data-changes-and-environment-changes-tied-to-a-change-record",
        how=t("Data changes and changes of environments that a link ties to a work item on record, of all."),
        needs=("dataChange.applied", "environment.created", "environment.modified"),
        also=(("link.asserted",), ("ticket.created", "ticket.updated", "ticket.closed")),
        answer=tied_changes,
    ),
)
