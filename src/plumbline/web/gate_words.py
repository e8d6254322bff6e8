"""What is due, what gates said and what was waived, in words: a sign and a word for each state, never colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from plumbline.contracts import WHY
from plumbline.flow.gates import telling_words
from plumbline.flow.gates.telling_words import OUTCOMES
from plumbline.gates import LACKS
from plumbline.kernel import t
from plumbline.model.contract import SlotState, SubjectKind
from plumbline.model.gate import Outcome, WaiverState
from plumbline.web import outcomes, states

if TYPE_CHECKING:
    from plumbline.kernel import Text
    from plumbline.model.fact import Fact
    from plumbline.model.words import Words

IN_TEMPLATES = (  # functions that every template may call
    "slot_state", "gate_outcome", "gate_look", "waiver_state", "word_said", "value_said", "measured_said", "lack_said",
    "stage_of_check", "why_said",
    "unit_said",
)  # fmt: skip
_S, _O, _W = SlotState, Outcome, WaiverState
SLOTS: dict[SlotState, Text] = {
    _S.OPEN: t("may still come"),
    _S.FILLED: t("there in time"),
    _S.FILLED_LATE: t("came too late"),
    _S.WRONG_SUBJECT: t("about something else"),
    _S.UNREADABLE: t("cannot be used"),
    _S.REFUSED_ORIGIN: t("from somebody whose word does not count"),
    _S.NOT_APPLICABLE: t("does not apply"),
    _S.WAIVED: t("waived by two persons"),
    _S.MISSING: t("missing"),
}
WAIVERS: dict[WaiverState, Text] = {
    _W.ASKED: t("waits for a second person"),
    _W.IN_FORCE: t("in force"),
    _W.REFUSED: t("refused"),
    _W.ENDED: t("ended before its time"),
    _W.EXPIRED: t("over"),
    _W.VOID: t("void: one of its two persons is here no longer"),
}
ABOUT: dict[SubjectKind, Text] = {
    SubjectKind.COMMIT: t("the commit"),
    SubjectKind.ARTIFACT: t("an artifact"),
    SubjectKind.CHANGE: t("the merge request"),
    SubjectKind.ENVIRONMENT: t("an environment"),
}
REASONS: dict[str, Text] = {  # why a gate has an outcome though no check decided; here there is room for the cure
    **telling_words.REASONS,
    "unknown-selection": t(
        "a fact is missing that would say whether the policy is meant for this: the branch, the "
        "tier, or the class of the system, which is the setting system.class"
    ),
}
STAGES: dict[str, Text] = {
    "coming": t("holds later"),
    "advisory": t("on trial: shown, and holds nothing back"),
    "retired": t("retired: holds nothing back any more"),
}
UNITS: dict[str, Text] = {  # of documented facts
    "artifacts": t("artifacts"),
    "cases": t("cases"),
    "components": t("components"),
    "findings": t("findings"),
    "jobs": t("jobs"),
    "lines": t("lines"),
    "operations": t("operations"),
    "samples": t("samples"),
    "slots": t("slots"),
}
_KINDS: dict[SlotState, str] = {
    _S.FILLED: "met",
    _S.FILLED_LATE: "error",
    _S.NOT_APPLICABLE: "not_applicable",
    _S.WAIVED: "waived",
}
_LOOKS: dict[Outcome, str] = {
    _O.PASS: "met",
    _O.FAIL: "not_met",
    _O.NO_DATA: "unknown",
    _O.ERROR: "error",
    _O.WAIVED: "waived",
}
_STANDS: dict[WaiverState, str] = {_W.ASKED: "unknown", _W.IN_FORCE: "waived"}


def slot_state(state: SlotState, count: int | None = None) -> Markup:
    """Sign and word of a slot, or of how many there are in this state."""
    word = SLOTS[state] if count is None else t("{count} {state}", count=count, state=str(SLOTS[state]))
    if state is SlotState.OPEN:
        made = (
            '<span class="state s-scheduled"><svg class="icon" viewBox="0 0 16 16" aria-hidden="true">{}</svg>{}</span>'
        )
        return Markup(made).format(states.shape("scheduled"), Markup("<span>{}</span>").format(str(word)))  # noqa: S704 - ours
    return outcomes.outcome(_KINDS.get(state, "not_met"), decisions=word)


def gate_outcome(said: Outcome, reason: str = "") -> Markup:
    """Of a gate or a check; ``reason``: a code, said behind the word."""
    word = OUTCOMES[said]
    if reason:
        word = t("{outcome}: {reason}", outcome=str(word), reason=str(REASONS.get(reason, reason)))
    return outcomes.outcome(_LOOKS[said], decisions=word)


def gate_look(said: Outcome) -> str:
    """What its frame is drawn with."""
    return _LOOKS[said]


def waiver_state(state: WaiverState) -> Markup:
    return outcomes.outcome(_STANDS.get(state, "not_applicable"), decisions=WAIVERS[state])


def word_said(word: str) -> Text | str:
    """Whose word it is: own, forge:gitlab, source:sonar-prod, person:mei; empty: nobody vouches for it."""
    who, _, name = word.partition(":")
    said = {
        "own": t("this server and its runners"),
        "forge": t("the forge {name}", name=name) if name else t("a forge"),
        "source": t("the source {name}", name=name) if name else t("a registered source"),
        "person": t("the person {name}", name=name) if name else t("a person"),
        "": t("nobody vouches for it"),
    }
    return said.get(who, word)


def value_said(value: object) -> str:
    """Of a fact, as people read it."""
    if isinstance(value, bool):
        return str(t("yes") if value else t("no"))
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or str(t("none"))
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.6g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def measured_said(fact: Fact) -> str:
    """An answer of the facts of the grade, as people read it."""
    if fact.lack is not None:
        return str(lack_said(fact.lack))
    if fact.denominator is not None:
        return f"{fact.numerator or 0:,.6g} / {fact.denominator:,.6g}"
    if fact.values is not None:
        return str(t("{count} values", count=f"{len(fact.values):,}"))
    return f"{fact.value:,.6g} {fact.unit}".strip() if fact.value is not None else "–"


def lack_said(lack: str) -> Words | str:
    """Why nobody knows a fact."""
    return LACKS.get(lack, lack)


def stage_of_check(stage: str) -> Text | str:
    return STAGES.get(stage, stage)


def why_said(code: str) -> Text | str:
    """Why something that came does not fill a slot; what follows a colon tells more of it."""
    name, _, more = code.partition(":")
    if name == "word" and more:
        return t("{who}: a word that does not count here", who=word_said(more))
    if name == "too-few" and more:
        return t("there are too few of it: {name}", name=more)
    return WHY.get(name, code)


def unit_said(unit: str) -> Text | str:
    """Of a documented fact."""
    return UNITS.get(unit, unit)
