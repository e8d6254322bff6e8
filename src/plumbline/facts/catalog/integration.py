"""Integration: how long the trunk stays broken, and how fast it is mended."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import msgspec

from plumbline.facts.catalog._help import DAY, FEWEST, bump, last
from plumbline.facts.definition import Definition, lacking, ratio, sample, value
from plumbline.kernel import t
from plumbline.model.fact import Lack
from plumbline.trace import SECOND

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.facts.evidence import Evidence
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Run


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """The trunk was broken: from the end of its first failed run to the end of the next that succeeded."""

    begin: int
    end: int | None  # None: it still is
    flaky: bool  # the revision that failed succeeded without a change
    cited: Cited


def episodes(evidence: Evidence) -> list[Episode]:
    """Of each project on its own: that another one's trunk succeeds mends nothing."""
    return [one for runs in evidence.trunk_runs.values() for one in _episodes(runs)]


def _episodes(runs: list[Run]) -> list[Episode]:
    found: list[Episode] = []
    failed: list[Run] = []
    for run in runs:
        if run.outcome != "success":
            failed.append(run)
        elif failed:
            found.append(_episode(failed, run))
            failed = []
    if failed:
        found.append(_episode(failed, None))
    return found


def _episode(failed: list[Run], mended: Run | None) -> Episode:
    revisions = {one.commit for one in failed}
    return Episode(
        begin=failed[0].finished or 0,
        end=mended.finished if mended else None,
        flaky=mended is not None and bool(mended.commit) and revisions == {mended.commit},
        cited=last((mended or failed[0]).cited),
    )


def _fixes(question: Question) -> tuple[list[tuple[float, Cited]], dict[str, int]]:
    values: list[tuple[float, Cited]] = []
    excluded: dict[str, int] = {}
    for one in episodes(question.evidence):
        if not question.inside(one.begin):
            continue
        if one.flaky:
            bump(excluded, "flaky")
        else:
            end = question.evidence.as_of if one.end is None else one.end
            values.append(((end - one.begin) / SECOND, one.cited))
    return values, excluded


def fix_time(question: Question) -> Fact:
    return sample(question, *_fixes(question))


def published_fix_time(question: Question) -> Fact:
    values, excluded = _fixes(question)
    if len(values) < FEWEST:
        return msgspec.structs.replace(lacking(question, Lack.TOO_FEW), excluded=excluded)
    middle = median(number for number, _ in values)
    fact = value(question, middle, [cited for _, cited in values])
    return msgspec.structs.replace(fact, excluded=excluded)


def green(question: Question) -> Fact:
    return _spent(question, success=True)


def red(question: Question) -> Fact:
    return _spent(question, success=False)


def _spent(question: Question, *, success: bool) -> Fact:
    """Days of the window since the first result of each trunk on record during which its newest result was such a
    one."""
    every = question.evidence.trunk_runs
    end = question.evidence.as_of
    begin = question.window.begin if question.window is not None else end
    if sum(question.inside(one.finished) for runs in every.values() for one in runs) < FEWEST:
        return lacking(question, Lack.TOO_FEW)
    part = whole = 0
    cited: list[Cited] = []
    for runs in every.values():
        before = [one for one in runs if (one.finished or 0) < begin]
        steps = [*before[-1:], *(one for one in runs if question.inside(one.finished))]
        times = [max(begin, one.finished or 0) for one in steps] + [end]
        spent = zip(steps, times[:-1], times[1:], strict=True)
        part += sum(after - time for one, time, after in spent if (one.outcome == "success") == success)
        whole += end - times[0]
        cited += [last(one.cited) for one in steps]
    return ratio(question, part / DAY, whole / DAY, cited)


_RUNS = ("pipelinerun.finished",)
_TRUNK = (("repository.observed",),)
_FIX = t(
    "From the end of the first failed run of the trunk to the end of the next that succeeded; a revision that "
    "succeeded when it was run again is flaky and left out, and where the trunk is still broken the time so far counts."
)
PART = (
    Definition(name="first-trunk-failure-to-next-success-median", how=_FIX, needs=_RUNS, also=_TRUNK, answer=fix_time),
    Definition(
        name="published-result-of-an-assessed-bank", how=_FIX, needs=_RUNS, also=_TRUNK, answer=published_fix_time
    ),
    Definition(
        name="working-time-with-a-green-trunk",
        how=t(
            "Time during which the newest result of the trunk was a success, of all time since the first result in "
            "the window or before it; hours of work are not known, so all hours count."
        ),
        needs=_RUNS,
        also=_TRUNK,
        answer=green,
    ),
    Definition(
        name="working-time-with-a-red-trunk",
        how=t(
            "Time during which the newest result of the trunk was a failure, of all time since the first result in "
            "the window or before it; hours of work are not known, so all hours count."
        ),
        needs=_RUNS,
        also=_TRUNK,
        answer=red,
    ),
)
