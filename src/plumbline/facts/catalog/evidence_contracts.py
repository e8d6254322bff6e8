"""What was due and what came: how complete collections were when they were closed, and who kept silent."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from plumbline.evidence.origin import OWN
from plumbline.facts.definition import Definition, lacking, ratio, share, value
from plumbline.kernel import t
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Seen

_FILLED, _LATE, _NOT_APPLICABLE, _WAIVED, _MISSING = "filled", "filled_late", "not_applicable", "waived", "missing"
_WHOLE, _CAME = frozenset({_FILLED, _NOT_APPLICABLE}), frozenset({_FILLED, _LATE})


def _closed(question: Question) -> Sequence[Seen]:
    """Nobody but this server tells of one, in exactly this form."""
    return question.evidence.within("collection.closed", question.inside)


def _slots(one: Seen) -> Iterator[dict[str, Any]]:
    """Of a file that somebody names anything may be read: what has not our form is no slot."""
    found = one.content.get("slots")
    for slot in found if isinstance(found, list) else ():
        if isinstance(slot, dict) and isinstance(slot.get("state"), str):
            yield slot


def completeness(question: Question) -> Fact:
    """Slots that did not apply are in neither part; waived ones are due, and not filled. How all others ended is
    counted beside it, so that the sum is what was due."""
    every: list[str] = []
    complete: list[Cited] = []
    lacked: list[Cited] = []
    for one in _closed(question):
        found = [slot["state"] for slot in _slots(one)]
        every += found
        (complete if _WHOLE.issuperset(found) else lacked).append(one.cited)
    states = Counter(every)
    filled = states.pop(_FILLED, 0)
    whole = filled + states.total() - states[_NOT_APPLICABLE]
    return ratio(question, filled, whole, [*lacked, *complete], {name: many for name, many in states.items() if many})


def silence(question: Question) -> Fact:
    """Of one source (``evidence-silence@NAME``), or of the one that has kept silent longest: how many slots in a row,
    up to now, were due from it and are empty. What came and was wrong is no silence."""
    rows: dict[str, list[Cited]] = {}
    looked: dict[str, Cited] = {}
    for one in _closed(question):
        for source, silent in _by_source(one).items():
            looked[source] = one.cited
            row = rows.setdefault(source, [])
            row.extend([one.cited] * silent[_MISSING])
            if silent[_FILLED]:
                row.clear()
    if question.item:
        rows = {name: row for name, row in rows.items() if name == question.item}
    if not rows:
        return lacking(question, Lack.TOO_FEW)
    longest = max(sorted(rows), key=lambda name: len(rows[name]))
    return value(question, float(len(rows[longest])), rows[longest] or [looked[name] for name in sorted(rows)])


def _by_source(one: Seen) -> dict[str, Counter[str]]:
    """Of each source that slots were due from, how many of them stayed empty, and how many it said anything for."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for slot in _slots(one):
        state, sources = slot["state"], slot.get("sources")
        if state not in (_NOT_APPLICABLE, _WAIVED):
            for source in sources if isinstance(sources, list) else ():
                found[str(source)][_MISSING if state == _MISSING else _FILLED] += 1
    return found


def coverage(question: Question) -> Fact:
    """Runs of this server that ended; a part of the run that triggered it counts with that one."""
    evidence = question.evidence
    under = {str(one.content.get("run", "")) for one in evidence.of("collection.opened", "collection.closed")} - {""}
    good: list[Cited] = []
    bad: list[Cited] = []
    for run in evidence.runs:
        if run.finished and question.inside(run.finished) and not run.child and evidence.word_of(run.source) == OWN:
            (good if run.id in under else bad).append(run.cited[-1])
    return share(question, good, bad)


def own_word(question: Question) -> Fact:
    every: list[str] = []
    cited: list[Cited] = []
    for one in _closed(question):
        words = [str(slot.get("word", "")) for slot in _slots(one) if slot["state"] in _CAME]
        every += words
        if words:
            cited.append(one.cited)
    return ratio(question, every.count(OWN), len(every), cited)


_CLOSED = ("collection.closed",)
PART = (
    Definition(
        name="evidence-completeness",
        how=t(
            "Slots that something filled before their collection was closed, of all that were due; what did not apply "
            "is left out, and late, waived, missing and refused ones are counted."
        ),
        needs=_CLOSED,
        answer=completeness,
    ),
    Definition(
        name="evidence-silence",
        how=t(
            "Slots in a row, up to the newest collection, that were due from a registered source and stayed empty; "
            "without a name, of the source that has been silent longest."
        ),
        needs=_CLOSED,
        answer=silence,
    ),
    Definition(
        name="evidence-contract-coverage",
        how=t(
            "Runs of this server that ended and for which a contract of evidence held, of all that ended; a child "
            "pipeline counts with its parent."
        ),
        needs=("pipelinerun.finished",),
        answer=coverage,
    ),
    Definition(
        name="evidence-own-word-share",
        how=t("Filled slots that rest on the word of this server and its runners, of all filled slots."),
        needs=_CLOSED,
        answer=own_word,
    ),
)
