"""Tests that were run: what kinds, on which revision, by whose doing; a case that was skipped was not run."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import items_of, split, tickets, ties
from plumbline.facts.catalog._kinds import LAYERS
from plumbline.facts.catalog._test_cases import RAN, case_of, revision_of, suite_revisions
from plumbline.facts.catalog._test_counts import Members, SuiteCounts
from plumbline.facts.definition import Definition, lacking, share, value, weighed_share
from plumbline.kernel import t
from plumbline.model.fact import UNNAMED, Lack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Seen


def executed(question: Question) -> list[Seen]:
    return [
        one
        for one in question.evidence.within("testcaserun.finished", question.inside)
        if one.content.get("outcome") in RAN
    ]


def typed(question: Question) -> list[Members]:
    """Cases that came to a verdict and whose type somebody told: each by its newest run, and all of the newest run of
    each suite of which this server counted them."""
    counts = SuiteCounts(question)
    named = {
        str(case_of(one)["id"]): Members(str(case_of(one)["type"]), 1, one.cited)
        for one in executed(question)
        if case_of(one).get("type") and not counts.of(one)
    }
    return [*named.values(), *counts.by_type()]


def layers(question: Question) -> Fact:
    return _count_types(question, LAYERS)


def layers_but_screen(question: Question) -> Fact:
    return _count_types(question, {kind: layer for kind, layer in LAYERS.items() if layer != "screen"})


def _count_types(question: Question, names: dict[str, str]) -> Fact:
    members = typed(question)
    if not members:
        return lacking(question, Lack.TOO_FEW)
    found = {names[one.type]: one.cited for one in members if one.type in names}
    return value(question, float(len(found)), found.values() or [one.cited for one in members])


def code_level(question: Question) -> Fact:
    return weighed_share(question, ((one.type == "unit", one.cases, one.cited) for one in typed(question)))


def interface_level(question: Question) -> Fact:
    return weighed_share(question, ((one.type == "integration", one.cases, one.cited) for one in typed(question)))


def user_level(question: Question) -> Fact:
    """No answer where nobody told what started the runs of any such case."""
    triggers = _triggers(question, "testcaserun", "testsuiterun")
    counts = SuiteCounts(question)
    newest = {
        str(case_of(one)["id"]): one
        for one in executed(question)
        if case_of(one).get("type") == "e2e" and not counts.of(one)
    }
    found = [(1, triggers.get(one.subject), one.cited) for one in newest.values()]
    found += [
        (one.cases, triggers.get(counts.newest[one.suite].subject), one.cited)
        for one in counts.by_type()
        if one.type == "e2e"
    ]
    told = [one for one in found if one[1]]
    if not told:
        return lacking(question, Lack.TOO_FEW)
    automated = [(many, cited) for many, trigger, cited in told if trigger != "manual"]
    rests_on = [cited for _, cited in automated] or [cited for _, _, cited in told]
    return value(question, float(sum(many for many, _ in automated)), rests_on)


def _triggers(question: Question, *kinds: str) -> dict[str, str]:
    """What started each run."""
    begun = question.evidence.of(*(f"{kind}.{what}" for kind in kinds for what in ("queued", "started")))
    return {one.subject: str((one.content.get("trigger") or {}).get("type", "")) for one in begun}


def both_results(question: Question) -> Fact:
    suites, counts = suite_revisions(question.evidence), SuiteCounts(question)
    results: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    cited: dict[str, Cited] = {}
    unknown = 0
    for one in executed(question):
        sha, case = revision_of(one, suites), str(case_of(one).get("id", ""))
        if sha and case:
            results[case][sha].add(str(one.content["outcome"]))
            cited[case] = one.cited
        else:
            unknown += 1
    found: list[tuple[bool | None, int, Cited]] = [
        (any(len(told) > 1 for told in of.values()), 1, cited[case]) for case, of in results.items()
    ]
    # Of the others of a suite none came to both, where all that did have an entry.
    found += [
        (False if counts.names_all_failures(one.suite) else None, one.cases, one.cited) for one in counts.unnamed()
    ]
    return weighed_share(question, found, {"revision_unknown": unknown} if unknown else None, UNNAMED)


def tied_results(question: Question) -> Fact:
    evidence = question.evidence
    suites, tied, known = suite_revisions(evidence), ties(evidence), tickets(evidence)
    found = [
        (
            bool(case_of(one))
            and bool(revision_of(one, suites))
            and bool(tied.get(case_of(one)["id"], {}).keys() & known),
            one.cited,
        )
        for one in executed(question)
    ]
    return _with_unnamed(question, found, SuiteCounts(question).unnamed_results())


def linked_cases(question: Question) -> Fact:
    tied, known = ties(question.evidence), tickets(question.evidence)
    cases = {str(case_of(one)["id"]): one.cited for one in executed(question) if case_of(one)}
    found = ((bool(tied.get(case, {}).keys() & known), cited) for case, cited in cases.items())
    return _with_unnamed(question, found, SuiteCounts(question).unnamed())


def _with_unnamed(question: Question, found: Iterable[tuple[bool, Cited]], unnamed: Iterable[Members]) -> Fact:
    """Of cases without an entry nobody can tell."""
    rest = ((None, one.cases, one.cited) for one in unnamed)
    return weighed_share(question, [*((fine, 1, cited) for fine, cited in found), *rest], unknown=UNNAMED)


def by_pipeline(question: Question) -> Fact:
    """A run by hand is not automated, and one of which nobody told what started it is left out."""
    found: dict[str, tuple[bool, Cited]] = {}
    unknown = 0
    for one in question.evidence.of("testsuiterun.queued", "testsuiterun.started"):
        kind = (one.content.get("trigger") or {}).get("type")
        if question.inside(one.time) and kind and kind != "manual":
            found[one.subject] = (kind == "pipeline", one.cited)
        elif question.inside(one.time) and not kind:
            unknown += 1
    return share(question, *split(found.values()), {"trigger_unknown": unknown} if unknown else None)


def script_revision(question: Question) -> Fact:
    found = [
        (bool((one.content.get("testSuite") or {}).get("version")), one.cited)
        for one in question.evidence.within("testsuiterun.finished", question.inside)
    ]
    return share(question, *split(found))


def cases_before_code(question: Question) -> Fact:
    """Work items of which the first commit is inside the window."""
    evidence = question.evidence
    tied, known = ties(evidence), tickets(evidence)
    cases = {str(case_of(one)["id"]) for one in evidence.of("testcaserun.finished") if case_of(one)}
    first: dict[str, tuple[int, Cited]] = {}
    for commit in evidence.commits.values():
        for item in items_of(commit, tied, known) & known:
            first[item] = min(first.get(item, (commit.authored, commit.cited)), (commit.authored, commit.cited))
    unnamed = any(True for _ in SuiteCounts(question).unnamed())
    found: list[tuple[bool | None, int, Cited]] = []
    for item, (begin, cited) in first.items():
        if question.inside(begin):
            before = {other for other, (time, _) in tied.get(item, {}).items() if time <= begin}
            open_ = unnamed and bool(before - known - evidence.commits.keys())
            found.append((True if before & cases else None if open_ else False, 1, cited))
    return weighed_share(question, found, unknown=UNNAMED)


_CASES = ("testcaserun.finished",)
_SUITES = ("testsuiterun.finished",)
_TICKETS = ("ticket.created", "ticket.updated", "ticket.closed")
_LINKS = ("link.asserted",)
PART = (
    Definition(
        name="layers-with-executed-cases",
        how=t("Layers of which a case was run: unit cases are code, integration the interface, end-to-end the screen."),
        needs=_CASES,
        answer=layers,
    ),
    Definition(
        name="layers-with-executed-tests-screen-layer-apart",
        how=t("Layers of which a case was run, where unit cases are code and integration cases the interface."),
        needs=_CASES,
        answer=layers_but_screen,
    ),
    Definition(
        name="code-level-cases-among-automated-cases",
        how=t(
            "Cases of the type unit, of all cases that were run and whose type was told; all that this server counted."
        ),
        needs=_CASES,
        answer=code_level,
    ),
    Definition(
        name="interface-cases-among-automated-cases",
        how=t(
            "Cases of the type integration, of all that were run and whose type was told; all that this server counted."
        ),
        needs=_CASES,
        answer=interface_level,
    ),
    Definition(
        name="user-level-cases-marked-automated-and-run",
        how=t("End-to-end cases that were run and not started by hand, where it was told what started them."),
        needs=_CASES,
        also=(("testcaserun.queued", "testcaserun.started"),),
        answer=user_level,
    ),
    Definition(
        name="cases-with-both-results-on-one-revision",
        how=t("Cases that passed and failed on the same commit, of all cases that were run on a known commit."),
        needs=_CASES,
        also=(_SUITES,),
        answer=both_results,
    ),
    Definition(
        name="results-tied-to-case-work-item-and-revision",
        how=t("Results with a case that a link ties to a work item and with a known commit, of all results."),
        needs=_CASES,
        also=(_TICKETS,),
        answer=tied_results,
    ),
    Definition(
        name="cases-linked-to-a-work-item",
        how=t("Cases that were run and that a link ties to a work item, of all that were run."),
        needs=_CASES,
        also=(_TICKETS, _LINKS),
        answer=linked_cases,
    ),
    Definition(
        name="automated-runs-started-by-a-pipeline",
        how=t(
            "Runs of test suites that a pipeline started, of those not started by hand; unknown starts are left out."
        ),
        needs=("testsuiterun.queued", "testsuiterun.started"),
        answer=by_pipeline,
    ),
    Definition(
        name="automated-runs-whose-script-revision-is-recorded",
        how=t("Runs of test suites that name the version of the suite, of all that ended."),
        needs=_SUITES,
        answer=script_revision,
    ),
    Definition(
        name="work-items-with-linked-cases-before-the-first-code-commit",
        how=t(
            "Work items tied to a test case before the first commit that names them was written, of all with commits."
        ),
        needs=_TICKETS,
        also=(("commit.observed",), _CASES, _LINKS),
        answer=cases_before_code,
    ),
)
