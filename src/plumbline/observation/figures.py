"""What a history shows in some figures: each over its last twelve months, month by month, and among published bands."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from itertools import accumulate, chain, pairwise
from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from plumbline.kernel import t
from plumbline.observation import bands
from plumbline.observation.file_kinds import TEST_KINDS
from plumbline.observation.messages import is_hotfix

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from plumbline.kernel import Text
    from plumbline.observation.bands import Bands
    from plumbline.observation.observed import ObservedCommit, ObservedHistory, ObservedMerge, ObservedRelease

T = TypeVar("T")
MONTHS = 12
DAYS = 365
_HOUR, _DAY = 3600, 86_400  # seconds
_ACTIVE = 90 * _DAY  # a branch with a commit in that time is at work
_TESTS = frozenset(TEST_KINDS)


class Answer(NamedTuple):
    """``value`` None: there was nothing to count. ``sample``: of how many."""

    value: float | None
    sample: int


class Figure(NamedTuple):
    """``months``: the same in each of the twelve months, the oldest first; empty for what is of the end alone."""

    key: str
    title: Text
    unit: str  # "", "%", "h", "d", "1/d", "1/week", "1/month", "files", "commits"
    value: float | None
    sample: int
    months: tuple[float | None, ...]
    bands: Bands | None

    @property
    def place(self) -> tuple[str, Text] | None:
        """The key and the name of the published band that the value lies in."""
        return None if self.value is None or self.bands is None else self.bands.place(self.value)


class _View(NamedTuple):
    """What lies in one stretch of time; seconds since the epoch."""

    days: float
    commits: Sequence[ObservedCommit]  # of the trunk and of what it took in; merges apart
    trunk: Sequence[ObservedCommit]
    merges: Sequence[ObservedMerge]
    releases: Sequence[ObservedRelease]  # one for each commit that was released
    leads: Sequence[float]  # hours from writing a commit to its first release
    spaces: Sequence[float]  # days from a release to the one before it
    signed: Collection[str]
    names: dict[str, ObservedMerge]  # merges by the commit on the trunk

    @property
    def people(self) -> list[ObservedCommit]:
        return [one for one in self.commits if not one.bot]


def history_figures(history: ObservedHistory, end: int, signed: Collection[str] | None = None) -> tuple[Figure, ...]:
    """The figures of the 365 days up to and with ``end`` (seconds since the epoch). ``signed``: the commits of the
    trunk in that time that have a signature; None where nobody looked.

    What is counted are commits that the end of the trunk has; branches and releases are those of the repository."""
    whole, months = _views(history, end, signed or ())
    figures = []
    for key, title, unit, answer, placed in _FIGURES:
        if key == "signed-commits" and signed is None:
            continue
        found = answer(whole)
        figures.append(Figure(key, title, unit, *found, tuple(answer(month).value for month in months), placed))
    return (*figures, *_at_the_end(history, end))


def _views(history: ObservedHistory, end: int, signed: Collection[str]) -> tuple[_View, list[_View]]:
    """Of the whole time, and of each month."""
    commits, on_trunk = _reachable(history)
    written = {one.sha: min(one.authored, one.committed) for one in commits}
    releases = list({one.commit: one for one in reversed(history.releases)}.values())[::-1]
    when = {one.tag: one.made for one in history.releases}
    leads = [
        (when[tag], max(0, when[tag] - written[sha]) / _HOUR)
        for sha, tag in history.first_tag.items()
        if sha in written
    ]
    spaces = [(late.made, (late.made - early.made) / _DAY) for early, late in pairwise(releases)]
    edges = [end - DAYS * _DAY * (MONTHS - number) // MONTHS for number in range(MONTHS + 1)]
    made = _by_month(edges, ((one.committed, one) for one in commits))
    trunk = _by_month(edges, ((one.committed, one) for one in on_trunk))
    merges = _by_month(edges, ((one.merged, one) for one in history.merges))
    released = _by_month(edges, ((one.made, one) for one in releases))
    led, spaced = _by_month(edges, leads), _by_month(edges, spaces)
    names = {one.sha: one for one in history.merges}

    def view(days: float, months: slice) -> _View:
        return _View(
            days,
            list(chain(*made[months])),
            list(chain(*trunk[months])),
            list(chain(*merges[months])),
            list(chain(*released[months])),
            list(chain(*led[months])),
            list(chain(*spaced[months])),
            signed,
            names,
        )

    return view(DAYS, slice(MONTHS)), [view(DAYS / MONTHS, slice(at, at + 1)) for at in range(MONTHS)]


def _reachable(history: ObservedHistory) -> tuple[list[ObservedCommit], list[ObservedCommit]]:
    """The commits that the end of the trunk has, merges apart; and those of the trunk itself, merges among them."""
    known = {one.sha: one for one in history.commits}
    found, seen, todo = [], {history.head}, [history.head]
    while todo:
        one = known.get(todo.pop())
        if one is None:
            continue
        if len(one.parents) < 2:
            found.append(one)
        new = [sha for sha in one.parents if sha not in seen]
        seen.update(new)
        todo += new
    return found, [known[sha] for sha in history.trunk if sha in known]


def _by_month(edges: Sequence[int], timed: Iterable[tuple[int, T]]) -> list[list[T]]:
    """What lies after one edge and not after the next."""
    found: list[list[T]] = [[] for _ in range(MONTHS)]
    for time, one in timed:
        at = bisect_left(edges, time) - 1
        if 0 <= at < MONTHS:
            found[at].append(one)
    return found


def _at_the_end(history: ObservedHistory, end: int) -> list[Figure]:
    """What is a state of the end, not of a time before it."""
    working = sum(not one.merged and end - _ACTIVE < one.last <= end for one in history.branches)
    made = max((one.made for one in history.releases if one.made <= end), default=None)
    since = None if made is None else (end - made) / _DAY
    return [
        Figure(
            "active-branches", t("branches at work, 90 days"), "", float(working), working, (), bands.ACTIVE_BRANCHES
        ),
        Figure("since-last-release", t("since the last release"), "d", since, int(made is not None), (), None),
    ]


def _share(good: Iterable[bool]) -> Answer:
    """In percent."""
    found = list(good)
    return Answer(100 * sum(found) / len(found) if found else None, len(found))


def _percentile(values: Sequence[float], percent: int) -> Answer:
    """As :func:`statistics.quantiles` has it, inclusive of the ends; of one value, that."""
    if len(values) < 2:
        return Answer(values[0] if values else None, len(values))
    if percent == 50:
        return Answer(median(values), len(values))
    return Answer(quantiles(values, n=100, method="inclusive")[percent - 1], len(values))


def _rate(count: int, days: float) -> Answer:
    return Answer(count / days, count)


def _bus_factor(view: _View) -> Answer:
    """The fewest people who together wrote half of the commits."""
    people = Counter(one.author for one in view.people)
    whole = sum(people.values())
    made = accumulate(count for _, count in people.most_common())
    fewest = next((number for number, sum_ in enumerate(made, 1) if 2 * sum_ >= whole), None)
    return Answer(fewest, whole)


def _hours(view: _View) -> list[float]:
    """From the first commit of a branch to its merge; of what was squashed nobody knows when it began."""
    return [max(0, one.merged - one.opened) / _HOUR for one in view.merges if not one.squash and one.commits]


def _with_tests(view: _View) -> Answer:
    touched = [set(one.kinds or ()) for one in view.commits]
    return _share(not _TESTS.isdisjoint(kinds) for kinds in touched if "code" in kinds)


def _hotfixes(view: _View) -> Answer:
    def good(one: ObservedCommit) -> bool:
        merge = view.names.get(one.sha)
        return "hotfix" in one.marks or (merge is not None and is_hotfix(merge.branch))

    return _share(good(one) for one in view.trunk)


def _numbered(view: _View) -> Answer:
    return _share(bool((merge := view.names.get(one.sha)) and merge.number) for one in view.trunk)


_Row = tuple[str, "Text", str, "Callable[[_View], Answer]", "Bands | None"]
_FIGURES: tuple[_Row, ...] = (
    ("commits", t("commits"), "", lambda view: Answer(float(len(view.commits)), len(view.commits)), None),
    (
        "authors",
        t("authors"),
        "",
        lambda view: Answer(float(len({one.author for one in view.people})), len(view.people)),
        None,
    ),
    ("bus-factor", t("authors of half the commits"), "", _bus_factor, bands.BUS_FACTOR),
    ("machine-commits", t("commits by machines"), "%", lambda view: _share(one.bot for one in view.commits), None),
    ("trunk-commits", t("trunk commits a day"), "1/d", lambda view: _rate(len(view.trunk), view.days), None),
    ("merges", t("merges to the trunk a week"), "1/week", lambda view: _rate(len(view.merges), view.days / 7), None),
    (
        "direct-commits",
        t("trunk commits without a merge"),
        "%",
        lambda view: _share(one.sha not in view.names for one in view.trunk),
        None,
    ),
    ("numbered-merges", t("trunk commits naming a request"), "%", _numbered, None),
    (
        "branch-life-median",
        t("life of a branch, median"),
        "h",
        lambda view: _percentile(_hours(view), 50),
        bands.BRANCH_LIFE,
    ),
    (
        "branch-life-90",
        t("life of a branch, 9 of 10"),
        "h",
        lambda view: _percentile(_hours(view), 90),
        bands.BRANCH_LIFE,
    ),
    (
        "merge-commits-median",
        t("commits of a merge, median"),
        "commits",
        lambda view: _percentile([float(len(one.commits)) for one in view.merges if not one.squash], 50),
        None,
    ),
    (
        "merge-files-median",
        t("files of a merge, median"),
        "files",
        lambda view: _percentile([float(one.files) for one in view.merges], 50),
        None,
    ),
    (
        "merge-files-90",
        t("files of a merge, 9 of 10"),
        "files",
        lambda view: _percentile([float(one.files) for one in view.merges], 90),
        None,
    ),
    (
        "commit-files-median",
        t("files of a commit, median"),
        "files",
        lambda view: _percentile([float(one.files or 0) for one in view.commits], 50),
        None,
    ),
    (
        "reviewed-commits",
        t("commits naming a reviewer"),
        "%",
        lambda view: _share(bool(one.reviewers) for one in view.people),
        bands.REVIEWED,
    ),
    (
        "work-item-commits",
        t("commits naming a work item"),
        "%",
        lambda view: _share(bool(one.work_items) for one in view.people),
        None,
    ),
    (
        "conventional-commits",
        t("conventional messages"),
        "%",
        lambda view: _share("conventional" in one.marks for one in view.people),
        None,
    ),
    ("code-with-tests", t("code commits with tests"), "%", _with_tests, None),
    (
        "reverts",
        t("commits that take one back"),
        "%",
        lambda view: _share("revert" in one.marks for one in view.commits),
        None,
    ),
    ("hotfixes", t("hotfixes among trunk commits"), "%", _hotfixes, None),
    (
        "releases",
        t("releases a month"),
        "1/month",
        lambda view: _rate(len(view.releases), view.days * MONTHS / DAYS),
        bands.FREQUENCY,
    ),
    ("release-space-median", t("between releases, median"), "d", lambda view: _percentile(view.spaces, 50), None),
    (
        "lead-time-median",
        t("commit to release, median"),
        "h",
        lambda view: _percentile(view.leads, 50),
        bands.LEAD_TIME,
    ),
    ("lead-time-90", t("commit to release, 9 of 10"), "h", lambda view: _percentile(view.leads, 90), bands.LEAD_TIME),
    (
        "signed-tags",
        t("signed tags of releases"),
        "%",
        lambda view: _share(one.signed for one in view.releases),
        bands.SIGNED_TAGS,
    ),
    (
        "signed-commits",
        t("signed commits of the trunk"),
        "%",
        lambda view: _share(one.sha in view.signed for one in view.trunk),
        None,
    ),
)
