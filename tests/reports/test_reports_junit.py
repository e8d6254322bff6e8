"""JUnit XML as its writers write it, with what readers elsewhere got wrong."""

from __future__ import annotations

from typing import Any

import pytest

from plumbline.model.report import CaseOutcome, Report, TestCase, TestRun
from plumbline.reports.parser import Source
from plumbline.reports.reading import read

P, F, E, S = CaseOutcome.PASSED, CaseOutcome.FAILED, CaseOutcome.ERROR, CaseOutcome.SKIPPED


def report(xml: str, **settings: str) -> Report:
    found = read(Source(name="junit.xml", data=xml.encode(), settings=settings))
    assert isinstance(found, Report), found
    return found


def run(xml: str, **settings: str) -> TestRun:
    content = report(xml, **settings).content
    assert isinstance(content, TestRun)
    return content


def cases(xml: str, **settings: str) -> tuple[TestCase, ...]:
    return run(xml, **settings).cases


def codes(xml: str) -> list[str]:
    return [defect.code for defect in report(xml).defects]


def suite(*inner: str, **attributes: Any) -> str:
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<testsuite{said}>{''.join(inner)}</testsuite>"


def case(name: str = "a", inner: str = "", class_name: str = "C", **attributes: Any) -> str:
    said = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<testcase classname="{class_name}" name="{name}"{said}>{inner}</testcase>'


FAILURE, ERROR, SKIPPED = '<failure message="no"/>', '<error message="oh"/>', '<skipped message="later"/>'

OUTCOMES = {
    "a case with nothing in it passed": ("", P),
    "a failure": (FAILURE, F),
    "an error": (ERROR, E),
    "a skip": (SKIPPED, S),
    "an error and a failure of one case are one case (mikepenz/action-junit-report#1480)": (ERROR + FAILURE, F),
    "two failures of one case are one case": (FAILURE + FAILURE, F),
    "a skip beside a failure hides nothing": (SKIPPED + FAILURE, F),
    "output is no result": ("<system-out>failure</system-out>", P),
}


@pytest.mark.parametrize(("inner", "outcome"), OUTCOMES.values(), ids=OUTCOMES)
def test_a_case_has_one_outcome(inner: str, outcome: CaseOutcome) -> None:
    [found] = cases(suite(case(inner=inner)))
    assert found.outcome is outcome


def test_a_retry_is_the_same_case_again_and_the_last_result_counts() -> None:
    """A retry is a repeated `<testcase>`: gradle's retry plugin, pytest under a wrapper (release.md 9)."""
    [found] = cases(suite(case(inner=FAILURE), case(inner=ERROR), case()))
    assert (found.outcome, found.retries) == (P, (F, E))
    assert found.message == "oh"  # why it was not green at once


AGAIN = {
    "what passed is not tried again: rows of data (TestNG)": ([P, F, P], [("", P, ()), ("#2", F, ()), ("#3", P, ())]),
    "a retry that TestNG calls skipped": ([S, F], [("", F, (S,))]),
    "a skip takes no failure back": ([F, S], [("", F, (S,))]),
    "failed to the end": ([F, E, F], [("", F, (F, E))]),
}


@pytest.mark.parametrize(("results", "expected"), AGAIN.values(), ids=AGAIN)
def test_a_name_that_comes_again_hides_nothing(results: list[CaseOutcome], expected: list[Any]) -> None:
    inner = {P: "", F: FAILURE, E: ERROR, S: SKIPPED}
    found = cases(suite(*(case(inner=inner[one]) for one in results)))
    assert [(c.parameters, c.outcome, c.retries) for c in found] == expected


def test_cases_without_a_name_are_not_one() -> None:
    assert len(cases(suite("<testcase><failure/></testcase><testcase><failure/></testcase><testcase/>"))) == 3


SUREFIRE = {
    "flaky": ("<flakyFailure message='1'/><flakyError message='2'/>", P, (F, E)),
    "failed again": (f"{FAILURE}<rerunFailure message='2'/><rerunError message='3'/>", E, (F, F)),
}


@pytest.mark.parametrize(("inner", "outcome", "retries"), SUREFIRE.values(), ids=SUREFIRE)
def test_retries_of_surefire(inner: str, outcome: CaseOutcome, retries: tuple[CaseOutcome, ...]) -> None:
    """maven-surefire, rerunFailingTestsCount: the schema surefire-test-report-3.0.xsd."""
    [found] = cases(suite(case(inner=inner)))
    assert (found.outcome, found.retries) == (outcome, retries)


def test_equal_names_in_two_classes_or_files_are_two() -> None:
    """mikepenz/action-junit-report#1463."""
    xml = suite(case(class_name="A"), case(class_name="B", inner=FAILURE), case(class_name="B", file="b/x.rb"))
    assert [(c.class_name, c.outcome) for c in cases(xml)] == [("A", P), ("B", F), ("B", P)]


def test_without_a_class_the_suite_tells_cases_apart() -> None:
    bare = '<testcase name="a"/>'
    xml = f"<testsuites>{suite(bare, name='one')}{suite(bare, name='two')}</testsuites>"
    assert [c.class_name for c in cases(xml)] == ["one", "two"]


def test_the_same_test_in_two_browsers_is_two_cases() -> None:
    """Playwright writes one suite for each project, told apart by hostname: one must not hide the other."""
    xml = f"""<testsuites>{suite(case(inner=FAILURE), name="x", hostname="firefox")}
    {suite(case(inner=FAILURE), case(), name="x", hostname="webkit")}</testsuites>"""
    assert [(c.outcome, c.retries) for c in cases(xml)] == [(F, ()), (P, (F,))]
    assert len({c.key for c in cases(xml)}) == 2


def test_nested_suites_are_neither_dropped_nor_doubled() -> None:
    """dorny/test-reporter PR#701: 3 of 9 cases were lost; buildkite test-collector#54: others were doubled."""
    three = case("a") + case("b") + case("c", inner=FAILURE)
    xml = suite(
        three.replace('"C"', '"1"'),
        suite(three.replace('"C"', '"2"'), suite(three.replace('"C"', '"3"'), name="deep", tests=3, failures=1)),
        name="outer", tests=9, failures=3,
    )  # fmt: skip
    assert len(cases(xml)) == 9
    assert codes(xml) == []


def test_two_suites_of_one_name_keep_all_their_cases() -> None:
    """ICTU/quality-time#11138."""
    xml = f"<testsuites>{suite(case('a'), name='s')}{suite(case('b'), name='s')}</testsuites>"
    assert [c.name for c in cases(xml)] == ["a", "b"]


HEADERS = {
    "agrees": (suite(case(), case("b", FAILURE), tests=2, failures=1, errors=0, skipped=0), []),
    "too few": (suite(case(), case("b"), tests=1), ["header-disagrees"]),
    "no failure told": (suite(case(inner=FAILURE), tests=1, failures=0), ["header-disagrees"]),
    "counts error and failure of one case twice": (
        suite(case(inner=ERROR + FAILURE), tests=1, failures=1, errors=1),
        [],
    ),
    "thousands": (suite(*(case(f"n{n}") for n in range(1200)), tests="1,200"), []),
    "no number": (suite(case(), tests="many"), ["header-disagrees"]),
    "says nothing": (suite(case()), []),
    "disabled and skipped are both skipped": (suite(case(inner=SKIPPED), tests=1, skipped=0, disabled=1), []),
}


@pytest.mark.parametrize(("xml", "expected"), HEADERS.values(), ids=HEADERS)
def test_totals_come_from_the_cases_and_a_header_may_disagree(xml: str, expected: list[str]) -> None:
    assert codes(xml) == expected
    assert report(xml).strict is (expected == [])


TIMES = {
    "0.5": (0.5, []),
    "1,234.5": (1234.5, []),
    "0,005": (0.005, []),
    "1.234,5": (1234.5, []),
    "12,5": (12.5, []),
    "1,234": (None, ["bad-number"]),  # 1234 in one country, 1.234 in another
    "1e-05": (1e-05, []),
    "": (None, []),
    "-1": (None, ["negative-duration"]),
    "NaN": (None, ["bad-number"]),
    "inf": (None, ["bad-number"]),
    "9999999999": (None, ["absurd-duration"]),
    "soon": (None, ["bad-number"]),
}


@pytest.mark.parametrize("said", TIMES)
def test_durations(said: str) -> None:
    xml = suite(case(time=said))
    seconds, defects = TIMES[said]
    assert (cases(xml)[0].seconds, codes(xml)) == (seconds, defects)


NAMES = {
    "test_x[a-1]": ("test_x", "a-1"),
    "test_x[a[0]-b]": ("test_x", "a[0]-b"),
    "test(int)[1]": ("test", "(int)[1]"),
    "testName{int}[2]": ("testName", "{int}[2]"),
    "[1] five": ("[1] five", ""),
    "handles a list [like this]": ("handles a list [like this]", ""),
    "testAdd with data set #0": ("testAdd", "data set #0"),
    "TestX/case_a": ("TestX/case_a", ""),
    "adds()": ("adds()", ""),
}


@pytest.mark.parametrize("said", NAMES)
def test_parameters_are_split_off_where_they_can_be_told(said: str) -> None:
    [found] = cases(suite(case(said)))
    assert (found.name, found.parameters) == NAMES[said]


PLACES = {
    "pytest's dotted class": (suite(case(class_name="t.a.test_x.TestA"), name="pytest"), "t/a/test_x.py", "TestA"),
    "pytest's module": (suite(case(class_name="tests.test_x"), name="pytest"), "tests/test_x.py", ""),
    "a Java class": (suite(case(class_name="com.bank.AccountTest")), "", "com.bank.AccountTest"),
    "vitest's class is a file": (suite(case(class_name="src/a.test.ts"), name="src/a.test.ts"), "src/a.test.ts", ""),
    "a Go package is none": (suite(case(class_name="example.com/bank/ledger")), "", "example.com/bank/ledger"),
    "rspec's file": (suite(case(file="./spec/a_spec.rb")), "spec/a_spec.rb", "C"),
    "mocha's suite has it": (suite(case(), file="test/a.js"), "test/a.js", "C"),
    "Windows": (suite(case(file="C:\\build\\tests\\a.cs")), "build/tests/a.cs", "C"),
    "climbing out": (suite(case(file="../../etc/passwd")), "", "C"),
}  # fmt: skip


@pytest.mark.parametrize(("xml", "file", "class_name"), PLACES.values(), ids=PLACES)
def test_where_a_case_is(xml: str, file: str, class_name: str) -> None:
    [found] = cases(xml)
    assert (found.file, found.class_name) == (file, class_name)


def test_absolute_files_are_relative_to_the_folder_of_the_build() -> None:
    xml = suite(case("a", file="/builds/bank/app/tests/A.php"), case("b", file="/usr/share/php/B.php"))
    assert [c.file for c in cases(xml, root="/builds/bank/app")] == ["tests/A.php", ""]
    assert [d.code for d in report(xml, root="/builds/bank/app").defects] == ["outside-repository"]


DIALECTS = {
    "pytest": '<testsuites name="pytest tests"><testsuite name="pytest"/></testsuites>',
    "surefire": '<testsuite xmlns:xsi="x" xsi:noNamespaceSchemaLocation="https://x/surefire-test-report.xsd"/>',
    "gradle": '<testsuite name="A" tests="0" skipped="0" failures="0" errors="0" timestamp="t" hostname="h" time="0"/>',
    "jest": '<testsuites name="jest tests"/>',
    "vitest": '<testsuites name="vitest tests"/>',
    "mocha": '<testsuites name="Mocha Tests"/>',
    "rspec": '<testsuite name="rspec"/>',
    "go": '<testsuite><properties><property name="go.version" value="go1.24"/></properties></testsuite>',
    "phpunit": '<testsuite><testcase name="a" class="A" line="3" assertions="1"/></testsuite>',
    "ctest": '<testsuite><testcase name="a" classname="a" status="run"/></testsuite>',
    "googletest": '<testsuites name="AllTests"/>',
    "dotnet": '<testsuite name="Bank.Tests.dll"/>',
    "": '<testsuite name="anything"/>',
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_writer_is_told_by_marks_of_its_own(dialect: str) -> None:
    assert run(DIALECTS[dialect]).dialect == dialect


def test_what_was_not_run_is_skipped() -> None:
    """CTest and GoogleTest say so in `status` alone."""
    xml = suite(case(status="notrun"), case("b", status="disabled"), case("c", status="run"))
    assert [found.outcome for found in cases(xml)] == [S, S, P]


def layer(value: str) -> str:
    return f'<properties><property name="layer" value="{value}"/></properties>'


def test_what_ctest_could_not_run_is_an_error() -> None:
    """CTest fails then, and writes the test down as skipped."""
    told = (("SKIP_RETURN_CODE=77", S), ("Unable to find executable", E))
    for message, outcome in told:
        inner = f'<skipped message="{message}"/>'
        xml = suite(case("a", inner, class_name="a", status="notrun"), tests=1, failures=0, skipped=1)
        assert (cases(xml)[0].outcome, codes(xml)) == (outcome, [])


LAYERS = {
    "of the case": (suite(case(inner=layer("interface"))), "", "interface"),
    "of the suite": (suite(layer("Unit"), case()), "", "unit"),
    "the case before the suite": (suite(layer("unit"), case(inner=layer("user"))), "", "user"),
    "of the setting": (suite(case()), "component", "component"),
    "the suite before the setting": (suite(layer("unit"), case()), "component", "unit"),
    "of an outer suite": (suite(layer("unit"), suite(case())), "", "unit"),
    "a word that is none": (suite(layer("fast"), case()), "", ""),
    "the name of a suite is no declaration": (suite(case(), name="unit"), "", ""),
}


@pytest.mark.parametrize(("xml", "setting", "expected"), LAYERS.values(), ids=LAYERS)
def test_the_layer_is_declared_and_never_guessed(xml: str, setting: str, expected: str) -> None:
    assert cases(xml, layer=setting)[0].layer == expected


def test_properties_are_those_of_the_case() -> None:
    """pytest's record_property, and the lines that some frameworks print; attachments are none."""
    inner = (
        '<properties><property name="story" value="PL-7"/></properties>'
        "<system-out>[[PROPERTY|req=R1]] [[ATTACHMENT|/etc/passwd]]</system-out>"
    )
    xml = suite(layer("unit"), '<properties><property name="java.home" value="/opt"/></properties>', case(inner=inner))
    assert cases(xml)[0].properties == {"story": "PL-7", "req": "R1"}


def test_what_a_failure_says_is_kept_up_to_a_limit() -> None:
    [found] = cases(suite(case(inner=f'<failure message="{"m" * 9000}">{"d" * 90_000}</failure>')))
    assert (len(found.message), len(found.details)) == (4096, 16384)
    [found] = cases(suite(case(inner="<failure>first\nsecond</failure>")))
    assert (found.message, found.details) == ("first", "first\nsecond")


def test_long_names_that_begin_alike_stay_two() -> None:
    assert len(cases(suite(case("x" * 5000 + "1"), case("x" * 5000 + "2")))) == 2
