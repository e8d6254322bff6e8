"""Commits, merges and reviews, against answers worked out by hand."""

from __future__ import annotations

import pytest
from tests.facts.events import HOUR, Records, ago, commit, sha

from plumbline.model.fact import Lack


@pytest.fixture
def records() -> Records:
    return Records()


def test_a_commit_whose_message_nobody_read_is_left_out(records: Records) -> None:
    records.commits(
        commit("a", ago(1), work_items=("T-1",)),
        commit("b", ago(2)),
        commit("c", ago(3), told=False),
        commit("m", ago(3), "ann", "a", "b", told=False),
        commit("r", ago(3), "renovate[bot]", bot=True),
        commit("old", ago(91)),
    )
    found = records.fact("commits-linked-to-a-work-item")
    assert (found.numerator, found.denominator) == (1, 2)
    assert found.excluded == {"message_not_read": 1, "merges": 1, "bots": 1}
    assert {one.id for one in found.cited} == {"e0"}


def test_commits_that_only_a_push_told_of_are_no_data(records: Records) -> None:
    records.commits(commit("a", ago(1), told=False))
    assert records.fact("commits-linked-to-a-work-item").lack is Lack.NO_SOURCE


def test_a_valid_item_is_one_that_the_work_item_system_knows(records: Records) -> None:
    records.commits(
        commit("a", ago(1), work_items=("T-1",)), commit("b", ago(1), work_items=("T-9",)), commit("c", ago(1))
    )
    assert records.fact("commits-linked-to-a-valid-work-item").lack is Lack.NO_SOURCE
    records.ticket("T-1", ago(5))
    assert records.share("commits-linked-to-a-valid-work-item") == (1, 3)
    records.link(sha("c"), "T-1", ago(0.5))
    assert records.share("commits-linked-to-a-valid-work-item") == (2, 3)


def test_what_a_merge_brought_was_not_pushed_directly(records: Records) -> None:
    records.repository("m")
    records.forge()
    records.commits(
        commit("m", ago(1), "ann", "b", "side", told=False),
        commit("b", ago(2), "bob", "a"),
        commit("side", ago(2), "ann", "a"),
        commit("a", ago(3), work_items=("T-1",)),
    )
    records.merge("!1", ago(1), commit("side", ago(2)), merged_as="m")
    found = records.fact("direct-pushes-to-protected-branches-without-a-work-item")
    assert found.value == 1  # only b: a names an item, side came with the merge


def test_no_direct_push_is_zero_only_where_commits_are_known(records: Records) -> None:
    name = "direct-pushes-to-protected-branches-without-a-work-item"
    records.repository("a")
    records.forge()
    assert records.fact(name).lack is Lack.NO_SOURCE
    records.commits(commit("a", ago(1), work_items=("T-1",)))
    assert records.fact(name).value == 0


def test_an_unread_direct_push_leaves_the_question_open(records: Records) -> None:
    records.repository("a")
    records.commits(commit("a", ago(1), told=False))
    assert records.fact("direct-pushes-to-protected-branches-without-a-work-item").lack is Lack.NO_SOURCE


@pytest.mark.parametrize("forge", [None, False])
def test_what_git_alone_shows_is_counted_and_not_called_a_push(records: Records, forge: bool | None) -> None:
    """Somebody applied a change by hand, as kernels do: nothing says whether that went past a protection."""
    records.repository("b")
    if forge is not None:
        records.forge(protected=forge)
    records.commits(commit("b", ago(1), "bob", "a"), commit("a", ago(2), work_items=("T-1",)))
    found = records.fact("direct-pushes-to-protected-branches-without-a-work-item")
    assert (found.lack, found.value, found.excluded) == (Lack.NO_SOURCE, None, {"not_known_to_be_pushes": 1})


OF_ITEMS = (
    "commits-linked-to-a-work-item",
    "merges-without-any-work-item",
    "merges-that-carry-exactly-one-work-item",
    "direct-pushes-to-protected-branches-without-a-work-item",
)


@pytest.mark.parametrize("name", OF_ITEMS)
def test_where_few_commits_name_a_work_item_nobody_can_tell(records: Records, name: str) -> None:
    """As in a repository of which one commit in fourteen says why it was made, and every squash its pull request."""
    records.repository("c0")
    records.forge()
    records.commits(*(commit(f"c{one}", ago(1), "ann", f"c{one + 1}") for one in range(13)))
    records.commits(commit("c13", ago(1), work_items=("#7",)))
    records.merge("!1", ago(1), commit("c1", ago(1)), merged_as="c0")
    assert records.fact(name).lack is Lack.NO_SOURCE
    records.ticket("#7", ago(3))
    assert records.fact(name).lack is None


@pytest.mark.parametrize(("named", "told"), [(3, True), (2, False)])
def test_one_in_five_that_names_a_work_item_tells_how_the_team_works(records: Records, named: int, told: bool) -> None:
    items = [("T-1",)] * named + [()] * (14 - named)
    records.commits(*(commit(f"c{one}", ago(1), work_items=of) for one, of in enumerate(items)))
    found = records.fact("commits-linked-to-a-work-item")
    assert (found.numerator, found.denominator) == ((named, 14) if told else (None, None))


def test_a_commit_has_the_work_item_of_the_merge_that_brought_it(records: Records) -> None:
    records.commits(commit("a", ago(1)), commit("b", ago(1)))
    records.merge("!1", ago(1), commit("a", ago(1)), merged_as="m", work_items=("T-1",))
    assert records.share("commits-linked-to-a-work-item") == (1, 2)


def test_a_pair_is_readable_from_both_sides_where_each_side_says_so(records: Records) -> None:
    name, tracker = "linked-pairs-readable-from-either-side", "https://jira.example"
    records.commits(
        commit("a", ago(1), work_items=("T-1",)), commit("b", ago(1), work_items=("T-2",)), commit("c", ago(1)),
        commit("d", ago(1), work_items=("T-1",)), commit("old", ago(99), work_items=("T-2",)),
    )  # fmt: skip
    records.merge("!4", ago(1), commit("d", ago(1)))
    for item in ("T-1", "T-2"):
        records.ticket(item, ago(5), source=tracker)
    assert records.fact(name).lack is Lack.NO_SOURCE
    records.link(sha("b"), "T-2", ago(0.5), source=tracker)  # what a change says is not what the item says
    records.link("T-2", sha("b"), ago(0.5))  # nor is what somebody else says of it
    found = records.fact(name)
    assert (found.lack, found.excluded) == (Lack.NO_SOURCE, {"link_from_change": 1})
    records.link("T-1", sha("a"), ago(0.5), source=tracker)
    assert records.share(name) == (1, 3)
    records.link("T-1", "!4", ago(0.5), source=tracker)  # by the merge request that brought it
    assert records.share(name) == (2, 3)
    records.link("T-2", sha("c"), ago(0.5), source=tracker)  # c names nothing
    assert records.share(name) == (2, 4)
    assert records.fact(name).excluded == {"link_from_change": 1}


def test_links_by_hand_and_by_the_system(records: Records) -> None:
    records.ticket("T-1", ago(9))
    records.commits(commit("a", ago(1), work_items=("T-1", "T-2")), commit("b", ago(1)))
    records.link(sha("b"), "T-1", ago(0.5), person="ann")
    records.link("T-1", "case", ago(0.5), person="ann")  # not about a commit
    assert records.share("work-item-links-made-by-the-system-on-commit-or-merge") == (2, 3)


def test_delay_of_a_link_and_a_clock_that_is_behind(records: Records) -> None:
    records.commits(commit("a", ago(1)), time=ago(0, 10))
    records.commits(commit("b", ago(1)), time=ago(0, 10))
    records.link(sha("a"), "T-1", ago(0, 9))
    records.link(sha("b"), "T-1", ago(0, 11))
    found = records.fact("delay-from-push-to-visible-link-95th-percentile")
    assert found.values == (3600.0,)
    assert found.excluded == {"clock_skew": 1}


def test_a_commit_that_is_told_of_twice_is_one_and_its_push_counts(records: Records) -> None:
    records.commits(commit("a", ago(1)), time=ago(0, 12))  # as the history has it, whose clock is the author's
    records.commits(commit("a", ago(1), told=False), time=ago(0, 10))
    records.commits(commit("a", ago(1), told=False), ref="refs/heads/other", time=ago(0, 2))
    records.link(sha("a"), "T-1", ago(0, 9))
    found = records.fact("delay-from-push-to-visible-link-95th-percentile")
    assert (found.values, found.excluded) == ((3600.0,), {})


def test_merges_by_developer_week_and_day(records: Records) -> None:
    for number, (time, author) in enumerate(
        [(ago(2.5), "ann"), (ago(2.5, 1), "ann"), (ago(9.5), "ann"), (ago(3), "bob")]
    ):
        records.merge(f"!{number}", time, commit(f"c{number}", time, author))
    records.merge("!bot", ago(2), commit("cb", ago(2), "renovate[bot]"))
    weekly = records.fact("merges-to-trunk-per-active-developer", 14)
    assert (weekly.numerator, weekly.denominator) == (4, pytest.approx(2 * 2))
    daily = records.fact("merges-to-trunk-per-active-developer-and-working-day-team-median", 14)
    assert daily.values == (0.3, 0.1)  # of ten working days
    assert records.share("active-developers-with-days-of-two-or-more-merges-to-trunk", 14) == (1, 2)
    gaps = records.fact("gap-between-a-developer-s-merges-to-trunk-median", 14)
    assert gaps.values == ((7 * 24 - 1) * 3600.0, 3600.0)


def test_merges_outside_the_working_days_are_in_no_rate_by_working_day(records: Records) -> None:
    records.merge("!saturday", ago(1.5), commit("a", ago(1.5), "ann"))
    records.merge("!outside", ago(4.2), commit("b", ago(4.2), "ann"))  # a quarter of this Wednesday is in the window
    records.merge("!inside", ago(3), commit("c", ago(3), "ann"))
    records.merge("!sunday", ago(0.5), commit("d", ago(0.5), "bob"))
    daily = records.fact("merges-to-trunk-per-active-developer-and-working-day-team-median", 4.25)
    assert daily.values == (0.5, 0.0)  # of Thursday and Friday; who merged on other days only is at zero


def test_merges_to_other_branches_do_not_count_where_the_trunk_is_known(records: Records) -> None:
    records.repository()
    records.merge("!1", ago(1), commit("a", ago(1)), target="release-1")
    assert records.fact("merges-without-any-work-item").lack is Lack.NO_SOURCE


def test_the_trunk_of_one_repository_is_not_that_of_another(records: Records) -> None:
    records.repository("a", "main", "core")
    records.repository("b", "master", "web")
    records.ticket("T-1", ago(3))
    records.merge("!1", ago(1), commit("m1", ago(1), work_items=("T-1",)), project="core")
    records.merge("!2", ago(1), commit("m2", ago(1)), project="web", target="master")
    records.merge("!3", ago(1), commit("m3", ago(1)), project="web", target="main")
    assert records.share("merges-without-any-work-item") == (1, 2)


def test_the_protection_of_one_repository_says_nothing_of_another(records: Records) -> None:
    name = "direct-pushes-to-protected-branches-without-a-work-item"
    records.repository("a")
    records.forge()
    records.ticket("T-1", ago(3))
    records.commits(commit("a", ago(1), work_items=("T-1",)))
    assert records.fact(name).value == 0
    records.repository("b", project="web")
    records.commits(commit("b", ago(1)), project="web")
    found = records.fact(name)
    assert (found.lack, found.excluded) == (Lack.NO_SOURCE, {"not_known_to_be_pushes": 1})
    records.commits(commit("c", ago(1)))
    assert records.fact(name).value == 1


def test_exactly_one_work_item(records: Records) -> None:
    records.merge("!1", ago(1), commit("a", ago(1), work_items=("T-1",)), commit("b", ago(1), work_items=("T-1",)))
    records.merge("!2", ago(1), commit("c", ago(1), work_items=("T-1",)), work_items=("T-2",))
    records.merge("!3", ago(1), commit("d", ago(1)))
    records.merge("!4", ago(1), commit("e", ago(1), told=False))
    found = records.fact("merges-that-carry-exactly-one-work-item")
    assert (found.numerator, found.denominator, found.excluded) == (1, 3, {"message_not_read": 1})
    assert records.share("merges-without-any-work-item") == (1, 3)


def test_opening_to_merge_needs_to_know_the_opening(records: Records) -> None:
    from plumbline.evidence.vocabulary import cdevents_core

    name = "time-from-merge-request-opened-to-merged-median"
    records.merge("!1", ago(1), commit("a", ago(9)))
    assert records.fact(name).lack is Lack.NO_SOURCE
    records.tell(cdevents_core.ChangeCreated(), "!1", ago(1, 2))
    records.merge("!2", ago(1), commit("b", ago(9)))
    found = records.fact(name)
    assert (found.values, found.excluded) == ((7200.0,), {"start_unknown": 1})


def test_only_an_approval_of_the_final_revision_by_another_counts(records: Records) -> None:
    name = "merged-changes-whose-final-revision-was-approved-by-a-person"
    for number in range(1, 7):
        records.merge(f"!{number}", ago(1), commit(f"new{number}", ago(2)), commit(f"old{number}", ago(3)))
    records.review("!1", ago(1, 1), "bob", "new1")
    records.review("!2", ago(1, 1), "bob", "old2")  # an older revision
    records.review("!3", ago(1, 1), "ann", "new3")  # the author
    records.review("!4", ago(0, 20), "bob", "new4")  # after the merge
    records.review("!5", ago(1, 1), "sonar[bot]", "new5")
    records.review("!6", ago(1, 2), "bob", "new6")
    records.review("!6", ago(1, 1), "bob", "new6", "requestChanges")  # changed their mind
    assert records.fact(name).lack is Lack.NO_SOURCE  # commits that came without a merge are changes too
    records.commits(commit("topic", ago(1)), ref="refs/heads/topic")
    assert records.share(name) == (1, 6)
    assert records.share("merges-with-human-review") == (3, 6)


def test_direct_pushes_are_changes_that_nobody_approved(records: Records) -> None:
    records.merge("!1", ago(1), commit("a", ago(2)), merged_as="m")
    records.review("!1", ago(1, 1), "bob", "a")
    records.commits(commit("d", ago(1), "ann", "m"), commit("m", ago(1), "ann", "x", "a", told=False))
    assert records.share("merged-changes-whose-final-revision-was-approved-by-a-person") == (1, 2)


def test_a_comment_is_no_review_and_a_name_in_the_message_is(records: Records) -> None:
    records.merge("!1", ago(1), commit("a", ago(2)))
    records.review("!1", ago(1, 1), "bob", "a", "commented")
    records.merge("!2", ago(1), commit("b", ago(2)), reviewers=("bob <bob@bank.example>",))
    assert records.share("merged-changes-with-a-human-review") == (1, 2)


def test_scripts_are_pipelines_and_infrastructure(records: Records) -> None:
    records.merge("!1", ago(1), commit("a", ago(2), kinds=("pipeline",)), reviewers=("bob <bob@bank.example>",))
    records.merge("!2", ago(1), commit("b", ago(2), kinds=("infrastructure",)))
    records.merge("!3", ago(1), commit("c", ago(2)))
    assert records.share("script-changes-with-a-review") == (1, 2)


def test_verdicts_before_approval(records: Records) -> None:
    for number, scanned in (("1", ago(1, 3)), ("2", ago(1, 1))):
        records.merge(f"!{number}", ago(1), commit(f"a{number}", ago(2)))
        records.run(f"r{number}", ago(1, 5), ago(1, 4), commit=f"a{number}")
        records.scan(f"s{number}", scanned, f"a{number}")
        records.review(f"!{number}", ago(1, 2), "bob", f"a{number}")
    assert records.share("merged-changes-with-build-and-scan-verdict-before-approval") == (1, 2)


def test_tests_that_come_with_the_code(records: Records) -> None:
    both, unit, code = ("code", "unit-test"), ("unit-test",), ("code",)
    records.merge("!1", ago(1), commit("a", ago(2), kinds=both))
    records.merge("!2", ago(1), commit("c", ago(2), kinds=code), commit("b", ago(3), kinds=unit))  # tests first
    records.merge("!3", ago(1), commit("e", ago(2), kinds=unit), commit("d", ago(3), kinds=code))  # code first
    records.merge("!4", ago(1), commit("f", ago(2), "bob", kinds=code))
    records.merge("!5", ago(1), commit("g", ago(2), kinds=("docs",)))
    records.merge("!6", ago(1), commit("h", ago(2), told=False))
    assert records.share("code-merges-that-carry-their-unit-tests") == (3, 4)
    assert records.share("code-merges-that-bring-their-tests-in-the-same-or-an-earlier") == (2, 4)
    found = records.fact("code-merges-that-carry-their-unit-tests")
    assert found.excluded == {"files_unknown": 1}
    records.commits(commit("later", ago(1) + 2 * HOUR, "bob", kinds=unit))
    assert records.share("code-merges-with-new-or-changed-unit-tests-within-one-day") == (4, 4)


def test_a_run_of_tests_before_the_merge(records: Records) -> None:
    records.merge("!1", ago(1), commit("a", ago(2)))
    records.merge("!2", ago(1), commit("b", ago(2)))
    name = "code-merges-with-a-test-run-before-merge"
    assert records.fact(name).lack is Lack.NO_SOURCE
    records.suite("s1", ago(1, 1), "failure", commit="a")
    records.suite("s2", ago(0, 1), commit="b")
    assert records.share(name) == (1, 2)


def test_contracts_and_their_tests(records: Records) -> None:
    records.merge("!1", ago(1), commit("a", ago(2), kinds=("contract", "interface-test")))
    records.merge("!2", ago(1), commit("b", ago(2), kinds=("code", "contract")))
    assert records.share("contract-changes-whose-tests-are-in-the-same-merge") == (1, 2)


def test_where_no_message_ever_names_a_work_item_the_links_may_be_kept_elsewhere(records: Records) -> None:
    records.merge("!1", ago(1), commit("a", ago(2)))
    records.commits(commit("a", ago(2)))
    for name in (
        "commits-linked-to-a-work-item",
        "merges-without-any-work-item",
        "merges-that-carry-exactly-one-work-item",
    ):
        assert records.fact(name).lack is Lack.NO_SOURCE


def test_a_repository_that_tells_of_no_review_does_not_say_that_there_was_none(records: Records) -> None:
    records.merge("!1", ago(1), commit("a", ago(2), kinds=("pipeline",)))
    for name in ("merged-changes-with-a-human-review", "merges-with-human-review", "script-changes-with-a-review"):
        assert records.fact(name).lack is Lack.NO_SOURCE
