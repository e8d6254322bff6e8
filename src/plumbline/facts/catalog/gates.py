"""Gates: what was judged, how it came out, and how often the judgement was set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import merges, split
from plumbline.facts.catalog._verdicts import verdicts
from plumbline.facts.definition import Definition, share
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Fact
    from plumbline.trace import Merge


def _verdict(merge: Merge, known: dict[str, str]) -> str:
    return next((known[name] for name in (merge.change, merge.final, merge.merged_as) if name in known), "")


def judged(question: Question) -> Fact:
    known = verdicts(question.evidence)
    return share(question, *split((bool(_verdict(one, known)), one.cited) for one in merges(question)))


def passed(question: Question) -> Fact:
    known = verdicts(question.evidence)
    return share(question, *split((_verdict(one, known) == "pass", one.cited) for one in merges(question)))


def waived(question: Question) -> Fact:
    names = {str(one.content.get("evaluation")) for one in question.evidence.of("gate.waived")}
    found = question.evidence.within("gate.evaluated", question.inside)
    return share(question, *split((one.cited.id in names, one.cited) for one in found))


def promoted(question: Question) -> Fact:
    good = {one.cited.id for one in question.evidence.of("gate.evaluated") if one.content.get("verdict") == "pass"}
    found = question.evidence.within("artifact.promoted", question.inside)
    return share(question, *split((str(one.content.get("gate", "")) in good, one.cited) for one in found))


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
        how=t("Merges to the trunk on which, or on whose newest commit, the newest verdict was a pass, of all merges."),
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
        name="promotions-with-a-passed-gate-verdict",
        how=t("Promotions of artifacts that name an evaluation of a gate with the verdict pass, of all promotions."),
        needs=("artifact.promoted",),
        answer=promoted,
    ),
)
