"""Named numbers in OpenMetrics text, as GitLab's metrics reports and Prometheus have them."""

from __future__ import annotations

import re

from plumbline.kernel import t
from plumbline.model.report import Measures, Report, Unreadable
from plumbline.reports import limits
from plumbline.reports.defects import Defects
from plumbline.reports.numbers import number
from plumbline.reports.parser import Marks, Parser, Source

_SAMPLE = re.compile(r"([A-Za-z_:][\w:.-]*)\s*(\{.*\})?\s+(\S+)(?:\s+\S+)?(?:\s+# .*)?", re.ASCII)
_LABEL = re.compile(r'([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"')
_COMMENTS = ("# TYPE ", "# HELP ", "# UNIT ", "# EOF")
_MOST = 10_000


def _marks(marks: Marks) -> bool:
    if marks.shape != "text":
        return False
    return marks.wanted == "metrics" or any(line.startswith(("# TYPE ", "# EOF")) for line in marks.first.splitlines())


def _read(source: Source, _: Marks) -> Report | Unreadable:
    defects = Defects()
    values: dict[str, float] = {}
    units: dict[str, str] = {}
    for at, line in enumerate(source.data.decode("utf-8", "replace").splitlines(), 1):
        line, where = line.strip(), f"line {at}"
        if line.startswith("# UNIT "):
            name, space, unit = line[7:].partition(" ")
            if space and len(units) < _MOST:
                units[limits.name(name)] = limits.kept(unit.strip(), 40)
        if not line or line.startswith("#"):
            continue
        found = _SAMPLE.fullmatch(line[: limits.NAME * 4])
        value = number(found[3]) if found else None
        if found is None or value is None:
            defects.add("bad-line", t("A line is no metric with a finite number; it is left out."), where)
            continue
        name = limits.name(found[1] + _labels(found[2] or ""))
        if name in values:
            defects.add("duplicate-name", t("A metric stands twice; the last one counts."), name)
        values[name] = value
        if len(values) > _MOST:
            return Unreadable(code="too-many", message=t("The file has more than {most} metrics.", most=_MOST))
    if not values:
        return Unreadable(code="no-data", message=t("The file holds no metric that could be read."), format="metrics")
    return Report(
        format="metrics", content=Measures(values=values, units=units), strict=not defects, defects=defects.all()
    )


def _labels(said: str) -> str:
    """Labels in the order of their names, so that a metric is called the same in every run."""
    found = sorted(_LABEL.findall(said))
    return "{" + ",".join(f'{name}="{value}"' for name, value in found) + "}" if found else ""


PART = Parser(
    name="metrics",
    title=t("Metrics as OpenMetrics text"),
    marks=_marks,
    read=_read,
    gitlab=("metrics",),
    paths=("**/metrics.txt",),
    reference="https://prometheus.io/docs/specs/om/open_metrics_spec/",
)
