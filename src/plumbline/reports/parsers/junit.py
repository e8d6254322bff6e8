"""JUnit XML in the dialects of its many writers; totals are those of the cases that are listed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.model.report import CaseOutcome, Layer, Report, TestCase, TestRun, Unreadable
from plumbline.reports import junit_dialects as dialects
from plumbline.reports import limits
from plumbline.reports.case_names import is_file, pytest_file, split
from plumbline.reports.cases import Cases, layer_of, worse
from plumbline.reports.defects import Defects
from plumbline.reports.numbers import duration, whole
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.paths import place
from plumbline.reports.xml import Attributes, XmlStream

if TYPE_CHECKING:
    from collections.abc import Callable

_PROPERTY = re.compile(r"\[\[PROPERTY\|([^=\]]{1,200})=([^\]]{0,1000})\]\]")
_RESULTS = {
    "failure": CaseOutcome.FAILED,
    "error": CaseOutcome.ERROR,
    "skipped": CaseOutcome.SKIPPED,
}
_RERUNS = {
    "rerunFailure": CaseOutcome.FAILED,
    "rerunError": CaseOutcome.ERROR,
    "flakyFailure": CaseOutcome.FAILED,
    "flakyError": CaseOutcome.ERROR,
}
_DURATIONS = {
    "bad-number": t("A duration is no number."),
    "negative-duration": t("A duration is negative."),
    "absurd-duration": t("A duration is longer than thirty days."),
}
_NOT_RUN = {"notrun", "disabled", "ignored"}
_CTEST_FAULTS = ("Unable to find", "Could not", "Required Files", "Failed to")


class _Suite:
    """A suite that is open, with what was really seen in it and below."""

    __slots__ = ("attributes", "bad", "file", "label", "layer", "name", "shown", "skipped", "tests", "twice")

    def __init__(self, attributes: Attributes, layer: Layer, label: str) -> None:
        self.attributes, self.layer, self.label = attributes, layer, label
        self.tests = self.bad = self.twice = self.skipped = 0
        self.name, self.file = attributes.get("name", ""), attributes.get("file", "")
        self.shown = limits.kept(self.name, 200)


class _Reading:
    """What is known while the file goes by."""

    def __init__(self, source: Source) -> None:
        self.defects = Defects()
        self.cases = Cases()
        self.root = source.settings.get("root", "")
        self.layer = layer_of(source.settings.get("layer", ""), self.defects, "settings")
        self.suites: list[_Suite] = []
        self.name = self.dialect = self.made = ""
        self.last = ("", "", "", "", "")  # where the case before was
        self.case: Attributes | None = None
        self._plain()
        self.stream = XmlStream(
            {
                "testsuites": self.start_suite,
                "testsuite": self.start_suite,
                "testcase": self._start_case,
                "property": self.property,
                **dict.fromkeys((*_RESULTS, *_RERUNS), self.said),
            },
            {
                "testsuites": self.end_suite,
                "testsuite": self.end_suite,
                "testcase": self.end_case,
                "system-out": self.output,
                **{name: self._result(name) for name in _RESULTS},
                **{name: self._rerun(name) for name in _RERUNS},
            },
            texts=(*_RESULTS, *_RERUNS, "system-out"),
        )

    def start_suite(self, attributes: Attributes) -> None:
        above = self.suites[-1] if self.suites else None
        label = "\x1f".join((attributes.get("name", ""), attributes.get("hostname", "")))
        self.suites.append(_Suite(attributes, above.layer if above else self.layer, label))
        self.name = self.name or attributes.get("name", "")
        self.made = self.made or attributes.get("timestamp", "")[:40]
        if not self.dialect:
            self.dialect = dialects.of_root(attributes) or dialects.of_suite(attributes)

    def end_suite(self, _: str) -> None:
        suite = self.suites.pop()
        if self.suites:
            above = self.suites[-1]
            above.tests += suite.tests
            above.bad += suite.bad
            above.twice += suite.twice
            above.skipped += suite.skipped
        self._compare(suite)

    def _compare(self, suite: _Suite) -> None:
        """Hold a suite's own totals against its cases."""
        said = {name: whole(suite.attributes[name]) for name in _COUNTS if suite.attributes.get(name)}
        bad = (said.get("failures") or 0) + (said.get("errors") or 0)
        skipped = sum(said.get(name) or 0 for name in ("skipped", "skips", "disabled"))
        wrong = None in said.values()
        wrong = wrong or ("tests" in said and said["tests"] != suite.tests)
        wrong = wrong or (
            bool({"failures", "errors"} & said.keys()) and bad not in (suite.bad, suite.bad + suite.twice)
        )
        wrong = wrong or (bool({"skipped", "skips", "disabled"} & said.keys()) and skipped != suite.skipped)
        if wrong:
            self.defects.add(
                "header-disagrees",
                t("A suite says {said}; its cases are {tests}, of which {bad} failed and {skipped} were skipped.",
                  said=", ".join(f"{name}={suite.attributes[name][:20]}" for name in said),
                  tests=suite.tests, bad=suite.bad, skipped=suite.skipped),
                suite.shown,
            )  # fmt: skip

    def _start_case(self, attributes: Attributes) -> None:
        self.case = attributes
        if not self.plain:
            self._plain()

    def _plain(self) -> None:
        """What a case is of which nothing was said yet."""
        self.plain = True
        self.outcome = CaseOutcome.PASSED
        self.kinds = 0  # of elements that say how it ended
        self.reruns: list[CaseOutcome] = []
        self.flaky = False
        self.message = self.details = self.saying = ""
        self.properties: dict[str, str] = {}
        self.own_layer: Layer | None = None

    def said(self, attributes: Attributes) -> None:
        self.plain = False
        self.saying = attributes.get("message") or attributes.get("type") or ""

    def _result(self, name: str) -> Callable[[str], None]:
        outcome = _RESULTS[name]

        def result(text: str) -> None:
            if self.case is None:
                return
            before, self.outcome = self.outcome, worse(self.outcome, outcome)
            if outcome is not CaseOutcome.SKIPPED:
                self.kinds |= 1 if outcome is CaseOutcome.FAILED else 2
            if before is not self.outcome or not self.message:
                self.message, self.details = self._texts(text)

        return result

    def _texts(self, text: str) -> tuple[str, str]:
        text = text.strip()
        message = self.saying or text.partition("\n")[0]
        return limits.kept(message), limits.kept(text, limits.DETAILS) if text != message else ""

    def _rerun(self, name: str) -> Callable[[str], None]:
        outcome, flaky = _RERUNS[name], name.startswith("flaky")

        def rerun(text: str) -> None:
            if self.case is None:
                return
            self.reruns.append(outcome)
            self.flaky = self.flaky or flaky
            if not self.message:
                self.message, self.details = self._texts(text)

        return rerun

    def property(self, attributes: Attributes) -> None:
        name, value = attributes.get("name", ""), attributes.get("value", "")
        if self.case is None:
            if name == "layer" and self.suites:
                self.suites[-1].layer = layer_of(value, self.defects, self.suites[-1].shown)
            self.dialect = self.dialect or dialects.of_property(name)
            return
        self.plain = False
        if name == "layer":
            self.own_layer = layer_of(value, self.defects, self.case.get("name", ""))
        elif name and len(self.properties) < limits.PROPERTIES:
            self.properties[limits.kept(name, 200)] = limits.kept(value, limits.VALUE)

    def output(self, text: str) -> None:
        """Take what a test printed for the properties in it (``[[PROPERTY|name=value]]``) and for nothing else."""
        if self.case is not None and "[[PROPERTY|" in text:
            for name, value in _PROPERTY.findall(text):
                self.property({"name": name, "value": value})

    def end_case(self, _: str) -> None:
        said = self.case
        if said is None:
            return
        self.case = None
        given, suite = said.get, self.suites[-1]
        suite.tests += 1
        if not self.dialect:
            self.dialect = dialects.of_case(said)
        if not self.plain or "status" in said:
            self._settle(given("status", ""), suite)
        try:
            seconds: float | None = float(given("time", ""))
        except ValueError:
            seconds = None
        if seconds is None or not 0.0 <= seconds <= limits.LONGEST:
            seconds = self._duration(given("time", ""), given("name", ""))
        class_name, file = given("classname") or given("class") or suite.name, given("file") or suite.file
        last = self.last
        if class_name != last[0] or file != last[1] or self.dialect != last[2]:
            last = self.last = self._place(class_name, file)
        name, parameters = split(given("name", ""))
        if not name:
            self.defects.add("no-name", t("A test case has no name."), f"line {self.stream.line}")
        line = 0
        if "line" in said:
            line = whole(said["line"]) or 0
            line += self.dialect == "pytest"  # it counts them from 0
        if self.plain:
            case = TestCase(
                name=name,
                parameters=parameters,
                class_name=last[4],
                file=last[3],
                line=line,
                outcome=CaseOutcome.PASSED,
                seconds=seconds,
                layer=suite.layer,
            )
        else:
            case = self._told(name, parameters, line, seconds, suite)
        self.cases.add(case, suite.label)

    def _settle(self, status: str, suite: _Suite) -> None:
        """Come to the outcome, and count the case as the header of its suite does."""
        if status.lower() in _NOT_RUN and not self.kinds:
            self.outcome, self.plain = CaseOutcome.SKIPPED, False
        if self.kinds:
            suite.bad += 1
            suite.twice += self.kinds == 3
        elif self.outcome is CaseOutcome.SKIPPED:
            suite.skipped += 1
        if self.dialect == "ctest" and self.message.startswith(_CTEST_FAULTS):
            self.outcome = CaseOutcome.ERROR  # it could not be run, for which ctest fails and writes a skip

    def _told(self, name: str, parameters: str, line: int, seconds: float | None, suite: _Suite) -> TestCase:
        """A case of which more was said than its name."""
        outcome, retries = self.outcome, tuple(self.reruns)
        if retries and not self.flaky:  # surefire: the first failure is the result, the reruns follow it
            outcome, retries = retries[-1], (outcome, *retries[:-1])
        return TestCase(
            name=name,
            parameters=parameters,
            class_name=self.last[4],
            file=self.last[3],
            line=line,
            outcome=outcome,
            seconds=seconds,
            message=self.message,
            details=self.details,
            retries=retries[-100:],
            layer=suite.layer if self.own_layer is None else self.own_layer,
            properties=self.properties,
        )

    def _duration(self, said: str, where: str) -> float | None:
        seconds, wrong = duration(said)
        if wrong:
            self.defects.add(wrong, _DURATIONS[wrong], where)
        return seconds

    def _place(self, class_name: str, file: str) -> tuple[str, str, str, str, str]:
        """Class, file and dialect as they were said, then file and class of the case."""
        said = (class_name, file, self.dialect)
        if self.dialect == "pytest":
            found, class_name = pytest_file(class_name)
            file = file or found
        elif not file and ("/" in class_name or "\\" in class_name) and is_file(class_name):
            file, class_name = class_name, ""
        at = place(file, self.root)
        if at.outside:
            self.defects.add("outside-repository", t("A file lies outside the repository; it is left out."), file)
        return (*said, at.path, limits.name(class_name))


_COUNTS = ("tests", "failures", "errors", "skipped", "skips", "disabled")


def _marks(marks: Marks) -> bool:
    return marks.shape == "xml" and marks.root in ("testsuites", "testsuite") and not marks.namespace


def _read(source: Source, _: Marks) -> Report | Unreadable:
    reading = _Reading(source)
    if stopped := reading.stream.read(source.data):
        return stopped
    run = TestRun(cases=reading.cases.all(), suite=limits.name(reading.name), dialect=reading.dialect)
    return Report(
        format="junit",
        content=run,
        tool=reading.dialect,
        made=reading.made,
        strict=not reading.defects,
        defects=reading.defects.all(),
    )


PART = Parser(
    name="junit",
    title=t("Test results as JUnit XML"),
    marks=_marks,
    read=_read,
    gitlab=("junit",),
    paths=(
        "**/target/surefire-reports/TEST-*.xml",
        "**/target/failsafe-reports/TEST-*.xml",
        "**/build/test-results/**/TEST-*.xml",
        "**/junit.xml",
        "**/junit-*.xml",
        "**/*.junit.xml",
        "**/rspec.xml",
        "**/test-results.xml",
    ),
    reference="https://docs.gitlab.com/ci/testing/unit_test_reports/",
)
