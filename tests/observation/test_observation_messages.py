"""What commit messages say, and what they do not."""

from __future__ import annotations

import pytest

from plumbline.observation.messages import had_conflicts, is_bot, marks, merged, people, reverted, squashed, work_items

SHA = "0123456789abcdef0123456789abcdef01234567"
HOME = "https://git.example/group/app"


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("ABC-123: do it", ["ABC-123"]),
        ("Fixes #12, closes #13", ["#12", "#13"]),
        ("feat: x --story=123 --bug=9", ["story=123", "bug=9"]),
        ("GH-7 and #7", ["#7"]),
        ("[PROJ2-5] x", ["PROJ2-5"]),
        ("two: XY-1 and ABC-2 and XY-1 again", ["XY-1", "ABC-2"]),
        ("UTF-8, SHA-256, ISO-8859, ISO8859-1, CVE-2024-1, RFC-822, X-1, GPL-3", []),
        ("see owner/other#12 and &#39; and x#5", []),
        ("Add the thing (#123)", []),
        ("Merge pull request #12 from a/b", []),
        ("`ABC-1` is code\n\n    ABC-2 too\n\n```\nABC-3\n```\nABC-4", ["ABC-4"]),
        ("https://elsewhere.example/browse/ABC-1 and https://elsewhere.example/issues/3#4", []),
        (f"see {HOME}/-/issues/5 and {HOME}/issues/6", ["#5", "#6"]),
        ("v1.2-3, 10-12, foo-ABC-1, ABC-0", []),
        ("nothing", []),
    ],
)
def test_work_items(message, found):
    assert list(work_items(message, HOME)) == found


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (f'Revert "x"\n\nThis reverts commit {SHA}.\n', (SHA,)),
        (f"This reverts commit {SHA}, reversing\nchanges made to {SHA[::-1]}.", (SHA,)),
        ("This reverts commit 0123456.", ("0123456",)),
        ("Revert what was", ()),
    ],
)
def test_reverts(message, found):
    assert reverted(message) == found


def test_who_reviewed_and_who_else_wrote():
    message = """Do it

Reviewed-by: Ada <ada@x.example>
Acked-by: Bob <bob@x.example>
Reviewed By: Cid
Approved-by: Me <me@x.example>
Signed-off-by: Dan <dan@x.example>
Co-authored-by: Eve <eve@x.example>
 Reviewed-by: quoted
"""
    assert people(message, "Me") == (("Ada <ada@x.example>", "Bob <bob@x.example>", "Cid"), ("Eve",))
    own = "Reviewed-by: Mei <Mei@X.example>\nReviewed-by: Mei Lin <mei@y.example>"
    assert people(own, "Mei Lin", "mei@x.example")[0] == ("Mei Lin <mei@y.example>",)  # may be the author, may be not
    assert people("Signed-off-by: Me <m@x>", "Me") == ((), ())


@pytest.mark.parametrize(
    ("message", "branch", "number"),
    [
        ("Merge branch 'topic' into 'main'\n\nTitle\n\nSee merge request group/app!34", "topic", "34"),
        ("Merge branch 'topic'", "topic", ""),
        ("Merge branch 'a/b' of https://x.example/y into main", "a/b", ""),
        ("Merge remote-tracking branch 'origin/topic'", "topic", ""),
        ("Merge pull request #12 from someone/fix/that\n\nTitle", "fix/that", "12"),
        ("Merge pull request 'A title (with) things' (#7) from someone/topic into main", "topic", "7"),
        ("Merge pull request #9 in P/r from feature/x to master", "feature/x", "9"),
        ("Merged in topic (pull request #3)", "topic", "3"),
        ("Merged PR 44: title", "", "44"),
        ("Something else", "", ""),
        ("Its own title (#3778)\n\nbody", "", "3778"),  # as GitHub can be set to
        ("!21 its title\nMerge pull request !21 from ann/fix-it", "fix-it", "21"),  # Gitee
    ],
)
def test_what_was_merged(message, branch, number):
    assert merged(message) == (branch, number)


def test_squashes_and_conflicts():
    assert squashed("Do it (#12)\n\nbody") == "12"
    assert squashed("Do it (#12) again") == ""
    assert squashed("Do it\n\nSee merge request a/b!5") == "5"
    assert squashed("Merged PR 44: title") == "44"
    assert squashed("Merged in topic (pull request #3)") == "3"
    assert squashed("!21 its title") == "21"
    assert squashed("Bring back !21 its title") == ""
    assert had_conflicts("Merge x\n\nConflicts:\n\ta.py")
    assert had_conflicts("Merge x\n\n# Conflicts:\n#\ta.py")
    assert not had_conflicts("Resolve conflicts: none")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("feat: x", ("conventional",)), ("Fix(a b)!: x", ("conventional",)), ("docs : x", ()), ("mm: x", ()),
        ("feat：x", ()), ("fix:x", ()), ("refactor(): x", ()), ("a\n\nfeat: x", ()),
        ("revert: x", ("conventional", "revert")), ('Revert "x"', ("revert",)), ("Revert to x", ()),
        ("x\n\nThis reverts commit 0123456.", ("revert",)), ("x\n\nThis reverts nothing", ()),
        ("hotfix: x", ("hotfix",)), ("Merge branch 'hot-fix/a'", ("hotfix",)), ("hotfixture", ()),
        ("紧急修复登录", ("hotfix",)),
    ],
)  # fmt: skip
def test_what_a_subject_says_that_its_commit_is(message, said):
    assert marks(message) == said


@pytest.mark.parametrize(
    ("name", "bot"),
    [("dependabot[bot]", True), ("renovate", True), ("release-bot", True), ("CI Bot", True), ("GitHub Actions", True),
     ("Talbot", False), ("Ada", False), ("Jenkins, Ada", False), ("jenkins", True),
     ("Jenkins CI", True), ("Botond", False), ("Weblate", True)],
)  # fmt: skip
def test_bots(name, bot):
    assert is_bot(name) is bot
