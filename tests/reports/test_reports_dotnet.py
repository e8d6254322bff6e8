"""NUnit, xUnit.net and TRX."""

from __future__ import annotations

from plumbline.model.report import CaseOutcome, Report, TestRun, Unreadable
from plumbline.reports.parser import Source
from plumbline.reports.reading import read

P, F, E, S = CaseOutcome.PASSED, CaseOutcome.FAILED, CaseOutcome.ERROR, CaseOutcome.SKIPPED
Row = tuple[str, str, str, CaseOutcome]


def rows(xml: str, format_: str, **settings: str) -> tuple[list[Row], Report]:
    found = read(Source(name="x.xml", data=xml.encode(), settings=settings))
    assert isinstance(found, Report), found
    assert found.format == format_
    assert isinstance(found.content, TestRun)
    return [(c.class_name, c.name, c.parameters, c.outcome) for c in found.content.cases], found


NUNIT3 = """<test-run id="2" testcasecount="6" result="Failed" engine-version="3.18" start-time="2026-01-02 03:04:05Z">
<test-suite type="Assembly" name="Bank.dll"><properties><property name="Layer" value="unit"/></properties>
<test-suite type="TestFixture" name="Ledger" fullname="Bank.Ledger" classname="Bank.Ledger">
<test-case name="Adds(1,2)" fullname="Bank.Ledger.Adds(1,2)" methodname="Adds" classname="Bank.Ledger" result="Passed"
duration="0.5"/>
<test-case name="Adds(2,2)" fullname="Bank.Ledger.Adds(2,2)" methodname="Adds" classname="Bank.Ledger" result="Failed">
<failure><message><![CDATA[no]]></message><stack-trace>at x</stack-trace></failure>
<assertions><assertion><message>another</message></assertion></assertions></test-case>
<test-case name="Throws" methodname="Throws" classname="Bank.Ledger" result="Failed" label="Error"/>
<test-case name="Later" methodname="Later" classname="Bank.Ledger" result="Skipped" label="Ignored">
<reason><message>not yet</message></reason>
<properties><property name="Category" value="slow"/><property name="layer" value="interface"/></properties>
</test-case>
<test-case name="Assumes" methodname="Assumes" classname="Bank.Ledger" result="Inconclusive"/>
<test-case name="Odd" methodname="Odd" classname="Bank.Ledger" result="Marvellous" duration="-2"/>
</test-suite></test-suite></test-run>"""


def test_nunit_3() -> None:
    found, report = rows(NUNIT3, "nunit")
    assert found == [
        ("Bank.Ledger", "Adds", "1,2", P), ("Bank.Ledger", "Adds", "2,2", F), ("Bank.Ledger", "Throws", "", E),
        ("Bank.Ledger", "Later", "", S), ("Bank.Ledger", "Assumes", "", S), ("Bank.Ledger", "Odd", "", E),
    ]  # fmt: skip
    assert isinstance(report.content, TestRun)
    failed, later = report.content.cases[1], report.content.cases[3]
    assert (failed.message, failed.details, failed.layer) == ("no", "at x", "unit")
    assert (later.message, later.layer, later.properties) == ("not yet", "interface", {"Category": "slow"})
    assert [defect.code for defect in report.defects] == ["bad-result", "negative-duration"]
    assert (report.format_version, report.tool_version) == ("3", "3.18")


NUNIT2 = """<test-results name="Bank.dll" total="3" errors="0" failures="1" not-run="1" date="2014-01-02">
<test-suite type="TestFixture" name="Ledger"><results>
<test-case name="Bank.Ledger.Adds" executed="True" result="Success" success="True" time="0.1"/>
<test-case name="Bank.Ledger.Divides(1,0)" executed="True" result="Failure"><failure><message>no</message></failure>
</test-case>
<test-case name="Bank.Ledger.Later" executed="False" result="Ignored"/>
</results></test-suite></test-results>"""


def test_nunit_2() -> None:
    found, report = rows(NUNIT2, "nunit")
    assert found == [
        ("Bank.Ledger", "Adds", "", P),
        ("Bank.Ledger", "Divides", "1,0", F),
        ("Bank.Ledger", "Later", "", S),
    ]
    assert report.format_version == "2"


OLD = """<test-suite type="TestFixture" name="Ledger" asserts="0">
<results><test-case name="Bank.Ledger.A" executed="True" success="True" asserts="1"/>
<test-case name="Bank.Ledger.B" executed="True" success="False"/><test-case name="Bank.Ledger.C" executed="False"/>
<test-case name="Bank.Ledger.D"/></results></test-suite>"""


def test_nunit_2_before_it_had_results_and_of_one_suite_alone() -> None:
    found, report = rows(OLD, "nunit")
    assert [row[3] for row in found] == [P, F, S, E]
    assert [defect.code for defect in report.defects] == ["bad-result"]


XUNIT = """<assemblies timestamp="x">
<assembly name="Bank.dll" test-framework="xUnit.net 2.9" total="5" run-date="2026-01-02">
<errors><error type="collection-cleanup" name="C"><failure><message>odd</message></failure></error></errors>
<collection name="c"><test name="Bank.Ledger.Adds" type="Bank.Ledger" method="Adds" time="0.5" result="Pass">
<traits><trait name="layer" value="component"/><trait name="area" value="core"/></traits></test>
<test name="Bank.Ledger.Divides(a: 1, b: 0)" type="Bank.Ledger" method="Divides" result="Fail">
<failure exception-type="X"><message>no</message><stack-trace>at x</stack-trace></failure></test>
<test name="a name to show" type="Bank.Ledger" method="Shows" result="Pass"/>
<test name="Bank.Ledger.Later" type="Bank.Ledger" method="Later" result="Skip"><reason>not yet</reason></test>
</collection></assembly></assemblies>"""


def test_xunit_2() -> None:
    found, report = rows(XUNIT, "xunit", layer="unit")
    assert found == [
        ("Bank.Ledger", "Adds", "", P), ("Bank.Ledger", "Divides", "a: 1, b: 0", F),
        ("Bank.Ledger", "a name to show", "", P), ("Bank.Ledger", "Later", "", S),
    ]  # fmt: skip
    assert isinstance(report.content, TestRun)
    first, second, _, last = report.content.cases
    assert (first.layer, first.properties, second.layer) == ("component", {"area": "core"}, "unit")
    assert (second.message, second.details, last.message) == ("no", "at x", "not yet")
    assert [defect.code for defect in report.defects] == ["error-outside-cases", "header-disagrees"]


TRX = """<TestRun name="run" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
<Times start="2026-01-02"/>
<Results>
<UnitTestResult testId="1" testName="Bank.Ledger.Adds" outcome="Passed" duration="00:00:01.5000000"/>
<UnitTestResult testId="2" testName="Divides" outcome="Failed" duration="soon">
<Output><ErrorInfo><Message>no</Message><StackTrace>at x</StackTrace></ErrorInfo></Output>
<InnerResults><UnitTestResult testId="2" testName="Divides (1,1)" outcome="Passed"/>
<UnitTestResult testId="2" testName="Divides (1,0)" outcome="Failed">
<Output><ErrorInfo><Message>zero</Message></ErrorInfo></Output></UnitTestResult></InnerResults></UnitTestResult>
<UnitTestResult testId="3" testName="Later" outcome="NotExecuted"/>
<UnitTestResult testId="4" testName="Hangs" outcome="Timeout"/>
</Results><TestDefinitions>
<UnitTest id="1"><TestMethod className="Bank.Ledger, Bank, Version=1.0" name="Adds"/></UnitTest>
<UnitTest id="2"><TestMethod className="Bank.Ledger" name="Divides"/></UnitTest>
<UnitTest id="3"><TestMethod className="Bank.Ledger" name="Later"/></UnitTest>
<UnitTest id="4"><TestMethod className="Bank.Other" name="Hangs"/></UnitTest>
</TestDefinitions><ResultSummary><Counters total="5"/></ResultSummary></TestRun>"""


def test_trx() -> None:
    found, report = rows(TRX, "trx")
    assert found == [
        ("Bank.Ledger", "Adds", "", P), ("Bank.Ledger", "Divides", "1,1", P), ("Bank.Ledger", "Divides", "1,0", F),
        ("Bank.Ledger", "Later", "", S), ("Bank.Other", "Hangs", "", E),
    ]  # fmt: skip
    assert isinstance(report.content, TestRun)
    assert [c.seconds for c in report.content.cases[:2]] == [1.5, None]
    assert report.content.cases[2].message == "zero"
    assert report.strict


def test_a_run_of_another_schema_is_no_trx() -> None:
    found = read(Source(name="x.trx", data=b'<TestRun xmlns="http://microsoft.com/schemas/2006"/>'))
    assert isinstance(found, Unreadable)
    assert found.code == "no-mark"
