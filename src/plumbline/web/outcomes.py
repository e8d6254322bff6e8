"""What an outcome looks like: a shape, a sign and a word each. Unknown looks like neither met nor not met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from plumbline.kernel import t
from plumbline.maturity import OUTCOMES
from plumbline.model.assessment import Judgement

if TYPE_CHECKING:
    from plumbline.kernel import Text
    from plumbline.model.assessment import Finding

_J = Judgement
KINDS: dict[str, Text] = {"demand": t("demand"), "sign": t("sign of this level, for orientation")}
SOURCES: dict[str, Text] = {
    "sheet": t("threshold of the standard"),
    "bank": t("threshold of a bank's practice"),
    "proposed": t("threshold proposed by us"),
    "owner": t("threshold of your organisation"),
}
_RING = '<circle cx="8" cy="8" r="6.25" class="ring"/>'
_SHAPES: dict[Judgement, str] = {
    _J.MET: '<circle cx="8" cy="8" r="7.25" class="disc"/><path d="M4.7 8.3l2.2 2.2 4.4-4.7" class="sign"/>',
    _J.NOT_MET: '<rect x="1" y="1" width="14" height="14" rx="3" class="disc"/>'
    '<path d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6" class="sign"/>',
    _J.UNKNOWN: '<circle cx="8" cy="8" r="6.25" class="ring dashed"/>'
    '<path d="M6.2 6.4a1.9 1.9 0 1 1 2.6 1.8c-.6.3-.8.6-.8 1.2M8 11.6v.01"/>',
    _J.NOT_APPLICABLE: _RING + '<path d="M5 8h6"/>',
    _J.WAIVED: _RING + '<path d="M5 5.5L7.5 8 5 10.5M8.5 5.5L11 8l-2.5 2.5"/>',
    _J.ERROR: '<path d="M8 1.2L15.4 14.2H.6z" class="disc"/><path d="M8 6v4M8 12.2v.01" class="sign"/>',
}

_SEEN: dict[Judgement, tuple[str, Text, str]] = {
    _J.MET: ("seen", t("seen here"), _RING + '<circle cx="8" cy="8" r="3" class="dot"/>'),
    _J.NOT_MET: ("not_applicable", t("not seen"), _RING),
}


def outcome(kind: str, count: int | None = None, decisions: Text | str = "") -> Markup:
    """Sign and word. With a count the word is said to those who cannot see the sign; ``decisions`` are other words."""
    sign = Markup('<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">{}</svg>').format(
        Markup(_SHAPES[Judgement(kind)])  # noqa: S704 - ours, nothing of users
    )
    title = str(decisions or OUTCOMES[Judgement(kind)])
    if count is None:
        return Markup('<span class="state j-{}">{}<span>{}</span></span>').format(kind, sign, title)
    made = Markup('<span class="state j-{}" title="{}">{}<span class="hidden">{}</span><span>{}</span></span>')
    return made.format(kind, title, sign, title, count)


def judged(kind: str, judgement: str) -> Markup:
    """The outcome of a criterion or of its signal. A sign tells of a weakness: it is seen or not seen, never met."""
    if kind != "sign" or judgement not in _SEEN:
        return outcome(judgement)
    look, title, shape = _SEEN[Judgement(judgement)]
    made = Markup('<span class="state j-{}"><svg class="icon" viewBox="0 0 16 16" aria-hidden="true">{}</svg>{}</span>')
    return made.format(look, Markup(shape), Markup("<span>{}</span>").format(title))  # noqa: S704 - ours


def title_of(kind: str) -> Text:
    return OUTCOMES[Judgement(kind)]


def measured(finding: Finding) -> str:
    """What was found, such as ``61.5 %``; a dash where nothing was."""
    if finding.measured is None:
        return "–"
    return number(finding.measured, finding.unit)


def limit(finding: Finding) -> str:
    return "" if finding.limit is None else bound(finding.op, finding.limit, finding.unit)


def bound(op: str, value: float, unit: str) -> str:
    """A threshold as it is read."""
    sign = {">=": "≥", "<=": "≤"}.get(op, op)
    return f"{sign} {number(value, unit)}"


def number(value: float, unit: str) -> str:
    text = f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.3g}"
    return text if unit in ("count", "ratio", "") else f"{text}{'' if unit.startswith('/') else ' '}{unit}"


PROOF_KINDS = {"document": t("document"), "screenshot": t("screenshot"), "demo": t("demonstration")}
