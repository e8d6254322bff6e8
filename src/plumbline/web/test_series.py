"""Test runs as pages draw them: those of one pipeline together, and what they are held against."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plumbline.model.reported import CoverageKept, ScanKept, TestRunKept


class PipelineRuns(NamedTuple):
    """What the suites of one pipeline came to together; of a report that somebody brought ``pipeline`` is 0."""

    pipeline: int
    commit: str
    created: int
    bad: int
    skipped: int
    passed: int
    milliseconds: int

    @property
    def path(self) -> str:
        return f"/pipelines/{self.pipeline}/tests" if self.pipeline else f"/ledger?q={self.commit}"

    @property
    def parts(self) -> Sequence[tuple[str, int]]:
        return (("s-failed", self.bad), ("s-skipped", self.skipped), ("s-success", self.passed))


class Base(NamedTuple):
    pipeline: int
    commit: str
    ref: str


def by_pipeline(runs: Iterable[TestRunKept]) -> list[PipelineRuns]:
    """In the order of the first run of each."""
    found: dict[tuple[int, str], PipelineRuns] = {}
    for one in runs:
        key = (one.pipeline, one.commit)
        before = found.get(key, PipelineRuns(one.pipeline, one.commit, one.created, 0, 0, 0, 0))
        found[key] = PipelineRuns(
            one.pipeline,
            one.commit,
            max(before.created, one.created),
            before.bad + one.bad,
            before.skipped + one.skipped,
            before.passed + one.passed,
            before.milliseconds + one.milliseconds,
        )
    return list(found.values())


def said_of(one: PipelineRuns) -> str:
    return str(t("{commit}: {failed} failed, {skipped} skipped, {passed} passed", commit=one.commit[:8],
                 failed=f"{one.bad:,}", skipped=f"{one.skipped:,}", passed=f"{one.passed:,}"))  # fmt: skip


def shown_bases(bases: Iterable[TestRunKept | CoverageKept | ScanKept | None]) -> list[Base]:
    """Each pipeline that something is held against once."""
    found = {one.pipeline: Base(one.pipeline, one.commit, one.ref) for one in bases if one is not None}
    return list(found.values())
