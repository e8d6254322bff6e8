"""An assessment as one HTML file: no scripts, nothing loaded, every grade open down to its events."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from plumbline.adapters.renderers import marking
from plumbline.adapters.renderers.radar import radar
from plumbline.maturity import Beside, make_report

if TYPE_CHECKING:
    from jinja2 import Environment

    from plumbline.model.assessment import Assessment

_MARKS = {"proven": "●", "above": "◐", "not_met": "✕", "unknown": "?", "waived": "–", "none": "·", "off": "○"}
_SHORT = ("looked_at", "summary", "radar", "points", "asked", "signatures")
_FULL = (
    "looked_at",
    "summary",
    "radar",
    "points",
    "heat",
    "items",
    "roadmap",
    "proofs",
    "signatures",
    "appendix",
)


def render_html(assessment: Assessment, language: str, form: str = "full", beside: Beside | None = None) -> str:
    """A self-contained page in ``language`` (``en`` or ``zh_CN``); ``full`` or ``short``. What turns the direction of
    a text is shown by its code point instead."""
    report = make_report(assessment, language, beside=beside or Beside())
    full = form == "full"
    sections = _FULL if full else _SHORT
    page = _environment().get_template("report.html").render(
        r=report, b=report.brief, l=report.labels, radar=radar(report), full=full,
        heard=any(area.showable for area in report.areas),
        sections=[one for one in sections if one != "proofs" or report.proofs],
    )  # fmt: skip
    return marking.mark(page, marking.harmful(page))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("plumbline.adapters.renderers"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["marks"] = _MARKS
    made.filters["points"] = lambda ring: " ".join(f"{x * 100:.1f},{y * 100:.1f}" for x, y in ring)
    return made
