"""What gates said, as people read it: every check with its sign, its word, its reason and its remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import Text, t
from plumbline.model.gate import Outcome, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.cli.display.words import Paint
    from plumbline.model.gate import CheckResult, FactValue

_WORDS: dict[Outcome, tuple[str, Text, str]] = {
    Outcome.PASS: ("✓", t("pass"), "green"),
    Outcome.FAIL: ("✗", t("fail"), "red"),
    Outcome.NO_DATA: ("?", t("no data"), "yellow"),
    Outcome.ERROR: ("!", t("error"), "red"),
    Outcome.WAIVED: ("~", t("waived"), "yellow"),
}
_STAGES: dict[Stage, Text] = {
    Stage.COMING: t("begins later; decides nothing yet"),
    Stage.ADVISORY: t("advisory; decides nothing yet"),
    Stage.RETIRED: t("retired; decides nothing any more"),
}
REASONS: dict[str, Text] = {
    "no-policy": t("No policy stands here for this."),
    "empty-policy": t("The policy has no checks."),
    "nothing-selected": t("Policies stand here, and none is meant for this."),
    "nothing-applies": t("Every check says that it is not meant for this."),
    "nothing-enforced": t("No check is enforced: all are advisory, to come, or retired."),
    "unknown-selection": t(
        "It is not known whether the policy is meant for this: its branch, tier or class is missing. The class of a "
        "system is its setting system.class."
    ),
    "unreadable-policy": t("This version of the server cannot read the policy."),
    "not-evaluated": t("No gate has looked at this revision yet."),
    "newer-policy": t("The policy is written for a newer version of the server."),
}


def outcome_word(outcome: Outcome, paint: Paint) -> str:
    sign, word, colour = _WORDS[outcome]
    return paint(f"{sign} {word}", colour)


def reason_text(code: str) -> object:
    return REASONS.get(code, code)


def check_lines(check: CheckResult, paint: Paint, *, facts: bool = False) -> Iterator[str]:
    """One line, and below it what is wrong, how to mend it, and what it rests on."""
    beside = f" ({_STAGES[check.stage]})" if check.stage in _STAGES else ""
    if not check.applies:
        beside += f" ({t('does not apply here')})"
    yield f"  {outcome_word(check.outcome, paint)}  {paint(check.check, 'bold')}: {check.title}{beside}"
    if check.reason is not None:
        yield f"      {check.reason}"
    if check.waiver:
        yield f"      {t('set aside by the waiver {waiver}', waiver=check.waiver)}"
    if check.remedy is not None and check.outcome is not Outcome.PASS:
        yield f"      {t('remedy: {remedy}', remedy=check.remedy)}"
    if facts:
        for name, value in check.needs.items():
            yield f"      {name} = {fact_shown(value)}"


def fact_shown(value: FactValue) -> str:
    if value.measured is not None:
        return str(t("asked of the records"))
    if value.lack or value.value is None:
        from plumbline.gates import LACKS

        return str(t("not known ({lack})", lack=str(LACKS.get(value.lack, value.lack or "-"))))
    if isinstance(value.value, bool):
        return "true" if value.value else "false"
    if isinstance(value.value, tuple):
        return "[" + ", ".join(str(one) for one in value.value) + "]"
    return str(value.value)
