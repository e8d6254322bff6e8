"""Scans by their sets of rules, and by whose doing they ran."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import began, split
from plumbline.facts.definition import Definition, lacking, open_share, share, value
from plumbline.kernel import t
from plumbline.model.fact import Lack
from plumbline.trace import SECOND

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Seen

_STATIC = "sast"


def with_rules(question: Question) -> Fact:
    newest = _newest(question)
    return share(question, *split((_rules(newest.get(name)) != "", one) for name, one in _repositories(question)))


def on_common_rules(question: Question) -> Fact:
    """One repository has nothing in common with any."""
    if len(_repositories(question)) < 2:
        return lacking(question, Lack.TOO_FEW)
    newest = _newest(question)
    used = Counter(_rules(one) for one in newest.values() if _rules(one))
    common = max(sorted(used), key=lambda rules: used[rules], default="")
    found = [(bool(common) and _rules(newest.get(name)) == common, one) for name, one in _repositories(question)]
    return share(question, *split(found))


def _repositories(question: Question) -> list[tuple[str, Cited]]:
    found = {str(one.custom.get("project", "")): one.cited for one in question.evidence.of("commit.observed")}
    return sorted((name, cited) for name, cited in found.items() if name)


def _newest(question: Question) -> dict[str, Seen]:
    """The newest scan of the code of each project that came to a result."""
    return {
        str(one.custom.get("project", "")): one
        for one in question.evidence.of("scan.finished")
        if one.content.get("kind") == _STATIC and one.content.get("outcome") in ("success", "failure")
    }


def _rules(one: Seen | None) -> str:
    return str(one.content.get("rules", "")) if one is not None else ""


def renewed(question: Question) -> Fact:
    """When a tool first scanned the code of a project by a set that it had not used there before. Two tools that take
    turns each have their own, and one that goes back to an older set renews nothing."""
    known: dict[tuple[str, str], set[str]] = defaultdict(set)
    newest: Seen | None = None
    for one in question.evidence.of("scan.finished"):
        rules = _rules(one)
        if one.content.get("kind") == _STATIC and rules:
            sets = known[str(one.custom.get("project", "")), str(one.content.get("tool", ""))]
            if sets and rules not in sets:
                newest = one
            sets.add(rules)
    if newest is None:
        return lacking(question, Lack.TOO_FEW)
    return value(question, (question.evidence.as_of - newest.time) / SECOND, [newest.cited])


def by_pipeline(question: Question) -> Fact:
    """A run of the commit had begun by then."""
    runs: dict[str, list[int]] = {}
    for run in question.evidence.runs:
        if run.commit and (begin := began(run)) is not None:
            runs.setdefault(run.commit, []).append(begin)
    found: list[tuple[bool | None, Cited]] = []
    for one in question.evidence.within("scan.finished", question.inside):
        commit = str(one.content.get("commit", ""))
        started = any(begin <= one.time for begin in runs.get(commit, ()))
        found.append((started if commit else None, one.cited))
    return open_share(question, found)


_SCANS = ("scan.finished",)
_COMMITS = (("commit.observed",),)
PART = (
    Definition(
        name="repositories-scanned-with-the-team-s-rule-set",
        how=t("Repositories whose newest scan of the code names its set of rules, of all that commits were told of."),
        needs=_SCANS,
        also=_COMMITS,
        answer=with_rules,
    ),
    Definition(
        name="repositories-of-the-organisation-on-the-common-rule-set",
        how=t(
            "Repositories whose newest scan of the code used the set of rules that the most used, of all that commits "
            "were told of; with one repository there is no answer."
        ),
        needs=_SCANS,
        also=_COMMITS,
        answer=on_common_rules,
    ),
    Definition(
        name="age-of-the-last-recorded-rule-set-review",
        how=t(
            "Time since a tool first scanned code by a set of rules that it had not used there before; of a set that "
            "never changed nobody can tell that somebody looked at it."
        ),
        needs=_SCANS,
        answer=renewed,
    ),
    Definition(
        name="scans-started-by-pipeline-or-commit",
        how=t(
            "Scans that ended after a run of their commit had begun, of all; where nobody told the commit, nobody can "
            "tell."
        ),
        needs=_SCANS,
        also=(("pipelinerun.queued", "pipelinerun.started", "pipelinerun.finished"),),
        answer=by_pipeline,
    ),
)
