"""Scans: what was scanned, and whether the revision that was merged was."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import FEWEST, by_repository, merges, split
from plumbline.facts.catalog._kinds import LINE_COVERAGE
from plumbline.facts.catalog._pushes import pushes
from plumbline.facts.definition import Definition, lacking, share, value
from plumbline.kernel import t
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.facts.evidence import Evidence
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Seen


def _ended(evidence: Evidence) -> list[Seen]:
    """Scans that came to a result; one that was cancelled or broke says nothing."""
    return [one for one in evidence.of("scan.finished") if one.content.get("outcome") in ("success", "failure")]


def fresh_scan(question: Question) -> Fact:
    times: dict[str, list[int]] = defaultdict(list)
    for one in _ended(question.evidence):
        times[str(one.content.get("commit", ""))].append(one.time)
    found: list[tuple[bool, Cited]] = []
    for merge in merges(question):
        before = times.get(merge.commits[0], []) if merge.commits else []
        fresh = any(time <= merge.merged for time in before)
        found.append((fresh or bool(merge.merged_as and times.get(merge.merged_as)), merge.cited))
    return share(question, *split(found))


def scanned_repositories(question: Question) -> Fact:
    ended = _ended(question.evidence)
    scanned = {str(one.content.get("commit", "")) for one in ended if question.inside(one.time)}
    return share(question, *split(by_repository(question, scanned)))


def pushes_checked(question: Question) -> Fact:
    """The newest commit of the push was tested, and it was scanned."""
    evidence = question.evidence
    tested = {
        str(one.custom.get("commit", ""))
        for one in evidence.of("testsuiterun.finished")
        if one.content.get("outcome") in ("success", "failure")
    }
    scanned = {str(one.content.get("commit", "")) for one in _ended(evidence)}
    both = tested & scanned
    return share(question, *split((one.subject in both, one.cited) for one in pushes(question)))


def coverage_change(question: Question) -> Fact:
    """In percentage points, from the first measurement in the window to the last; of one series, which is the newest
    one's: another job covers other lines."""
    found = [
        one
        for one in question.evidence.within("measurement.recorded", question.inside)
        if one.content.get("measure") == LINE_COVERAGE and one.content.get("unit") == "%" and "value" in one.content
    ]
    found = [one for one in found if one.content.get("series") == found[-1].content.get("series")]
    if len(found) < FEWEST:
        return lacking(question, Lack.TOO_FEW)
    moved = float(found[-1].content["value"]) - float(found[0].content["value"])
    return value(question, moved, [one.cited for one in found])


_SCANS = ("scan.finished",)
_COMMITS = ("commit.observed",)
_REPOSITORIES = t("Repositories that commits were told of, and of which a commit was scanned in the window, of all.")
PART = (
    Definition(
        name="merges-with-a-fresh-scan-of-the-final-revision",
        how=t("Merges whose newest commit was scanned before the merge, or whose result was, of all merges."),
        needs=("change.merged",),
        also=(_SCANS,),
        answer=fresh_scan,
    ),
    Definition(
        name="repositories-with-a-scan", how=_REPOSITORIES, needs=_COMMITS, also=(_SCANS,), answer=scanned_repositories
    ),
    Definition(
        name="repositories-with-a-scan-in-the-window",
        how=_REPOSITORIES,
        needs=_COMMITS,
        also=(_SCANS,),
        answer=scanned_repositories,
    ),
    Definition(
        name="repositories-feeding-the-common-quality-store",
        how=_REPOSITORIES,
        needs=_COMMITS,
        also=(_SCANS,),
        answer=scanned_repositories,
    ),
    Definition(
        name="pushes-followed-by-tests-and-a-scan",
        how=t("Pushes to branches whose newest commit was tested and scanned, of all pushes that were told."),
        needs=_COMMITS,
        also=(_SCANS, ("testsuiterun.finished",)),
        answer=pushes_checked,
    ),
    Definition(
        name="change-of-coverage-over-the-window",
        how=t("Last measurement of the line coverage in the window minus the first, of at least five of one series."),
        needs=("measurement.recorded",),
        answer=coverage_change,
    ),
)
