"""Builds, pushes, pipelines and the state of the trunk, against answers worked out by hand."""

from __future__ import annotations

import pytest
from tests.facts.events import NOW, Records, ago, commit, sha

from plumbline.model.fact import Lack

FIX = "first-trunk-failure-to-next-success-median"


@pytest.fixture
def records() -> Records:
    return Records()


def test_success_leaves_out_what_was_cancelled_or_pressed(records: Records) -> None:
    for name, outcome, trigger in (
        ("a", "success", "push"), ("b", "failure", "schedule"), ("c", "error", "merge_request_event"),
        ("d", "cancel", "push"), ("e", "failure", "web"),
    ):  # fmt: skip
        records.run(name, ago(1, 1), ago(1), outcome, trigger=trigger)
    records.run("child", ago(1, 1), ago(1), "failure", parent="a")
    records.run("running", ago(0, 1), None)
    found = records.fact("automatic-build-success-published-bank-result")
    assert (found.numerator, found.denominator) == (1, 3)
    assert found.excluded == {"cancelled": 1, "not_automatic": 1}


def test_only_cancelled_runs_are_no_data(records: Records) -> None:
    records.run("d", ago(1, 1), ago(1), "cancel")
    assert records.fact("automatic-build-success-published-bank-result").lack is Lack.TOO_FEW


def test_builds_and_days(records: Records) -> None:
    records.repository()
    for number, time in enumerate([ago(2.5), ago(3), ago(3, 1), ago(6.5)]):  # Friday at noon, Friday, Thursday, Monday
        records.run(f"r{number}", time, time + 1, trigger="schedule" if number else "push")
    rate = records.fact("builds-per-working-day-and-application", 7)
    assert (rate.numerator, rate.denominator) == (4, 5)
    assert records.share("working-days-with-any-build", 7) == (3, 5)
    records.run("weekend", ago(1.5), ago(1.4), trigger="schedule")
    assert records.share("working-days-with-any-build", 7) == (3, 5)
    rate = records.fact("builds-per-working-day-and-application", 7)
    assert (rate.numerator, rate.denominator) == (4, 5)
    records.run("branch", ago(5.5), ago(5.4), trigger="schedule", ref="other")
    assert records.share("working-days-with-a-scheduled-build-of-the-trunk", 7) == (3, 5)


@pytest.mark.parametrize("name", ["working-days-with-any-build", "working-days-with-a-scheduled-build-of-the-trunk"])
def test_days_of_which_nobody_told_anything_are_no_days_without_a_build(records: Records, name: str) -> None:
    records.repository()
    records.run("r", ago(300), ago(300))
    assert records.fact(name).lack is Lack.TOO_FEW


def test_a_day_that_is_half_outside_counts_neither_builds_nor_days(records: Records) -> None:
    records.repository()
    for number in range(7):
        time = ago(4.2) + number  # a quarter of this Wednesday is in the window
        records.run(f"r{number}", time, time + 1)
    rate = records.fact("builds-per-working-day-and-application", 4.25)
    assert (rate.numerator, rate.denominator) == (0, 2)
    assert records.share("working-days-with-any-build", 4.25) == (0, 2)
    assert rate.events == 7  # a zero rests on what was looked through


def test_two_scheduled_builds_a_day(records: Records) -> None:
    for number in range(10):
        records.run(f"r{number}", ago(2.5 + number / 2), ago(2.5 + number / 2) + 1, trigger="schedule")
    name = "branches-with-two-or-more-scheduled-builds-per-working-day"
    assert records.fact(name, 7).value == 1  # 10 of 5 days
    assert records.fact(name, 14).value == 0  # 10 of 10 days


def test_developers_who_start_builds_need_one_common_name(records: Records) -> None:
    name = "active-developers-who-started-a-build-themselves"
    records.commits(commit("a", ago(1), "Ann"), commit("b", ago(1), "Bob"))
    records.run("r", ago(1), ago(0.9), person="u17")
    assert records.fact(name).lack is Lack.TOO_FEW
    records.run("r2", ago(1), ago(0.9), person="ann", trigger="web")
    assert records.share(name) == (1, 2)


def test_commit_to_result_takes_the_first_run(records: Records) -> None:
    records.commits(commit("a", ago(1)), commit("b", ago(1)), commit("late", ago(0.5)))
    records.run("r1", ago(1), ago(1) + 600_000_000, "failure", commit="a")
    records.run("r2", ago(1), ago(0.5), commit="a")
    records.run("r3", ago(1), ago(1) + 300_000_000, commit="b")
    records.run("r4", ago(1), ago(0.9), commit="late")  # the run ended before the commit was made
    records.run("r5", ago(1), ago(0.9), commit="unknown")
    found = records.fact("commit-to-build-result-median")
    assert found.values == (300.0, 600.0)
    assert found.excluded == {"clock_skew": 1, "commit_unknown": 1}
    assert records.fact("commit-to-failed-result-median").values == (600.0,)


def test_pushes_and_merges_that_were_built(records: Records) -> None:
    records.commits(commit("a", ago(1), told=False), time=ago(1))
    records.commits(commit("b", ago(1), told=False), time=ago(1), ref="refs/heads/topic")
    records.commits(commit("v", ago(1), told=False), time=ago(1), ref="refs/tags/v1")
    records.commits(commit("history", ago(1)))  # was read, not pushed
    records.run("r", ago(1), ago(0.9), commit="a")
    records.run("w", ago(1), ago(0.9), commit="b", trigger="web")
    assert records.share("pushes-that-started-a-build") == (1, 2)
    records.merge("!1", ago(1), commit("b", ago(2)), merged_as="a")
    assert records.share("pushes-and-merges-that-started-a-build") == (2, 3)


def test_a_failed_build_has_a_cause(records: Records) -> None:
    for name, reason in (("r1", "script_failure"), ("r2", None)):
        records.run(name, ago(1), ago(0.9), "failure")
        records.job(name, "j", ago(1), ago(0.9), "failure", **({"reason": reason} if reason else {}))
    records.run("r3", ago(1), ago(0.9), "failure")
    records.job("r3", "j", ago(1), ago(0.9), "failure", reason="script_failure", allowed_failure=True)
    assert records.share("failed-builds-with-a-cause-class") == (1, 3)


def test_repositories_and_revisions(records: Records) -> None:
    records.commits(commit("a", ago(1)))
    records.commits(commit("z", ago(1)), repo="other")
    records.run("r1", ago(1), ago(0.9), commit="a")
    records.run("r2", ago(1), ago(0.9))
    records.deploy("d1", ago(0.8), run="r1", commit="a")
    records.deploy("d2", ago(0.8), commit="unknown")
    assert records.share("pipeline-runs-that-check-out-from-a-registered-repository") == (1, 2)
    assert records.share("pipeline-and-deployment-definitions-loaded-from-a-repository") == (2, 4)
    assert records.share("pipeline-runs-and-deployments-whose-revision-is-in-the") == (2, 4)
    assert records.share("repositories-of-the-product-with-a-pipeline", None) == (1, 2)


def test_fix_time_is_from_the_first_failure_to_the_next_success(records: Records) -> None:
    records.repository()
    for name, end, outcome, revision in (
        ("r1", ago(9), "success", "a"), ("r2", ago(8), "failure", "b"), ("r3", ago(7), "error", "c"),
        ("r4", ago(6.5), "cancel", "c"), ("r5", ago(6), "success", "d"),
        ("r6", ago(5), "failure", "e"), ("r7", ago(4.9), "success", "e"),  # flaky
        ("r8", ago(2), "failure", "f"),  # still broken
    ):  # fmt: skip
        records.run(name, end - 1, end, outcome, commit=revision)
    records.run("topic", ago(7), ago(6.9), commit="x", ref="topic")
    found = records.fact(FIX)
    assert found.values == (2 * 86_400.0, 2 * 86_400.0)
    assert found.excluded == {"flaky": 1}
    assert records.fact("published-result-of-an-assessed-bank").lack is Lack.TOO_FEW


def test_each_repository_has_a_trunk_of_its_own_which_no_other_mends(records: Records) -> None:
    records.repository("a", "main", "core")
    records.repository("b", "master", "web")
    for number in range(3):
        records.run(f"w{number}", ago(9 - number), ago(9 - number), project="web", ref="master", commit=f"w{number}")
    records.run("c0", ago(10), ago(10), "failure", project="core", commit="c0")
    records.run("c1", ago(5), ago(5), project="core", commit="c1")
    records.run("x", ago(1), ago(1), "failure", project="web", ref="main")  # is none of its trunk
    assert records.fact(FIX).values == (5 * 86_400.0,)
    assert records.share("working-time-with-a-green-trunk") == (14, 19)
    records.run("s", ago(3), ago(3), project="core", trigger="schedule")
    assert records.share("working-days-with-a-scheduled-build-of-the-trunk", 7) == (1, 5)
    records.run("t", ago(4), ago(4), project="web", ref="master", trigger="schedule")
    assert records.share("working-days-with-a-scheduled-build-of-the-trunk", 7) == (2, 5)


def test_without_a_known_trunk_nobody_knows_whether_it_is_broken(records: Records) -> None:
    records.run("r", ago(2), ago(1), "failure")
    assert records.fact(FIX).lack is Lack.NO_SOURCE


def test_green_and_red_time_count_all_hours(records: Records) -> None:
    records.repository()
    for number, (end, outcome) in enumerate(
        [
            (ago(20), "success"),
            (ago(8), "failure"),
            (ago(6), "success"),
            (ago(5), "success"),
            (ago(4), "failure"),
            (ago(3), "success"),
        ]
    ):
        records.run(f"r{number}", end - 1, end, outcome, commit=f"c{number}")
    green = records.fact("working-time-with-a-green-trunk", 10)
    assert green.denominator == 10
    assert green.numerator == 2 + 2 + 3
    assert records.share("working-time-with-a-red-trunk", 10) == (3, 10)
    assert records.fact("working-time-with-a-green-trunk", 4).lack is Lack.TOO_FEW


def test_net_time_has_no_queue_and_no_waiting(records: Records) -> None:
    for number in range(5):
        begin = ago(1 + number)
        records.run(f"r{number}", begin, begin + 600_000_000)
        records.job(f"r{number}", "a", begin + 60_000_000, begin + 120_000_000)
        records.job(f"r{number}", "b", begin + 90_000_000, begin + 180_000_000)
        records.job(f"r{number}", "c", begin + 500_000_000, begin + 560_000_000)
    name = "mean-pipeline-time-published-bank-result"
    assert records.fact(name).value == 180.0  # 60 to 180, and 500 to 560
    assert records.fact(name, 4).lack is Lack.TOO_FEW  # four runs


def test_change_against_180_days_earlier(records: Records) -> None:
    for number in range(5):
        for name, begin, seconds in (("old", ago(200 + number), 100), ("new", ago(2 + number), 80)):
            run = f"{name}{number}"
            records.run(run, begin, begin + 900_000_000)
            records.job(run, "compile", begin, begin + seconds * 1_000_000, stage="build")
    assert records.fact("median-pipeline-time-against-180-d-earlier", 180).value == pytest.approx(-20)
    assert records.fact("median-build-time-against-180-d-earlier", 180).value == pytest.approx(-20)
    assert records.fact("median-build-time-against-180-d-earlier", 10).lack is Lack.TOO_FEW


def test_queue_time_begins_when_a_person_pressed(records: Records) -> None:
    records.job("r", "a", ago(1), ago(0.9), queued=ago(1, 0, 2))
    records.job("r", "b", ago(1), ago(0.9))
    found = records.fact("job-queue-time-90th-percentile")
    assert (found.values, found.excluded) == ((120.0,), {"queue_unknown": 1})


def test_queue_time_of_a_first_job_begins_with_its_pipeline(records: Records) -> None:
    records.run("r", ago(1, 0, 5), ago(0.8))
    records.job("r", "a", ago(1), ago(0.95))
    records.job("r", "a again", ago(0.94), ago(0.93), attempt=2)
    records.job("r", "b", ago(0.9), ago(0.85), queued=ago(0.9, 0, 1))
    found = records.fact("job-queue-time-90th-percentile")
    assert (found.values, found.excluded) == ((300.0, 60.0), {"queue_unknown": 1})


def test_automated_stages(records: Records) -> None:
    name = "of-the-four-stages-stages-with-automated-jobs"
    assert records.fact(name).lack is Lack.NO_SOURCE
    records.job("r", "compile", ago(1), ago(0.9), stage="build")
    records.job("r", "unit", ago(1), ago(0.9), stage="test")
    records.job("r", "sast-scan", ago(1), ago(0.9), stage="checks")
    records.job("r", "prod", ago(1), ago(0.9), stage="deploy", manual=True)
    assert records.fact(name).value == 3
    assert records.fact(name, 0).value == 3  # no window: all of them


@pytest.mark.parametrize(
    ("stage", "job"), [("tests", "all"), ("单元测试", "a"), ("checks", "e2e:web"), ("阶段一", "验证")]
)
def test_a_stage_is_known_by_words_in_english_and_chinese(records: Records, stage: str, job: str) -> None:
    name = "of-the-four-stages-stages-with-automated-jobs"
    records.job("r", "latest", ago(1), ago(0.9), stage="contest")
    assert records.fact(name).value == 0
    records.job("r", job, ago(1), ago(0.9), stage=stage)
    assert records.fact(name).value == 1


def test_release_builds_and_workers(records: Records) -> None:
    records.release("1.0", ago(1), commit="a")
    records.run("r", ago(3), ago(2), commit="a")
    records.job("r", "j1", ago(3), ago(2), runner="w1")
    records.job("r", "j2", ago(3), ago(2), runner="w2")
    name = "release-builds-on-registered-workers"
    assert records.fact(name).lack is Lack.NO_SOURCE
    records.runner("w1")
    assert records.share(name) == (1, 2)


def test_what_comes_after_the_judgement_does_not_count(records: Records) -> None:
    records.run("r", NOW + 1, NOW + 2, "failure", commit="a")
    assert records.fact("automatic-build-success-published-bank-result").lack is Lack.NO_SOURCE
    assert sha("a") == "0" * 38 + "61"
