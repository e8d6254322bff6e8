"""An assessment as one HTML file: no scripts, nothing loaded, every grade open down to its events."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from plumbline.adapters.renderers.radar import radar
from plumbline.maturity import make_report

if TYPE_CHECKING:
    from jinja2 import Environment

    from plumbline.model.assessment import Assessment

_MARKS = {"proven": "●", "above": "◐", "not_met": "✕", "unknown": "?", "waived": "–", "none": "·", "off": "○"}


def render_html(assessment: Assessment, language: str) -> str:
    """The whole report as a self-contained page in ``language`` (``en`` or ``zh_CN``)."""
    report = make_report(assessment, language)
    return _environment().get_template("report.html").render(r=report, l=report.labels, radar=radar(report))


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
