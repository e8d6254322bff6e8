"""Mutation tests as PIT writes them: every mutation by the word that the tool has for its end."""

from __future__ import annotations

from collections import Counter

from plumbline.kernel import t
from plumbline.model.report import Mutation, Report, Unreadable
from plumbline.reports.defects import Defects
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.xml import Attributes, XmlStream

_STATUSES = {
    "KILLED", "SURVIVED", "NO_COVERAGE", "TIMED_OUT", "MEMORY_ERROR", "RUN_ERROR", "NON_VIABLE", "NOT_STARTED",
    "STARTED",
}  # fmt: skip


def _marks(marks: Marks) -> bool:
    return marks.shape == "xml" and marks.root == "mutations" and set(marks.children) <= {"mutation"}


def _read(source: Source, _: Marks) -> Report | Unreadable:
    counts: Counter[str] = Counter()
    defects = Defects()

    def mutation(attributes: Attributes) -> None:
        status = attributes.get("status", "")
        if status not in _STATUSES:
            defects.add("bad-status", t("PIT has no status '{status}'; it counts as another end.", status=status[:80]))
            status = "UNKNOWN"
        counts[status] += 1

    if stopped := XmlStream({"mutation": mutation}, {}).read(source.data):
        return stopped
    if not counts:
        return Unreadable(code="no-data", message=t("The report holds no mutation: nothing was tried."))
    killed, survived, not_covered = counts["KILLED"], counts["SURVIVED"], counts["NO_COVERAGE"]
    content = Mutation(
        killed=killed,
        survived=survived,
        not_covered=not_covered,
        other=counts.total() - killed - survived - not_covered,
        details={name: count for name, count in sorted(counts.items()) if count},
    )
    return Report(format="pit", content=content, tool="pit", strict=not defects, defects=defects.all())


PART = Parser(
    name="pit",
    title=t("Mutation tests of PIT"),
    marks=_marks,
    read=_read,
    paths=("**/target/pit-reports/**/mutations.xml", "**/build/reports/pitest/**/mutations.xml"),
    reference="https://pitest.org/quickstart/advanced/",
)
