"""What gates say, for the log of the job that asks: its first word says what to do, so that any shell can read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.gates.telling_words import ACTS, OUTCOMES, REASONS
from plumbline.kernel import legible, t
from plumbline.model.contract import SlotState
from plumbline.model.gate import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.flow.gates.answer import GateAnswer
    from plumbline.model.gate import CheckResult

GO, WAIT, STOP = "go", "wait", "stop"
_LONGEST = 500
_SIGNS = {Outcome.PASS: "+", Outcome.WAIVED: "~", Outcome.FAIL: "x", Outcome.NO_DATA: "?", Outcome.ERROR: "!"}


def words_for_job(answer: GateAnswer, url: str) -> str:
    """``go``, ``wait`` or ``stop`` in the first line, and after it every check with its reason and remedy. ``url``: of
    this server; only what passes or was waived goes."""
    word = GO if answer.passes else WAIT if answer.waits else STOP
    return "\n".join([word, *(_line(one) for one in _lines(answer, url)), ""])


def _lines(answer: GateAnswer, url: str) -> Iterator[str]:
    yield str(t("Gates {act}: {outcome}", act=ACTS[answer.act], outcome=OUTCOMES[answer.outcome]))
    if answer.reason:
        yield f"  {REASONS.get(answer.reason, answer.reason)}"
    for evaluation in answer.evaluations:
        policy = t("Policy {name}, version {version}", name=evaluation.policy, version=evaluation.version)
        yield f"{policy}: {OUTCOMES[evaluation.outcome]}"
        if evaluation.reason:
            yield f"  {REASONS.get(evaluation.reason, evaluation.reason)}"
        for one in evaluation.checks:
            yield from _check(one)
    for slot in answer.missing:
        said = t("may still come") if slot.state is SlotState.OPEN else t("missing")
        yield f"- {slot.id} ({slot.contract}): {said}{f' ({slot.why})' if slot.why else ''}"
    if answer.page and url:
        yield f"{url}{answer.page}"


def _check(one: CheckResult) -> Iterator[str]:
    word = OUTCOMES[one.outcome] if one.applies else t("does not apply")
    beside = f" ({t('decides nothing')})" if one.advisory else ""
    yield f"  [{_SIGNS[one.outcome] if one.applies else '-'}] {one.check}: {one.title} - {word}{beside}"
    if one.outcome is Outcome.PASS or not one.applies:
        return
    lacking = ", ".join(name for name, fact in one.needs.items() if fact.lack)
    detail = "" if one.detail in str(one.reason) else one.detail
    for said in (one.reason, one.remedy, detail, t("Nobody can tell: {names}", names=lacking) if lacking else ""):
        if said:
            yield f"      {said}"


def _line(text: str) -> str:
    """One line of a log, without what a terminal would act on."""
    return "".join(sign if sign.isprintable() else " " for sign in legible(text))[:_LONGEST]
