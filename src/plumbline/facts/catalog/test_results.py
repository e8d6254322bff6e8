"""What became of tests that were run: verdicts, alarms that were false, kinds, and whether anybody pressed a button."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec.structs import replace

from plumbline.facts.catalog._help import DAY, split
from plumbline.facts.catalog._test_cases import RAN, case_of, revision_of, suite_revisions
from plumbline.facts.catalog._test_counts import OF_CODE, SuiteCounts
from plumbline.facts.catalog._words import says
from plumbline.facts.definition import Definition, count, lacking, share, weighed_share
from plumbline.kernel import t
from plumbline.model.fact import UNNAMED, Lack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from plumbline.facts.definition import Question
    from plumbline.facts.evidence import Evidence
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Seen

_BEGUN = ("testsuiterun.queued", "testsuiterun.started")
_NON_FUNCTIONAL = {
    "performance": ("performance", "load", "stress", "性能", "压力", "负载"),
    "capacity": ("capacity", "scalability", "容量", "扩展性"),
    "stability": ("stability", "soak", "endurance", "稳定性"),
    "reliability": ("reliability", "chaos", "failover", "recovery", "可靠性", "混沌", "容灾", "故障切换"),
    "usability": ("usability", "accessibility", "易用性", "无障碍"),
    "compatibility": ("compatibility", "compat", "兼容性"),
    "security": ("security", "penetration", "pentest", "安全", "渗透"),
}


def _told(evidence: Evidence) -> list[Seen]:
    return list(evidence.of("testcaserun.queued", "testcaserun.started", "testcaserun.finished"))


def machine_verdicts(question: Question) -> Fact:
    """A run that began, and of which nothing was heard for a day, came to none."""
    ended = {one.object: one for one in question.evidence.of("testsuiterun.finished")}
    found = {
        one.object: (one.content.get("outcome") in RAN, one.cited)
        for one in ended.values()
        if question.inside(one.time)
    }
    for one in question.evidence.of(*_BEGUN):
        if question.inside(one.time) and one.object not in ended and question.evidence.as_of - one.time > DAY:
            found[one.object] = (False, one.cited)
    return share(question, *split(found.values()))


def false_alarms(question: Question) -> Fact:
    """The same case succeeded later on the same revision."""
    suites = suite_revisions(question.evidence)
    passed: dict[tuple[str, str], int] = defaultdict(int)
    failed: list[tuple[tuple[str, str], Seen]] = []
    unknown = 0
    for one in question.evidence.of("testcaserun.finished"):
        key = (str(case_of(one).get("id", "")), revision_of(one, suites))
        if not all(key):
            unknown += one.content.get("outcome") == "failure" and question.inside(one.time)
        elif one.content.get("outcome") == "success":
            passed[key] = max(passed[key], one.time)
        elif one.content.get("outcome") == "failure" and question.inside(one.time):
            failed.append((key, one))
    found: list[tuple[bool | None, int, Cited]] = [(passed.get(key, 0) > one.time, 1, one.cited) for key, one in failed]
    counts = SuiteCounts(question)
    found += [
        (None, one.cases, one.cited) for one in counts.unnamed_results() if not counts.names_all_failures(one.suite)
    ]
    return weighed_share(question, found, {"revision_unknown": unknown} if unknown else None, UNNAMED)


def automatic(*kinds: str) -> Callable[[Question], Fact]:
    """Cases of these types by their newest run; of one of which nobody told what started it, nobody can tell."""

    def answered(question: Question) -> Fact:
        evidence, counts = question.evidence, SuiteCounts(question)
        triggers = {
            one.object: str((one.content.get("trigger") or {}).get("type", ""))
            for one in evidence.of("testcaserun.queued", "testcaserun.started", *_BEGUN)
        }
        newest = {
            str(case_of(one)["id"]): one
            for one in evidence.within("testcaserun.finished", question.inside)
            if one.content.get("outcome") in RAN and case_of(one).get("type") in kinds and not counts.of(one)
        }
        found = [(_by_itself(triggers.get(one.object, "")), 1, one.cited) for one in newest.values()]
        found += [
            (_by_itself(triggers.get(counts.newest[one.suite].object, "")), one.cases, one.cited)
            for one in counts.by_type()
            if one.type in kinds
        ]
        return weighed_share(question, found)

    return answered


def _by_itself(trigger: str) -> bool | None:
    return trigger != "manual" if trigger else None


def kinds_run(question: Question) -> Fact:
    ran = question.evidence.within("testcaserun.finished", question.inside)
    return _kinds(question, [one for one in ran if one.content.get("outcome") in RAN])


def kinds_registered(question: Question) -> Fact:
    return _kinds(question, _told(question.evidence))


def _kinds(question: Question, cases: Iterable[Seen]) -> Fact:
    """By the type of the case, or the words in its name and id. Where neither says anything of any case, nobody can
    tell."""
    found: dict[str, Cited] = {}
    told = []
    for one in cases:
        case = case_of(one)
        type_ = str(case.get("type", ""))
        name = "" if type_ in OF_CODE else f"{type_} {case.get('name', '')} {case.get('id', '')}"
        kinds = [kind for kind, marks in _NON_FUNCTIONAL.items() if says(name, marks)]
        if type_ or kinds:
            told.append(one.cited)
        found |= dict.fromkeys(kinds, one.cited)
    if not told:
        return lacking(question, Lack.TOO_FEW)
    left = min(len(_NON_FUNCTIONAL) - len(found), SuiteCounts(question).unnamed_words())
    return replace(count(question, list(found.values()), told), excluded={UNNAMED: left} if left else {})


_CASES = ("testcaserun.finished",)
_TOLD = ("testcaserun.queued", "testcaserun.started", "testcaserun.finished")
_SUITES = ("testsuiterun.finished",)
_STARTS = (("testcaserun.queued", "testcaserun.started"),)
_WORDS = t(
    "Of performance, capacity, stability, reliability, usability, compatibility and security, the kinds of which a "
    "case was run, by its type or the words in its name, English or Chinese; unit and integration cases are none."
)
PART = (
    Definition(
        name="runs-with-a-machine-verdict",
        how=t(
            "Runs of test suites that succeeded or failed, of all that ended, or that began and were silent for a day."
        ),
        needs=_SUITES,
        answer=machine_verdicts,
    ),
    Definition(
        name="failures-later-judged-false",
        how=t("Failures of a case that later succeeded on the same commit, of all failures whose commit is known."),
        needs=_CASES,
        also=(_SUITES,),
        answer=false_alarms,
    ),
    Definition(
        name="user-level-cases-run-automatically",
        how=t(
            "End-to-end cases whose newest run nobody started by hand, of all that were run; where nobody told what "
            "started it, nobody can tell."
        ),
        needs=_CASES,
        also=_STARTS,
        answer=automatic("e2e"),
    ),
    Definition(
        name="interface-and-unit-cases-run-automatically",
        how=t(
            "Unit and integration cases whose newest run nobody started by hand, of all that were run; where nobody "
            "told what started it, nobody can tell."
        ),
        needs=_CASES,
        also=_STARTS,
        answer=automatic("unit", "integration"),
    ),
    Definition(name="of-the-seven-kinds-kinds-with-a-run-in-the-window", how=_WORDS, needs=_CASES, answer=kinds_run),
    Definition(name="non-functional-kinds-with-registered-cases", how=_WORDS, needs=_TOLD, answer=kinds_registered),
)
