"""No byte of a masked variable, nor of a found secret, gets from a report into what is stored, told or shown."""

from __future__ import annotations

import msgspec
import pytest

from plumbline.flow.reports.hiding import hide_in
from plumbline.flow.reports.sign import sign
from plumbline.kernel import Masker, t
from plumbline.model.report import Report, Unreadable
from plumbline.model.reported import ReadFile, ReadReports
from plumbline.wiring.reports import read_report

SECRET = "tr0ub4dor-and-3"  # noqa: S105 - of nobody
FILES = {
    "junit": '<testsuite name="s"><properties><property name="url" value="http://u:SECRET@h/"/></properties>'
    '<testcase file="a.py" classname="c.SECRET" name="t[SECRET]"><failure message="SECRET">SECRET</failure>'
    "</testcase></testsuite>",
    "coverage_report": '<coverage line-rate="1" version="7"><packages><package><classes>'
    '<class filename="SECRET/a.py"><lines><line number="1" hits="1"/></lines></class>'
    "</classes></package></packages></coverage>",
    "sast": '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x SECRET"}},"results":[{"ruleId":"R-SECRET",'
    '"message":{"text":"SECRET"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"d/SECRET.py"}}}]}]}]}',
    "cyclonedx": '{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"type":"library","name":"SECRET",'
    '"version":"1","properties":[{"name":"SECRET","value":"SECRET"}]}]}',
    "openapi": '{"openapi":"3.0.0","info":{"title":"SECRET","version":"1"},"paths":{"/SECRET":{"get":{}}}}',
    "har": '{"log":{"version":"1.2","creator":{"name":"x"},"entries":[{"request":{"method":"GET",'
    '"url":"http://h/SECRET"},"response":{"status":200}}]}}',
    "metrics": "requests_SECRET 3\n",
}


@pytest.mark.parametrize("kind", FILES)
def test_a_masked_value_stands_nowhere_in_what_a_file_says(kind: str) -> None:
    value = SECRET.replace("-", "_") if kind == "metrics" else SECRET
    raw = read_report("", "x", FILES[kind].replace("SECRET", value).encode(), kind)
    assert isinstance(raw, Report), raw
    assert value in str(raw)
    shown = hide_in(raw, Masker([value]).mask_text)
    assert value not in str(shown)
    assert "[MASKED]" in str(shown)
    assert type(shown) is Report


def test_the_reason_of_what_cannot_be_read_holds_no_masked_value() -> None:
    reason = Unreadable(code="x", message=t("{outer}", outer=t("There is {inner}.", inner=SECRET)))
    assert SECRET not in str(hide_in(reason, Masker([SECRET]).mask_text))


def test_a_file_without_one_stays_as_it_is() -> None:
    raw = read_report("", "x", FILES["junit"].encode(), "junit")
    assert hide_in(raw, Masker([SECRET]).mask_text) is raw


GITLAB = (
    '{"version":"15.0.0","scan":{"type":"secret_detection","status":"success"},"vulnerabilities":[{"id":"1",'
    '"name":"Key SECRET","description":"It is SECRET","location":{"file":"a.py","start_line":1},'
    '"identifiers":[{"type":"x","name":"Key SECRET","value":"key"}],"raw_source_code_extract":"SECRET"}]}'
)
GITLEAKS = (
    '[{"RuleID":"key","Description":"SECRET was found","StartLine":1,"EndLine":1,"StartColumn":1,"EndColumn":9,'
    '"Match":"SECRET","Secret":"SECRET","File":"a.py","Fingerprint":"a.py:key:SECRET","Tags":["SECRET"]}]'
)


@pytest.mark.parametrize("text", [GITLAB, GITLEAKS])
def test_a_found_secret_is_kept_as_a_keyed_digest_alone(text: str) -> None:
    content = read_report("", "x", text.replace("SECRET", SECRET).encode(), "secret_detection")
    assert isinstance(content, Report), content
    file = ReadFile(kind="secret_detection", name="x", digest="sha256:0", size=1, content=content)
    (signed,) = sign(ReadReports((file,)), b"k" * 32, None).files
    assert len(signed.signed) == 1
    assert SECRET not in str(signed)
    assert SECRET.encode() not in msgspec.msgpack.encode(signed.signed)
