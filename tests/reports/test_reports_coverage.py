"""Cobertura, JaCoCo, LCOV and Clover: a line counts once, and is hit if anybody says so."""

from __future__ import annotations

import pytest

from plumbline.model.report import Coverage, Report, Unreadable
from plumbline.reports.parser import Source
from plumbline.reports.reading import read

Files = dict[str, tuple[tuple[int, ...], tuple[int, ...], tuple[int, int]]]


def report(text: str, **settings: str) -> Report:
    found = read(Source(name="x", data=text.encode(), settings=settings))
    assert isinstance(found, Report), found
    return found


def files(found: Report) -> Files:
    assert isinstance(found.content, Coverage)
    return {file.path: (file.hit, file.missed, (file.branches_hit, file.branches)) for file in found.content.files}


def refused(text: str) -> str:
    found = read(Source(name="x", data=text.encode()))
    assert isinstance(found, Unreadable)
    return found.code


COBERTURA = """<?xml version="1.0" ?><!DOCTYPE coverage SYSTEM "http://example.com/coverage-04.dtd">
<coverage line-rate="0.5" version="7.4" timestamp="1" lines-valid="4"><sources><source>/builds/app/src</source>
</sources>
<packages><package name="bank"><classes>
<class name="A" filename="bank/a.py"><methods><method name="f"><lines><line number="1" hits="1"/></lines></method>
<method name="g"><lines><line number="3" hits="0"/></lines></method></methods>
<lines><line number="1" hits="1"/><line number="2" hits="0" branch="true" condition-coverage="50% (1/2)"/>
<line number="3" hits="0"/></lines></class>
<class name="A$1" filename="bank/a.py"><lines>
<line number="2" hits="3" branch="true" condition-coverage="50% (1/2)"/></lines></class>
<class name="B" filename="bank/b.py"><lines><line number="9" hits="-1"/><line hits="1"/></lines></class>
<class name="C" filename="/usr/lib/c.py"><lines><line number="1" hits="1"/></lines></class>
</classes></package></packages></coverage>"""


def test_cobertura_counts_a_line_of_a_method_and_of_two_classes_once() -> None:
    found = report(COBERTURA, root="/builds/app")
    assert files(found) == {"src/bank/a.py": ((1, 2), (3,), (1, 2)), "src/bank/b.py": ((), (9,), (0, 0))}
    assert isinstance(found.content, Coverage)
    assert (found.content.lines, found.content.lines_hit) == (4, 2)
    assert (found.content.functions_hit, found.content.functions) == (1, 2)
    assert [defect.code for defect in found.defects] == ["bad-line", "outside-repository"]


def test_cobertura_whose_folder_is_not_known() -> None:
    found = report(COBERTURA.replace('lines-valid="4"', 'lines-valid="99"'))
    assert set(files(found)) == {"bank/a.py", "bank/b.py", "usr/lib/c.py"}
    assert isinstance(found.content, Coverage)
    assert found.content.roots == ("/builds/app/src",)
    assert {defect.code for defect in found.defects} == {"bad-line", "absolute-path", "header-disagrees"}


JACOCO = """<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="app">
<sessioninfo id="x"/>
<group name="core"><package name="com/bank"><class name="com/bank/A"><method name="f">
<counter type="LINE" missed="9" covered="9"/></method></class>
<sourcefile name="A.java"><line nr="1" mi="0" ci="3" mb="1" cb="1"/><line nr="2" mi="2" ci="0" mb="0" cb="0"/>
<counter type="LINE" missed="1" covered="1"/></sourcefile></package></group>
<counter type="LINE" missed="{missed}" covered="1"/><counter type="METHOD" missed="1" covered="2"/></report>"""


def test_jacoco() -> None:
    found = report(JACOCO.format(missed=1))
    assert files(found) == {"com/bank/A.java": ((1,), (2,), (1, 2))}
    assert isinstance(found.content, Coverage)
    assert (found.content.functions_hit, found.content.functions) == (2, 3)
    assert found.strict
    assert [defect.code for defect in report(JACOCO.format(missed=5)).defects] == ["header-disagrees"]


def test_jacoco_without_lines_has_totals_alone() -> None:
    found = report('<report name="x"><package name="p"/><counter type="LINE" missed="1" covered="3"/></report>')
    assert isinstance(found.content, Coverage)
    assert (found.content.lines, found.content.lines_hit, found.content.files) == (4, 3, ())
    assert [defect.code for defect in found.defects] == ["no-lines"]


LCOV = """TN:unit
SF:src/a.c
FN:1,f
FNDA:1,f
FN:9,g
DA:1,5
DA:2,0
BRDA:2,0,0,-
BRDA:2,0,1,4
LF:2
LH:1
end_of_record
TN:other
SF:src/a.c
DA:2,7
DA:3,-1
end_of_record
SF:../b.c
DA:1,1
end_of_record
"""


def test_lcov_merges_the_records_of_one_file() -> None:
    found = report(LCOV)
    assert files(found) == {"src/a.c": ((1, 2), (3,), (1, 2))}
    assert isinstance(found.content, Coverage)
    assert (found.content.functions_hit, found.content.functions) == (1, 2)
    assert [defect.code for defect in found.defects] == ["negative-count", "outside-repository"]


LCOV_DEFECTS = {
    "cut short": ("SF:a\nDA:1,1\n", "cut-short"),
    "no number": ("SF:a\nDA:1,1\nDA:x,1\nend_of_record", "bad-line"),
    "another count": ("SF:a\nDA:1,1\nLF:7\nend_of_record", "header-disagrees"),
}


@pytest.mark.parametrize(("text", "code"), LCOV_DEFECTS.values(), ids=LCOV_DEFECTS)
def test_lcov_with_defects(text: str, code: str) -> None:
    found = report(text)
    assert files(found) == {"a": ((1,), (), (0, 0))}
    assert [defect.code for defect in found.defects] == [code]


CLOVER = """<coverage generated="1700000000" clover="4.4"><project><package name="p">
<file name="A.php" path="/app/src/A.php"><line num="1" type="method" name="f" count="0"/>
<line num="2" type="stmt" count="3"/>
<line num="3" type="cond" truecount="1" falsecount="0"/><line num="4" type="stmt" count="0"/>
<metrics statements="2"/></file>
</package></project><testproject><file name="ATest.php" path="/app/t/ATest.php">
<line num="1" type="stmt" count="1"/></file></testproject></coverage>"""


def test_clover() -> None:
    found = report(CLOVER, root="/app")
    assert files(found) == {"src/A.php": ((2, 3), (4,), (1, 2))}
    assert isinstance(found.content, Coverage)
    assert (found.content.functions_hit, found.content.functions) == (0, 1)


NOTHING = {
    "cobertura": '<coverage line-rate="1" lines-valid="0"><packages/></coverage>',
    "jacoco": '<report name="x"><sessioninfo id="x" start="1" dump="1"/></report>',
    "lcov": "TN:\nSF:a.c\nend_of_record\n",
    "clover": '<coverage generated="1"><project timestamp="1"/></coverage>',
}


@pytest.mark.parametrize("format_", NOTHING)
def test_no_line_is_no_data_and_never_full_coverage(format_: str) -> None:
    assert refused(NOTHING[format_]) == "no-data"


def test_a_coverage_root_of_nobody_is_not_read() -> None:
    assert refused('<coverage version="1"><file path="a.py"/></coverage>') == "no-mark"
