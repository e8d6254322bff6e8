"""An assessment as a reader sees it: what pages, files and terminals show, worded once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import language as current
from plumbline.kernel import t
from plumbline.kernel.text import in_language, nt
from plumbline.maturity.report import wording as say
from plumbline.maturity.report.beside import Beside, Graded, Rendered, Since, Told, told_by
from plumbline.maturity.report.brief import brief, shown_proofs
from plumbline.maturity.report.items import Writer
from plumbline.maturity.report.labels import labels
from plumbline.maturity.report.reservations import reservations
from plumbline.maturity.report.shown import Report, ShownEvent
from plumbline.maturity.report.standing import counts, focus, particulars, roll_up
from plumbline.maturity.report.steps import stages
from plumbline.maturity.report.wording import left_out, words_of

if TYPE_CHECKING:
    from plumbline.model.assessment import Assessment

__all__ = [
    "Beside",
    "Graded",
    "Rendered",
    "Report",
    "Since",
    "Told",
    "left_out",
    "make_report",
    "reservations",
    "told_by",
    "words_of",
]

MOST_EVENTS = 20  # event ids named for each finding
MOST_LISTED = 1000  # event ids named in the appendix
NOTHING = Beside()


def make_report(
    assessment: Assessment, language: str = "", most_events: int = MOST_EVENTS, beside: Beside = NOTHING
) -> Report:
    """Every text in ``language`` (default: the one in use). Pure; the same input gives the same report."""
    code = language or current()
    with in_language(code):
        return _write(Writer(assessment, most_events, beside), "zh-Hans" if code.lower().startswith("zh") else "en")


def _write(writer: Writer, language: str) -> Report:
    one = writer.assessment
    rows = counts(writer)
    events, events_text = _cited(one)
    return Report(
        language=language,
        title=str(t("Maturity report: {name}", name=one.pack_name)),
        subject=writer.beside.titles.get(one.scope.subject, one.scope.subject),
        path=one.scope.subject,
        as_of=writer.beside.moment(one.scope.end),
        notice=str(one.notice),
        reservations=reservations(one, writer.beside.called),
        level=one.level,
        headline=say.whole(one),
        headline_names=say.whole(one, writer.title),
        roll_up=roll_up(one.roll_up),
        levels=tuple((level, writer.title(level)) for level in writer.order),
        outcomes=tuple((str(key), str(text)) for key, text in say.OUTCOMES.items()),
        states=tuple((key, str(text)) for key, text in say.STATES.items()),
        counts=rows,
        records=focus(rows),
        brief=brief(writer),
        areas=tuple(writer.area(group) for group in one.groups),
        stages=stages(writer),
        proofs=shown_proofs(writer),
        particulars=particulars(writer),
        checkpoint=one.scope.checkpoint,
        signatures=tuple(line for line in one.scope.checkpoint.splitlines() if line.startswith("\N{EM DASH} ")),
        events=events,
        events_text=events_text,
        labels=labels(),
    )


def _cited(assessment: Assessment) -> tuple[tuple[ShownEvent, ...], str]:
    """Every event that a criterion names, with those criteria."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for item in assessment.every_item():
        for verdict in item.verdicts:
            for one in verdict.cited:
                found.setdefault((one.source, one.id), {})[verdict.criterion] = None
    shown = tuple(
        ShownEvent(source=source, id=id_, criteria=tuple(criteria))
        for (source, id_), criteria in sorted(found.items())[:MOST_LISTED]
    )
    if len(shown) < len(found):
        return shown, str(t("The first {shown} of {count} events.", shown=len(shown), count=len(found)))
    return shown, str(nt("{count} event is cited.", "{count} events are cited.", len(found)))
