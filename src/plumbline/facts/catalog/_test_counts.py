"""What this server counted of whole runs of suites: the ledger names a few of their cases, first those that failed, and
such a sample decides nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from plumbline.evidence.origin import OWN
from plumbline.facts.catalog._test_cases import RAN, case_of, run_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited
    from plumbline.trace import Seen

OF_CODE = ("unit", "integration")  # such a case is what its type says, whatever it is called
_FIRST = 10 / 9  # of those that get an entry, nine in ten may be what failed or came to both results


class Members(NamedTuple):
    """So many cases of a type; one event tells of all of them."""

    type: str
    cases: int
    cited: Cited
    suite: str = ""


class SuiteCounts:
    """Runs of suites inside the window of which this server counted every case. What others tell, they tell of each
    case, and their word is no count."""

    def __init__(self, question: Question) -> None:
        self.runs = [
            one
            for one in question.evidence.within("testsuiterun.finished", question.inside)
            if one.word == OWN and _types(one)
        ]
        self._suites = {one.subject: _suite(one) for one in self.runs}
        self.newest = {_suite(one): one for one in self.runs}
        self._named: dict[str, set[str]] = defaultdict(set)
        self._of_code: dict[str, set[str]] = defaultdict(set)
        self._entries: Counter[str] = Counter()
        for one in question.evidence.within("testcaserun.finished", question.inside):
            if (suite := self.of(one)) and one.content.get("outcome") in RAN and case_of(one):
                self._named[suite].add(str(case_of(one)["id"]))
                self._entries[run_of(one)] += 1
                if case_of(one).get("type") in OF_CODE:
                    self._of_code[suite].add(str(case_of(one)["id"]))

    def of(self, case: Seen) -> str:
        """The suite that counted this case as well; empty: none did."""
        if case.word != OWN:
            return ""
        return self._suites.get(run_of(case), "")

    def by_type(self) -> Iterator[Members]:
        """Cases of each suite that came to a verdict in its newest run, where their type is known."""
        for suite, one in self.newest.items():
            for type_, cases in _types(one).items():
                if type_ != "unknown":
                    yield Members(type_, cases, one.cited, suite)

    def unnamed(self) -> Iterator[Members]:
        """Cases of each suite that have no entry, by its newest run; their types are not told apart."""
        for suite, one in self.newest.items():
            rest = sum(_types(one).values()) - len(self._named[suite])
            if rest > 0:
                yield Members("", rest, one.cited, suite)

    def unnamed_results(self) -> Iterator[Members]:
        """Results of each run that have no entry."""
        for one in self.runs:
            rest = sum(_types(one).values()) - self._entries[one.subject]
            if rest > 0:
                yield Members("", rest, one.cited, _suite(one))

    def unnamed_words(self) -> int:
        """How many cases of other types than those of code, by the newest runs, have names that nobody can read."""
        found = 0
        for suite, one in self.newest.items():
            rest = sum(cases for type_, cases in _types(one).items() if type_ not in OF_CODE)
            found += max(0, rest - len(self._named[suite] - self._of_code[suite]))
        return found

    def names_all_failures(self, suite: str) -> bool:
        """Whether each case that did not pass, or came to both results, had room for an entry in each run."""
        return all(_names_failures(one) for one in self.runs if _suite(one) == suite)


def _names_failures(run: Seen) -> bool:
    total, skipped, named, *bad = (
        int(run.custom.get(name, 0)) for name in ("total", "skipped", "named", "failed", "errors", "flaky")
    )
    return named >= total - skipped or sum(bad) * _FIRST <= named


def _types(run: Seen) -> dict[str, int]:
    return {str(type_): int(cases) for type_, cases in (run.custom.get("types") or {}).items() if cases}


def _suite(run: Seen) -> str:
    return str((run.content.get("testSuite") or {}).get("id", "")) or run.subject
