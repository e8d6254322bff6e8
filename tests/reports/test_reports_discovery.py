"""Reports that nobody asked for: found by where they lie and what they are, and proposed as lines of YAML."""

from __future__ import annotations

import pytest

from plumbline.model.report import FoundReport, Rule
from plumbline.reports.discovery import HEAD, MOST, Left, discover, place_of, proposal
from plumbline.reports.report_paths import OUTPUT, PLACES, SUFFIXES

JUNIT = b'<?xml version="1.0"?><testsuite name="a" tests="1"><testcase name="x" classname="C"/></testsuite>'
CALLS = b'{"plumbline": "call", "verb": "GET", "name": "/a"}\n{"plumbline": "test", "test": "t", "outcome": "passed"}\n'


def left(path: str, data: bytes = JUNIT, *, kept: bool = False, size: int = 0) -> Left:
    return Left(path, size or len(data), data[:HEAD], kept)


def found(*files: Left, asked: tuple[str, ...] = (), contract: tuple[str, ...] = ()) -> list[tuple[str, Rule, str]]:
    wanted = [(path, path.__eq__) for path in contract]
    return [(one.path, one.rule, one.format) for one in discover(files, asked.__contains__, wanted)]


@pytest.mark.parametrize(
    ("path", "ecosystem"),
    [
        ("target/surefire-reports/TEST-com.bank.T.xml", "Maven Surefire"),
        ("ledger/core/target/surefire-reports/TEST-x.xml", "Maven Surefire"),
        ("target/failsafe-reports/TEST-x.xml", "Maven Failsafe"),
        ("app/build/test-results/test/TEST-x.xml", "Gradle"),
        ("target/site/jacoco/jacoco.xml", "JaCoCo (Maven)"),
        ("coverage/lcov.info", "Istanbul, nyc, jest, vitest"),
        ("coverage.xml", "coverage.py"),
        ("T/TestResults/0a1b/coverage.cobertura.xml", ".NET (coverlet)"),
        ("gl-sast-report.json", "GitLab"),
        ("plumbline-calls-1.jsonl", "Plumbline"),
        ("target/surefire-reports/x.txt", ""),
        ("src/junit.xml.bak", ""),
        ("surefire-reports/TEST-x.xml", ""),
    ],
)
def test_tools_leave_their_reports_in_known_places(path: str, ecosystem: str) -> None:
    assert place_of(path)[0] == ecosystem


def test_each_place_can_be_reached_by_a_brief_look() -> None:
    for place in PLACES:
        folders = place.glob.split("/")[:-1]
        assert len(folders) <= 1 or OUTPUT & set(folders), place
        assert place.glob.endswith((*SUFFIXES, "*")), place


def test_a_place_alone_is_not_enough() -> None:
    assert found(left("junit.xml"), left("coverage.xml", b"<project/>"), left("bom.json", b"[]")) == [
        ("junit.xml", Rule.PATH, "junit")
    ]


def test_content_alone_is_enough_among_artifacts_only() -> None:
    assert found(left("out/a.xml", kept=True), left("out/b.xml"), left("c", CALLS, kept=True)) == [
        ("out/a.xml", Rule.CONTENT, "junit"),
        ("c", Rule.CONTENT, "plumbline_calls"),
    ]


def test_what_is_asked_for_is_not_found() -> None:
    assert found(left("junit.xml"), asked=("junit.xml",)) == []


def test_what_a_contract_names_comes_before_what_lies_somewhere() -> None:
    assert found(left("junit.xml"), left("x.xml"), contract=("x.xml", "junit.xml")) == [
        ("junit.xml", Rule.CONTRACT, "junit"),
        ("x.xml", Rule.CONTRACT, "junit"),
    ]


def test_a_large_file_is_named_by_its_place_and_its_content_is_not_guessed() -> None:
    large = b'{"a": [' + b" " * HEAD
    assert found(left("bom.json", large, size=1 << 30), left("z.json", large, kept=True, size=1 << 30)) == [
        ("bom.json", Rule.PATH, "")
    ]
    padded = JUNIT.replace(b"</testsuite>", b" " * HEAD + b"</testsuite>")
    assert found(left("junit.xml", padded, size=len(padded))) == [("junit.xml", Rule.PATH, "junit")]


@pytest.mark.parametrize("data", [b"", b"\0\1", b"<", b"{", b"\xff\xfe", b"<a>" * 9999, b"[" * 60_000, b"PK\3\4"])
def test_whatever_lies_there_raises_nothing(data: bytes) -> None:
    assert found(left("junit.xml", data)) == []


def test_not_more_than_can_be_read_is_proposed() -> None:
    assert len(found(*(left(f"target/surefire-reports/TEST-{n}.xml") for n in range(500)))) == MOST


def report(path: str, kind: str = "junit", glob: str = "", format_: str = "junit") -> FoundReport:
    return FoundReport(path=path, rule=Rule.PATH, kind=kind, glob=glob, format=format_)


def surefire(module: str, name: str) -> FoundReport:
    return report(f"{module}/target/surefire-reports/TEST-{name}.xml", glob="target/surefire-reports/TEST-*.xml")


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        ([report("junit.xml")], ["      junit: [junit.xml]"]),
        (
            [surefire("m", "a"), surefire("m", "b")],
            ["      junit: ['m/target/surefire-reports/TEST-*.xml']"],
        ),
        (
            [surefire("a", "a"), surefire("b", "b")],
            ["      junit: ['**/target/surefire-reports/TEST-*.xml']"],
        ),
        (
            [report("coverage.xml", "coverage_report", format_="cobertura")],
            ["      coverage_report:", "        coverage_format: cobertura", "        path: coverage.xml"],
        ),
        ([report("it's.xml")], ["      junit: ['it''s.xml']"]),
    ],
)  # fmt: skip
def test_the_proposal_is_lines_to_add(files: list[FoundReport], lines: list[str]) -> None:
    said = [str(line) for line in proposal(files)]
    assert said[2:] == ["  artifacts:", "    reports:", *lines]


def test_what_no_key_takes_is_named_with_the_way_to_add_it() -> None:
    said = [str(line) for line in proposal([report("x.har", "", format_="har")])]
    assert said[1:] == [
        "No key of artifacts:reports takes these; ci.take_reports does, or plumb report add: x.har (har)"
    ]


def test_nothing_found_says_nothing() -> None:
    assert proposal([]) == []
