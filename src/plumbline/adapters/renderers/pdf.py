"""An assessment as a PDF: typeset offline, with the fonts that lie beside this file, and others of this machine only
for characters that those lack."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from plumbline.adapters.renderers import fonts, marking
from plumbline.adapters.renderers.radar import radar
from plumbline.kernel.text import in_language
from plumbline.maturity import Beside, Rendered, make_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.maturity import Report
    from plumbline.model.assessment import Assessment

_HERE = Path(__file__).parent
_EVENTS = 3  # named for each finding; the appendix lists more
_LATEST = 253_402_300_799  # the end of the year 9999: what a PDF can say
_CHINESE = ("SC", "CN", "Hans")  # in names of families: of several forms of a character, those written in China


def render_pdf(assessment: Assessment, language: str, form: str = "full", beside: Beside | None = None) -> Rendered:
    """The report in ``language`` (``en`` or ``zh_CN``), ``full`` or ``short`` (at most 8 pages). The same input gives
    the same bytes. Warnings: what the typesetter warns of, and characters that no font has."""
    import typst  # heavy

    report = make_report(assessment, language, _EVENTS, beside or Beside())
    text = _json({"report": report if form == "full" else _without_items(report), "radar": radar(report)})
    files, lost = fonts.further(code for code in marking.seen(text) if not fonts.shipped(code))
    with in_language(language), _folder(files) as folder:
        told = marking.warning(text, lost)
        folders = [str(fonts.SHIPPED), *([folder] if folder else [])]
        families = _families(typst.Fonts(False, False, [folder]).families()) if folder else []
        shown = marking.mark_json(text, lost | marking.harmful(text))
        made, warnings = typst.compile_with_warnings(
            str(_HERE / "templates" / f"{form}.typ"),
            root=str(_HERE),
            font_paths=folders,
            ignore_system_fonts=True,
            sys_inputs={
                "report": shown,
                "fonts": _json({"fonts": families, "lost": told, "marked": shown != text}),
            },
            timestamp=min(max(assessment.scope.end // 1_000_000, 0), _LATEST),
        )
    return Rendered(data=made, warnings=tuple(one for one in (told, *(str(one.message) for one in warnings)) if one))


def _without_items(report: Report) -> Report:
    """What the short form shows: reading the rest would take longer than setting it."""
    replace = msgspec.structs.replace
    return replace(
        report,
        areas=tuple(replace(area, areas=(), items=()) for area in report.areas),
        stages=tuple(replace(stage, steps=()) for stage in report.stages),
        proofs=(),
        events=(),
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _families(found: Sequence[str]) -> list[str]:
    return sorted(found, key=lambda name: (not any(one in name.split() for one in _CHINESE), name))


@contextmanager
def _folder(files: Sequence[str]) -> Iterator[str]:
    """The typesetter takes whole folders of fonts: one with these alone. Empty: there are none."""
    if not files:
        yield ""
        return
    with TemporaryDirectory(prefix="plumbline-fonts-") as folder:
        for number, file in enumerate(files):
            os.symlink(os.path.abspath(file), os.path.join(folder, f"{number}{os.path.splitext(file)[1]}"))
        yield folder
