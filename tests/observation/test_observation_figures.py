"""Figures of small histories whose right values are counted by hand."""

from __future__ import annotations

import pytest
from tests.observation.histories import commit, history, sha

from plumbline.observation import history_figures, observe_history
from plumbline.observation.bands import ACTIVE_BRANCHES, BRANCH_LIFE, FREQUENCY, LEAD_TIME, SIGNED_TAGS

DAY = 86_400
END = 1_700_000_000
YEAR = END - 365 * DAY  # just before the time that is looked at


def at(days: float) -> int:
    """So many days before the end."""
    return END - int(days * DAY)


CODE = "a.py"
BOTH = "a.py tests/test_a.py"
YEARLY = (
    commit("old", at=YEAR, message="feat: too old", paths=CODE),
    commit("a", "old", at(300), "feat(x): one\n\nReviewed-by: Bob <b@x>\nCloses #3", BOTH),
    commit("t1", "a", at(100), "two", CODE),
    commit("t2", "t1", at(99), "three", CODE, author="Eve"),
    commit("b", "a", at(98), "fix!: four", "README.md"),
    commit("m", "b t2", at(97), "Title of it (#12)\n\nbody"),
    commit("s", "m", at(50), "Hotfix for ABC-9 (!8)", "b.py c.py d.py e.py", author="Eve"),
    commit("r", "s", at(10), f'Revert "three"\n\nThis reverts commit {sha("t2")}.', CODE),
    commit("bot", "r", at(0), "chore: bump", "x.lock", author="dependabot[bot]"),
    commit("side", "s", at(20), "open", CODE),
    commit("stale", "s", at(91), "stale", CODE),
)
TAGS = f"v1=a@{at(290)} v1.0=a@{at(290)} v1.1=m@{at(90)} v1.2=s@{at(40)} v1.2.0=s@{at(39)} v0.9=old@{YEAR}"


def figures(*commits, signed=None, **more):
    found = observe_history(history(*commits, head=more.pop("head", "bot"), **more))
    return {one.key: one for one in history_figures(found, END, signed)}


@pytest.fixture(scope="module")
def year():
    return figures(*YEARLY, tags=TAGS, branches="main=bot open=side gone=stale", signed={sha("bot"), sha("old")})


@pytest.mark.parametrize(
    ("key", "value", "sample"),
    [
        ("commits", 7, 7),  # neither the merge nor what the trunk has not, nor what is a second too old
        ("authors", 2, 6),
        ("bus-factor", 1, 6),
        ("machine-commits", 100 / 7, 7),
        ("trunk-commits", 6 / 365, 6),
        ("merges", 2 * 7 / 365, 2),
        ("direct-commits", 400 / 6, 6),
        ("numbered-merges", 200 / 6, 6),
        ("branch-life-median", 3 * 24, 1),
        ("branch-life-90", 3 * 24, 1),
        ("merge-commits-median", 2, 1),
        ("merge-files-median", 2.5, 2),  # one path twice, and four
        ("merge-files-90", 3.7, 2),
        ("commit-files-median", 1, 7),
        ("reviewed-commits", 100 / 6, 6),
        ("work-item-commits", 200 / 6, 6),
        ("conventional-commits", 200 / 6, 6),
        ("code-with-tests", 20, 5),
        ("reverts", 100 / 7, 7),
        ("hotfixes", 100 / 6, 6),
        ("releases", 3 / 12, 3),
        ("release-space-median", 75, 3),
        ("lead-time-median", 10 * 24, 5),
        ("signed-tags", 0, 3),
        ("signed-commits", 100 / 6, 6),
        ("active-branches", 1, 1),
        ("since-last-release", 39, 1),
    ],
)
def test_each_figure(year, key, value, sample):
    assert year[key].value == pytest.approx(value)
    assert year[key].sample == sample


def test_month_by_month(year):
    months = 365 / 12
    placed = [int((365 - days) // months) for days in (300, 100, 99, 98, 50, 10)]
    assert year["commits"].months == tuple(float(placed.count(month) + (month == 11)) for month in range(12))
    assert year["lead-time-median"].months.count(None) == 9
    assert year["active-branches"].months == ()


def test_nobody_looked_for_signatures_and_nothing_was_there():
    found = figures(commit("a", at=YEAR - 5), head="a")
    assert "signed-commits" not in found
    assert found["commits"].value == 0
    assert {found[key].value for key in ("machine-commits", "bus-factor", "branch-life-90", "since-last-release")} == {
        None
    }
    assert all(one.place is None for one in found.values() if one.value is None)


def test_a_branch_that_is_called_hotfix_makes_its_merge_one():
    commits = (
        commit("a", at=at(9)),
        commit("t", "a", at(8), "mend"),
        commit("m", "a t", at(7), "Merge branch 'hotfix/login' into 'main'"),
        commit("n", "m", at(6), "hotfixture is another word"),
    )
    assert figures(*commits, head="n")["hotfixes"].value == pytest.approx(100 / 3)


@pytest.mark.parametrize(
    ("bands", "value", "key"),
    [
        (LEAD_TIME, 0.99, "under-an-hour"), (LEAD_TIME, 1, "under-a-day"), (LEAD_TIME, 24, "under-a-week"),
        (LEAD_TIME, 168, "under-a-month"), (LEAD_TIME, 731, "under-six-months"), (LEAD_TIME, 4381, "over-six-months"),
        (FREQUENCY, 0.1, "below-twice-a-year"), (FREQUENCY, 0.5, "below-monthly"), (FREQUENCY, 1, "below-weekly"),
        (FREQUENCY, 4.4, "below-daily"), (FREQUENCY, 31, "below-hourly"), (FREQUENCY, 731, "on-demand"),
        (BRANCH_LIFE, 24, "within-a-day"), (BRANCH_LIFE, 24.1, "over-a-day"),
        (ACTIVE_BRANCHES, 3, "three-or-fewer"), (ACTIVE_BRANCHES, 4, "over-three"),
        (SIGNED_TAGS, 99.9, "not-all"), (SIGNED_TAGS, 100, "all"),
    ],
)  # fmt: skip
def test_bands_on_either_side_of_each_step(bands, value, key):
    assert bands.place(value)[0] == key
