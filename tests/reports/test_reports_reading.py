"""A file is what its positive mark says; whatever it holds, nothing raises."""

from __future__ import annotations

import gzip

import pytest

from plumbline.model.report import Report, TestRun, Unreadable
from plumbline.reports import limits
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.parsers import parsers
from plumbline.reports.reading import read

GOOD = '<testsuite><testcase name="测试"/></testsuite>'
BOMB = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite name="&b;"/>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&x;"/></testsuite>'

REFUSED = {
    "nothing": (b"", "empty"),
    "space": (b" \n\t", "empty"),
    "an empty list": (b"[]", "empty"),
    "an empty object": (b" {}\n", "empty"),
    "a web page": (b"<html><body/></html>", "no-mark"),
    "prose": (b"all tests passed", "no-mark"),
    "a list of numbers": (b"[1, 2]", "no-mark"),
    "an archive": (b"PK\x03\x04rest", "no-mark"),
    "compressed": (gzip.compress(GOOD.encode()), "no-mark"),
    "cut short": (b'<testsuite><testcase name="a"/>', "malformed"),
    "cut in the first tag": (b"<testsuite na", "malformed"),
    "cut JSON": (b'{"version": "2.1.0", "runs": [', "malformed"),
    "entities that grow": (BOMB.encode(), "entities"),
    "entities of a file": (OUTSIDE.encode(), "entities"),
    "too deep XML": (b"<testsuite>" * 5_000, "too-deep"),
    "too deep JSON": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too-deep"),
    "says UTF-8 and is not": (b'<?xml version="1.0" encoding="UTF-8"?><testsuite name="\xe9"/>', "wrong-encoding"),
    "says something unknown": (b'<?xml version="1.0" encoding="klingon"?><testsuite/>', "wrong-encoding"),
    "says a codec that is no encoding": (b'<?xml version="1.0" encoding="zip"?><testsuite/>', "wrong-encoding"),
    "half of UTF-16": (b"\xff\xfe<\0t\0e", "wrong-encoding"),
}


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_says_why(data: bytes, code: str) -> None:
    found = read(Source(name="x", data=data))
    assert isinstance(found, Unreadable)
    assert found.code == code
    assert str(found.message)


DECLARED = '<?xml version="1.0" encoding="{}"?>' + GOOD
ENCODINGS = {
    "UTF-8": (GOOD.encode(), []),
    "UTF-8 with a mark": (b"\xef\xbb\xbf" + GOOD.encode(), []),
    "UTF-16": (DECLARED.format("utf-16").encode("utf-16"), []),
    "UTF-16 without a declaration": (GOOD.encode("utf-16"), []),
    "GBK": (DECLARED.format("GBK").encode("gbk"), []),
    "GB18030": (DECLARED.format("gb18030").encode("gb18030"), []),
    "UTF-8 that says UTF-16, as .NET writes it": (DECLARED.format("utf-16").encode(), ["encoding-disagrees"]),
    "colours of a terminal": (GOOD.replace("测试", "测试\x1b").encode(), ["control-characters"]),
    "colours as references": (GOOD.replace("测试", "测试&#27;").encode(), ["control-characters"]),
    "colours as hexadecimal references": (GOOD.replace("测试", "测试&#x1B;").encode(), ["control-characters"]),
}


@pytest.mark.parametrize(("data", "defects"), ENCODINGS.values(), ids=ENCODINGS)
def test_encodings(data: bytes, defects: list[str]) -> None:
    found = read(Source(name="x", data=data))
    assert isinstance(found, Report), found
    assert isinstance(found.content, TestRun)
    assert found.content.cases[0].name.rstrip("?") == "测试"
    assert [defect.code for defect in found.defects] == defects
    assert found.strict is (not defects)


def test_a_file_is_no_larger_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LARGEST", 40)
    found = read(Source(name="x", data=GOOD.encode()))
    assert isinstance(found, Unreadable)
    assert found.code == "too-large"


def test_a_file_has_no_more_cases_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CASES", 3)
    found = read(Source(name="x", data=b"<testsuite>" + b'<testcase name="a"/>' * 4 + b"</testsuite>"))
    assert isinstance(found, Unreadable)
    assert found.code == "too-many"


WANTED = {
    "by its format": ("junit", ""),
    "something that nobody reads": ("horoscope", "unknown-kind"),
    "another format than it is": ("cobertura", "other-kind"),
}


@pytest.mark.parametrize(("wanted", "code"), WANTED.values(), ids=WANTED)
def test_the_sender_may_narrow_and_not_overrule(wanted: str, code: str) -> None:
    found = read(Source(name="x", data=GOOD.encode()), wanted)
    assert found.code == code if isinstance(found, Unreadable) else code == ""


def _claims(_: Marks) -> bool:
    return True


def _fails(_source: Source, _marks: Marks) -> Report:
    raise ZeroDivisionError("x")


def _deepens(source: Source, marks: Marks) -> Report:
    return _deepens(source, marks)


@pytest.mark.parametrize(("reader", "code"), [(_fails, "fault"), (_deepens, "too-deep")])
def test_a_fault_of_ours_is_told_and_ends_nothing(monkeypatch: pytest.MonkeyPatch, reader: object, code: str) -> None:
    part = Parser(name="odd", title=parsers()["junit"].title, marks=_claims, read=reader)  # type: ignore[arg-type]
    monkeypatch.setattr("plumbline.reports.reading.parsers", lambda: {"odd": part})
    found = read(Source(name="x", data=GOOD.encode()))
    assert isinstance(found, Unreadable)
    assert found.code == code


def test_two_marks_in_one_file_are_ambiguous(monkeypatch: pytest.MonkeyPatch) -> None:
    part = Parser(name="odd", title=parsers()["junit"].title, marks=_claims, read=_fails)
    monkeypatch.setattr("plumbline.reports.reading.parsers", lambda: {"odd": part, "junit": parsers()["junit"]})
    found = read(Source(name="x", data=GOOD.encode()))
    assert isinstance(found, Unreadable)
    assert found.code == "ambiguous"
    assert "odd, junit" in str(found.message)


def test_names_that_stand_twice_are_a_defect() -> None:
    from plumbline.reports.marks import look

    found = look(Source(name="x", data=b'{"a": 1, "a": 2}'))
    assert isinstance(found, Marks)
    assert (found.document, [defect.code for defect in found.defects]) == ({"a": 2}, ["duplicate-key"])


def test_json_lines_are_told_from_json() -> None:
    from plumbline.reports.marks import look

    found = look(Source(name="x", data=b'{"a": 1}\n{"a": 2}\n'))
    assert isinstance(found, Marks)
    assert (found.shape, found.document) == ("jsonl", [{"a": 1}, {"a": 2}])


@pytest.mark.parametrize("bomb", [b'{"runs":[' + b'{"a":1},' * 300 + b"1]}", b"[" + b"[]," * 300 + b"1]",
                                  b'{"a":1}\n' * 300, b"[" + b"1," * 1300 + b"1]"])  # fmt: skip
def test_a_file_of_endless_small_values_is_not_decoded(bomb: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CONTAINERS", 200)
    monkeypatch.setattr(limits, "VALUES", 1000)
    found = read(Source(name="x", data=bomb))
    assert isinstance(found, Unreadable)
    assert found.code == "too-many"
