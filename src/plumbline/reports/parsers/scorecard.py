"""OpenSSF Scorecard as JSON: scores from 0 to 10; what could not be told (-1) is no score."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import t
from plumbline.model.report import Measures, Report, Unreadable
from plumbline.reports import limits
from plumbline.reports.defects import Defects
from plumbline.reports.numbers import finite
from plumbline.reports.parser import Marks, Parser, Source

UNIT = "of 10"


def _marks(marks: Marks) -> bool:
    return marks.shape == "json" and {"scorecard", "repo", "checks"} <= set(marks.children)


def _read(_: Source, marks: Marks) -> Report | Unreadable:
    document: dict[str, Any] = marks.document
    checks = document["checks"]
    if not isinstance(checks, list):
        return Unreadable(code="malformed", message=t("'checks' is no list."))
    defects = Defects()
    values: dict[str, float] = {}
    for said, name in [
        (document.get("score"), "score"),
        *((_part(one, "score"), _text(_part(one, "name"))) for one in checks[:500]),
    ]:
        score = finite(said)
        if not name or score is None or score < 0:
            defects.add("no-score", t("A check came to no score; it is left out."), name)
        elif score > 10 or name in values:
            defects.add("bad-score", t("A score is above 10 or stands twice; it is left out."), name)
        else:
            values[name] = score
    if not values:
        return Unreadable(code="no-data", message=t("No check came to a score."))
    repository, commit = _text(_part(document["repo"], "name")), _text(_part(document["repo"], "commit"))
    return Report(
        format="scorecard",
        content=Measures(values=values, units=dict.fromkeys(values, UNIT)),
        tool="scorecard",
        tool_version=_text(_part(document["scorecard"], "version")),
        made=_text(document.get("date")),
        about=f"{repository}@{commit}" if repository and commit else repository or commit,
        strict=not defects,
        defects=defects.all(),
    )


def _part(said: Any, key: str) -> Any:
    return said.get(key) if isinstance(said, dict) else None


def _text(said: Any) -> str:
    return limits.kept(said, 200) if isinstance(said, str) else ""


PART = Parser(
    name="scorecard",
    title=t("OpenSSF Scorecard"),
    marks=_marks,
    read=_read,
    paths=("**/scorecard.json", "**/scorecard-results.json"),
    reference="https://github.com/ossf/scorecard",
)
