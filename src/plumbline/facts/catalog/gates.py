"""Gates: what was judged, how it came out, and how often the judgement was set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import merges, split
from plumbline.facts.catalog._verdicts import Verdicts, passes
from plumbline.facts.definition import Definition, count, lacking, share
from plumbline.kernel import t
from plumbline.model.fact import Lack
from plumbline.trace import micros

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Merge


def _names(merge: Merge) -> tuple[str, ...]:
    """What a verdict on it may be about, its newest commit first."""
    return merge.final, merge.merged_as, merge.change


def judged(question: Question) -> Fact:
    known = Verdicts(question.evidence)
    return share(question, *split((known.said(one.project, _names(one)), one.cited) for one in merges(question)))


def passed(question: Question) -> Fact:
    known = Verdicts(question.evidence)
    return share(question, *split((known.passed(one.project, _names(one)), one.cited) for one in merges(question)))


def _set_aside(question: Question) -> list[tuple[bool, Cited]]:
    """Each evaluation, and whether it would not have let anything pass without what people set aside for it."""
    names = {str(one.content.get("evaluation")) for one in question.evidence.of("gate.waived")}
    found = question.evidence.within("gate.evaluated", question.inside)
    return [(bool(one.content.get("waived")) or one.cited.id in names, one.cited) for one in found]


def waived(question: Question) -> Fact:
    return share(question, *split(_set_aside(question)))


def waived_or_off(question: Question) -> Fact:
    """A policy that is retired is switched off: it says nothing any more."""
    retired = question.evidence.within("ruleSet.retired", question.inside)
    off = [(True, one.cited) for one in retired if one.content.get("kind") == "policy"]
    found = _set_aside(question)
    return share(question, *split([*found, *off] if found else []))


def promoted(question: Question) -> Fact:
    good = {one.cited.id for one in question.evidence.of("gate.evaluated") if passes(one)}
    found = question.evidence.within("artifact.promoted", question.inside)
    return share(question, *split((str(one.content.get("gate", "")) in good, one.cited) for one in found))


def past_end(question: Question) -> Fact:
    """Waivers that were agreed on, whose end is over, and that an evaluation after it still rested on."""
    ends = {
        one.subject: micros(str(one.content.get("until", "")))
        for one in question.evidence.of("waiver.decided")
        if one.content.get("decision") == "agreed"
    }
    if not ends:
        return lacking(question, Lack.TOO_FEW)
    late: dict[str, Cited] = {}
    for one in question.evidence.of("gate.evaluated"):
        for check in one.content.get("checks", ()):
            name = str(check.get("waiver", ""))
            if name in ends and one.time >= ends[name]:
                late[name] = one.cited
    return count(question, list(late.values()), [one.cited for one in question.evidence.of("waiver.decided")])


_GATES = ("gate.evaluated",)
_MERGES = ("change.merged",)
PART = (
    Definition(
        name="merges-to-trunk-with-a-gate-verdict",
        how=t("Merges to the trunk on which, or on whose newest commit, a gate said pass or fail, of all merges."),
        needs=_MERGES,
        also=(_GATES,),
        answer=judged,
    ),
    Definition(
        name="merges-to-trunk-with-a-passed-gate",
        how=t(
            "Merges to the trunk on which, or on whose newest commit, the newest verdict of each policy was a pass, "
            "with nothing set aside for it, of all merges."
        ),
        needs=_MERGES,
        also=(_GATES,),
        answer=passed,
    ),
    Definition(
        name="gate-evaluations-waived",
        how=t("Evaluations of gates that a person set aside, of all evaluations."),
        needs=_GATES,
        answer=waived,
    ),
    Definition(
        name="gate-evaluations-waived-or-switched-off",
        how=t(
            "Evaluations of gates that people set aside, and policies that were retired, of all evaluations and "
            "retirements."
        ),
        needs=_GATES,
        answer=waived_or_off,
    ),
    *(
        Definition(
            name=name,
            how=t("Waivers that an evaluation of a gate still rested on after their end."),
            needs=("waiver.decided",),
            also=(_GATES,),
            answer=past_end,
        )
        for name in ("waivers-open-past-expiry", "waivers-past-expiry")
    ),
    Definition(
        name="promotions-with-a-passed-gate-verdict",
        how=t(
            "Promotions of artifacts that name an evaluation of a gate with the verdict pass, with nothing set aside "
            "for it, of all promotions."
        ),
        needs=("artifact.promoted",),
        answer=promoted,
    ),
)
