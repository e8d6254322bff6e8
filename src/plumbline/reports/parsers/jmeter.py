"""JMeter: result files (JTL) as CSV and XML, sample by sample, and the ``statistics.json`` of its report."""

from __future__ import annotations

import csv
import io
from math import nan
from typing import Any

import msgspec

from plumbline.kernel import t
from plumbline.model.report import Load, Report, Sampled, Unreadable
from plumbline.reports import limits
from plumbline.reports.defects import Defects
from plumbline.reports.distributions import TOTAL, Distributions
from plumbline.reports.numbers import counted, finite, number
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.xml import Attributes, RefusedError, XmlStream

_COLUMNS = {"timeStamp", "elapsed", "label"}
_PERCENTILES = {"medianResTime": "p50", "pct1ResTime": "p90", "pct2ResTime": "p95", "pct3ResTime": "p99"}
_MOST = 10_000
_FALSE, _TRUE = {"false", "0"}, {"true", "1"}


def _marks(marks: Marks) -> bool:
    if marks.shape == "xml":
        return marks.root == "testResults"
    if marks.shape == "text":
        return _header(marks.first) is not None
    if marks.shape != "json" or not isinstance(marks.document, dict):
        return False
    total = marks.document.get("Total")
    return isinstance(total, dict) and {"transaction", "sampleCount", "errorCount"} <= total.keys()


def _header(text: str) -> tuple[list[str], str] | None:
    """The columns and what stands between them; None where the first line names no columns of JMeter's."""
    first = text.partition("\n")[0].strip("\r")
    for delimiter in (",", ";", "\t", "|"):
        columns = [column.strip('" ') for column in first.split(delimiter)]
        if set(columns) >= _COLUMNS:
            return columns, delimiter
    return None


def _read(source: Source, marks: Marks) -> Report | Unreadable:
    defects = Defects()
    if marks.shape == "json":
        return _report(_statistics(marks.document, defects), defects, "statistics.json")
    samples = Distributions()
    stopped = _xml(source, samples, defects) if marks.shape == "xml" else _csv(source, marks, samples, defects)
    measured = samples.all()
    if marks.shape == "text" and "success" not in (_header(marks.first) or ((), ""))[0]:
        measured = tuple(msgspec.structs.replace(one, errors=None) for one in measured)
    return stopped or _report(measured, defects, marks.shape)


def _report(measured: tuple[Sampled, ...], defects: Defects, shape: str) -> Report | Unreadable:
    if not measured:
        return Unreadable(code="no-data", message=t("The file holds no sample: nothing was measured."))
    return Report(
        format="jmeter",
        content=Load(measured=measured),
        tool="jmeter",
        format_version=shape,
        strict=not defects,
        defects=defects.all(),
    )


def _csv(source: Source, marks: Marks, samples: Distributions, defects: Defects) -> Unreadable | None:
    header = _header(marks.first)
    if header is None:
        return Unreadable(code="malformed", message=t("The first line names no columns."))
    columns, delimiter = header
    began, took, label = (columns.index(name) for name in ("timeStamp", "elapsed", "label"))
    success = columns.index("success") if "success" in columns else -1
    rows = csv.reader(io.TextIOWrapper(io.BytesIO(source.data), "utf-8", "replace", newline=""), delimiter=delimiter)
    try:
        next(rows, None)
        for row in rows:
            if row:
                values = [row[at] if at < len(row) else "" for at in (began, took, label)]
                said = "true" if success < 0 else row[success] if success < len(row) else ""
                _add(samples, defects, (*values, said), f"line {rows.line_num}")
    except csv.Error as error:
        return Unreadable(
            code="malformed", message=t("Line {line} cannot be read: {reason}.", line=rows.line_num, reason=str(error))
        )
    except RefusedError as refused:
        return Unreadable(code=refused.code, message=refused.message)
    if success < 0:
        defects.add("no-success", t("There is no column 'success': errors are not told."))
    return None


def _add(samples: Distributions, defects: Defects, said: tuple[str, ...], where: str) -> None:
    """Take one sample: when it began, how long it took, its label, whether it succeeded."""
    took = number(said[1])
    if took is None or not 0 <= took <= limits.LONGEST * 1000:
        defects.add("bad-sample", t("A sample has no duration that can be believed; it is left out."), where)
        return
    began = number(said[0])
    if began is None or not 0 <= began < 1e14:
        defects.add("no-time", t("A sample does not say when it was in milliseconds; rates cannot be told."), where)
        began = nan
    succeeded = said[3].strip().lower()
    if succeeded not in _TRUE | _FALSE:
        defects.add("bad-sample", t("A sample does not say whether it succeeded; it counts as an error."), where)
    samples.add(said[2], began, took, succeeded not in _TRUE)


def _xml(source: Source, samples: Distributions, defects: Defects) -> Unreadable | None:
    """Take the outermost samples: those inside of one are parts of it."""
    depth = 0

    def start(attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth == 1:
            said = tuple(attributes.get(name, "") for name in ("ts", "t", "lb", "s"))
            _add(samples, defects, said, f"line {stream.line}")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    kinds = ("httpSample", "sample")
    stream = XmlStream(dict.fromkeys(kinds, start), dict.fromkeys(kinds, end))
    return stream.read(source.data)


def _statistics(document: dict[str, Any], defects: Defects) -> tuple[Sampled, ...]:
    found = []
    for name, said in list(document.items())[:_MOST]:
        samples = counted(said.get("sampleCount")) if isinstance(said, dict) else None
        if samples is None:
            defects.add("bad-sample", t("An entry has no count of samples; it is left out."), name)
            continue
        percentiles = {
            ours: value for key, ours in _PERCENTILES.items() if (value := finite(said.get(key))) is not None
        }
        found.append(
            Sampled(
                name=TOTAL if name == "Total" else limits.name(name),
                samples=samples,
                errors=counted(said.get("errorCount")),
                mean=finite(said.get("meanResTime")),
                percentiles=percentiles,
                per_second=finite(said.get("throughput")),
            )
        )
    return tuple(sorted(found, key=lambda one: one.name != TOTAL))


PART = Parser(
    name="jmeter",
    title=t("Load test results of JMeter"),
    marks=_marks,
    read=_read,
    gitlab=("load_performance",),
    paths=("**/*.jtl", "**/jmeter/**/statistics.json", "**/target/jmeter/results/*.csv"),
    reference="https://jmeter.apache.org/usermanual/generating-dashboard.html",
)
