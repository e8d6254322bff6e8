"""Mutation and load tests, plans, variables, metrics and scores."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plumbline.model.report import Load, Measures, Mutation, Planned, Report, Sampled, Unreadable, Variables
from plumbline.reports.parser import Source
from plumbline.reports.reading import read


def report(given: Any, wanted: str = "") -> Report:
    found = read(Source(name="x", data=_bytes(given)), wanted)
    assert isinstance(found, Report), found
    return found


def refused(given: Any, wanted: str = "") -> str:
    found = read(Source(name="x", data=_bytes(given)), wanted)
    assert isinstance(found, Unreadable), found
    return found.code


def _bytes(given: Any) -> bytes:
    return given.encode() if isinstance(given, str) else json.dumps(given).encode()


def codes(found: Report) -> list[str]:
    return [defect.code for defect in found.defects]


def measured(found: Report) -> dict[str, Sampled]:
    assert isinstance(found.content, Load)
    return {one.name: one for one in found.content.measured}


def test_pit_counts_by_the_words_of_the_tool() -> None:
    words = ["KILLED"] * 3 + ["SURVIVED", "NO_COVERAGE", "TIMED_OUT", "RUN_ERROR", "MAGIC"]
    found = report("<mutations>" + "".join(f'<mutation status="{word}"/>' for word in words) + "</mutations>")
    assert found.content == Mutation(
        killed=3, survived=1, not_covered=1, other=3,
        details={"KILLED": 3, "NO_COVERAGE": 1, "RUN_ERROR": 1, "SURVIVED": 1, "TIMED_OUT": 1, "UNKNOWN": 1},
    )  # fmt: skip
    assert codes(found) == ["bad-status"]
    assert refused("<mutations/>") == "no-data"


TREND = {"avg": 12.5, "med": 10, "max": 90, "p(90)": 40, "p(95)": 60}
K6_OLD = {
    "root_group": {},
    "metrics": {
        "http_req_duration": {**TREND, "thresholds": {"p(95)<50": True, "p(90)<50": False}},
        "http_reqs": {"count": 200, "rate": 20.0},
        "http_req_failed": {"passes": 7, "fails": 193, "value": 0.035},
        "my_trend": TREND,
    },
}
K6_NEW = {
    "root_group": {},
    "metrics": {
        "http_req_duration": {
            "type": "trend", "contains": "time", "values": TREND,
            "thresholds": {"p(95)<50": {"ok": False}, "p(90)<50": {"ok": True}},
        },
        "http_reqs": {"type": "counter", "contains": "default", "values": {"count": 200, "rate": 20.0}},
        "http_req_failed": {"type": "rate", "values": {"passes": 7, "fails": 193, "rate": 0.035}},
        "my_size": {"type": "trend", "contains": "data", "values": TREND},
    },
}  # fmt: skip


@pytest.mark.parametrize("summary", [K6_OLD, K6_NEW], ids=["summary-export", "handleSummary"])
def test_k6_says_the_same_in_both_shapes(summary: dict[str, Any]) -> None:
    """In the older shape a threshold that was crossed is true (grafana/k6#1498)."""
    found = report(summary)
    assert isinstance(found.content, Load)
    assert found.content.thresholds == {"http_req_duration: p(95)<50": False, "http_req_duration: p(90)<50": True}
    assert measured(found) == {
        "http_req_duration": Sampled(
            name="http_req_duration", samples=200, errors=7, mean=12.5, per_second=20.0,
            percentiles={"p90": 40, "p95": 60, "p50": 10},
        )
    }  # fmt: skip


JTL = "timeStamp,elapsed,label,responseCode,success\n" + "".join(
    f'{1_700_000_000_000 + n * 10},{n},"pay, now",200,{"false" if n > 98 else "true"}\n' for n in range(1, 101)
)


def test_jmeter_csv_is_counted_sample_by_sample() -> None:
    found = measured(report(JTL + "1,soon,x,200,true\n"))
    assert found["pay, now"].percentiles == {"p50": 50, "p90": 90, "p95": 95, "p99": 99}
    assert (found["pay, now"].samples, found["pay, now"].errors, found["pay, now"].mean) == (100, 2, 50.5)
    assert found["total"].samples == 100
    assert codes(report(JTL + "1,soon,x,200,true\n")) == ["bad-sample"]


def test_jmeter_csv_with_other_delimiters_and_without_success() -> None:
    found = report("timeStamp;elapsed;label\n1700000000000;5;a\n")
    assert (measured(found)["a"].samples, measured(found)["a"].errors) == (1, None)
    assert codes(found) == ["no-success"]
    assert refused("timeStamp,elapsed,label,success\n") == "no-data"


def test_jmeter_csv_whose_times_are_dates_has_no_rates() -> None:
    found = report("timeStamp,elapsed,label,success\n2014-02-24 07:42:21.256,1300,a,true\n1700000000000,100,a,true\n")
    assert (measured(found)["a"].samples, measured(found)["a"].per_second) == (2, None)
    assert codes(found) == ["no-time"]


def test_jmeter_xml_counts_the_outermost_samples() -> None:
    found = report(
        '<testResults version="1.2"><httpSample t="40" ts="1700000000000" s="true" lb="page">'
        '<httpSample t="30" ts="1700000000000" s="false" lb="image"/></httpSample>'
        '<sample t="20" ts="1700000000040" s="false" lb="page"/></testResults>'
    )
    assert measured(found).keys() == {"total", "page"}
    assert (measured(found)["page"].samples, measured(found)["page"].errors) == (2, 1)


def test_jmeter_statistics() -> None:
    entry = {"transaction": "Total", "sampleCount": 100, "errorCount": 2, "meanResTime": 5.5, "medianResTime": 5,
             "pct1ResTime": 9, "pct2ResTime": 10, "pct3ResTime": 11, "throughput": 3.5}  # fmt: skip
    found = measured(report({"pay": {**entry, "transaction": "pay"}, "Total": entry}))
    assert list(found) == ["total", "pay"]
    assert found["pay"].percentiles == {"p50": 5, "p90": 9, "p95": 10, "p99": 11}


def gatling(name: str, total: Any) -> dict[str, Any]:
    triple = {"total": total, "ok": total, "ko": "-" if isinstance(total, str) else 0}
    return {"name": name, "numberOfRequests": triple, "meanResponseTime": triple, "percentiles1": triple}


@pytest.mark.parametrize("number", ["8", 8])
def test_gatling(number: Any) -> None:
    tree = {"type": "GROUP", "stats": gatling("All Requests", number),
            "contents": {"r": {"type": "REQUEST", "stats": gatling("pay", number)}}}  # fmt: skip
    found = measured(report(tree))
    assert [(one.name, one.samples, one.percentiles) for one in found.values()] == [
        ("total", 8, {"p50": 8}), ("pay", 8, {"p50": 8}),
    ]  # fmt: skip
    assert refused(gatling("All Requests", 0)) == "no-data"


def plan(*actions: list[str], **more: Any) -> dict[str, Any]:
    changes = [{"address": f"a.{n}", "change": {"actions": each}} for n, each in enumerate(actions)]
    return {"format_version": "1.2", "terraform_version": "1.9", "resource_changes": changes, **more}


def test_terraform() -> None:
    found = report(plan(["create"], ["delete", "create"], ["no-op"], ["update"], ["read"], ["explode"]))
    assert found.content == Planned(create=2, update=1, delete=1, resources=("a.0", "a.1", "a.3"))
    assert codes(found) == ["bad-change"]
    assert report({"create": 1, "update": 0, "delete": 2}).content == Planned(create=1, delete=2)
    assert report(plan()).content == Planned()


TERRAFORM = {
    "a plan that failed": (plan(["create"], errored=True), "failed"),
    "a negative count": ({"create": -1, "update": 0, "delete": 0}, "malformed"),
    "a state": ({"format_version": "1.0", "terraform_version": "1.9", "values": {}}, "no-mark"),
}


@pytest.mark.parametrize(("given", "code"), TERRAFORM.values(), ids=TERRAFORM)
def test_terraform_refused(given: Any, code: str) -> None:
    assert refused(given) == code


def test_dotenv_is_what_the_sender_says() -> None:
    found = report("A=1\nB=\nA=2\n", "dotenv")
    assert found.content == Variables(names=("A", "B"))
    assert codes(found) == ["duplicate-name"]
    assert refused("A=1\n") == "no-mark"
    assert refused("A=1\nnonsense\n", "dotenv") == "malformed"
    assert codes(report("# a comment\nA=1\n", "dotenv")) == ["bad-line"]


METRICS = """# TYPE size_bytes gauge
# UNIT size_bytes bytes
size_bytes{os="linux",arch="x"} 1234 1700000000
startup_seconds 0.5 # {trace="1"} 1
odd NaN
# EOF
"""


def test_metrics() -> None:
    found = report(METRICS)
    assert found.content == Measures(
        values={'size_bytes{arch="x",os="linux"}': 1234, "startup_seconds": 0.5}, units={"size_bytes": "bytes"}
    )
    assert codes(found) == ["bad-line"]
    assert report("memory_mb 12\n", "metrics").content == Measures(values={"memory_mb": 12})
    assert refused("memory_mb 12\n") == "no-mark"
    assert refused("well, no\n", "metrics") == "no-data"


def test_scorecard_leaves_out_what_it_could_not_tell() -> None:
    document = {
        "date": "2026-01-02", "repo": {"name": "example.com/bank", "commit": "abc"}, "scorecard": {"version": "v5"},
        "score": 7.1, "checks": [{"name": "Fuzzing", "score": 0}, {"name": "Signed-Releases", "score": -1}],
    }  # fmt: skip
    found = report(document)
    assert found.content == Measures(values={"score": 7.1, "Fuzzing": 0}, units={"score": "of 10", "Fuzzing": "of 10"})
    assert (found.about, found.tool_version, codes(found)) == ("example.com/bank@abc", "v5", ["no-score"])
