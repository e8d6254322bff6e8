"""An assessment as a PDF that can be handed to a board: typeset offline, with the fonts that lie beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.adapters.renderers.radar import radar
from plumbline.maturity import make_report

if TYPE_CHECKING:
    from plumbline.model.assessment import Assessment

_HERE = Path(__file__).parent
_EVENTS = 3  # named for each finding; the appendix lists more
_LATEST = 253_402_300_799  # the end of the year 9999: what a PDF can say


def render_pdf(assessment: Assessment, language: str) -> bytes:
    """The report in ``language`` (``en`` or ``zh_CN``). The same assessment gives the same bytes."""
    return typeset(assessment, language)[0]


def typeset(assessment: Assessment, language: str) -> tuple[bytes, list[str]]:
    """The PDF, and what the typesetter warns of, such as a font that is not there."""
    import typst  # heavy

    report = make_report(assessment, language, _EVENTS)
    made, warnings = typst.compile_with_warnings(
        str(_HERE / "templates" / "report.typ"),
        root=str(_HERE),
        font_paths=[str(_HERE / "fonts")],
        ignore_system_fonts=True,
        sys_inputs={"report": _json(report), "radar": _json(radar(report))},
        timestamp=min(max(assessment.scope.end // 1_000_000, 0), _LATEST),
    )
    return made, [str(one.message) for one in warnings]


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
