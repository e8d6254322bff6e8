"""Merges, branches and releases of small histories."""

from __future__ import annotations

from tests.observation.histories import commit, history, sha

from plumbline.model.history import RawBranch, RawCommit, RawHistory
from plumbline.observation import observe_history

MERGE = "Merge branch 'topic' into 'main'\n\nABC-2\n\nConflicts:\n\ta.py\n\nSee merge request g/a!7"
TOPIC = (
    commit("a", at=10, paths="a.py"),
    commit("t1", "a", 20, "ABC-1\n\nReviewed-by: Bob <b@x>", "a.py tests/test_a.py"),
    commit("b", "a", 25, paths="README.md"),
    commit("t2", "t1 b", 30, "Merge branch 'main' into topic"),
    commit("t3", "t2", 35, paths="a.py"),
    commit("m", "b t3", 40, MERGE),
    commit("s", "m", 50, "Do it at once (#9)", "x.go", author="dependabot[bot]"),
)


def test_a_merge_brings_the_commits_of_its_side_and_no_others():
    seen = observe_history(history(*TOPIC, head="s"))
    assert seen.trunk == tuple(map(sha, "smba"))
    merge, squash = seen.merges
    assert merge.commits == tuple(map(sha, ("t3", "t2", "t1")))
    assert (merge.branch, merge.number, merge.opened, merge.merged) == ("topic", "7", 20, 40)
    assert (merge.conflicts, merge.files, merge.squash, merge.person) == (True, 2, False, "Ada")
    assert (merge.reviewers, merge.work_items) == (("Bob <b@x>",), ("ABC-2", "ABC-1"))
    assert (squash.sha, squash.commits, squash.number, squash.squash) == (sha("s"), (sha("s"),), "9", True)


def test_a_commit_tells_what_it_touched():
    seen = {one.sha: one for one in observe_history(history(*TOPIC, head="s")).commits}
    assert (seen[sha("t1")].files, seen[sha("t1")].kinds) == (2, ("code", "unit-test"))
    assert (seen[sha("m")].files, seen[sha("m")].kinds) == (None, None)
    assert seen[sha("s")].bot
    assert not seen[sha("a")].bot


def test_branches_beside_the_trunk():
    commits = (*TOPIC, commit("o1", "s", 60), commit("o2", "o1", 70))
    seen = observe_history(history(*commits, head="s", branches="main=s topic=t3 open=o2 old=b"))
    told = {one.name: (one.first, one.last, one.merged, one.commits) for one in seen.branches}
    assert told == {"topic": (20, 35, True, 3), "open": (60, 70, False, 2), "old": (25, 25, True, 0)}
    assert seen.heads.keys() == {"main", "topic", "open", "old"}


def test_the_first_release_that_has_a_commit():
    tags = "v1.1=b@90 v1.0=a@80 v2.0=s@85 nightly=s@1"
    seen = observe_history(history(*TOPIC, head="s", tags=tags))
    assert [(one.tag, one.commits) for one in seen.releases] == [("v1.0", 1), ("v2.0", 6), ("v1.1", 0)]
    assert seen.first_tag[sha("b")] == "v2.0"
    assert seen.tags == 4


def test_of_tags_made_at_once_the_ancestor_comes_first():
    seen = observe_history(history(*TOPIC, head="s", tags="v0.9=m@80 v1.0=b@80"))
    assert [(one.tag, one.commits) for one in seen.releases] == [("v1.0", 2), ("v0.9", 4)]


def test_an_abbreviated_revert_is_made_whole():
    commits = (
        commit("aaaaaaaa", at=1),
        commit("b", "aaaaaaaa", 2, f"This reverts commit {sha('aaaaaaaa')[:12]}."),
        commit("c", "b", 3, "This reverts commit ffffffff."),
    )
    seen = observe_history(history(*commits, head="c"))
    assert [one.reverts for one in seen.commits] == [(), (sha("aaaaaaaa"),), ()]


def test_what_a_shallow_clone_cannot_know_is_not_told():
    commits = (commit("a", at=1, paths="every file"), commit("t", at=2), commit("m", "a t", 3), commit("n", "m", 4))
    seen = observe_history(history(*commits, head="n", shallow=True))
    assert [one.sha for one in seen.commits] == [sha("n"), sha("m")]
    assert seen.merges == ()
    assert seen.shallow


def test_a_history_whose_head_is_not_there():
    seen = observe_history(history(commit("a"), head="z"))
    assert (seen.trunk, seen.merges) == ((), ())


def test_work_on_a_branch_begins_when_it_was_written_not_when_it_was_rebased():
    raw = RawHistory(
        commits=(
            RawCommit("d" * 40, ("a" * 40, "c" * 40), "ann", 900, 900, "Merge branch 'x'"),
            RawCommit("c" * 40, ("b" * 40,), "ann", 300, 800, "two"),
            RawCommit("b" * 40, ("a" * 40,), "ann", 200, 790, "one"),
            RawCommit("e" * 40, ("a" * 40,), "ann", 250, 700, "open"),
            RawCommit("a" * 40, (), "ann", 100, 100, "zero"),
        ),
        branches=(RawBranch("main", "d" * 40), RawBranch("y", "e" * 40)),
        default_branch="main",
        head="d" * 40,
    )
    found = observe_history(raw)
    assert [merge.opened for merge in found.merges] == [200]
    assert [branch.first for branch in found.branches] == [250]
