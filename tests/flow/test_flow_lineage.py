"""What git said of two commits is remembered; what it could not tell is asked again."""

from __future__ import annotations

from plumbline.flow.pipelines.lineage import AGAIN, Descent, Lineage

DESCENT = Descent(1, "a" * 40, "b" * 40)


def test_an_answer_of_git_is_remembered() -> None:
    now = [0.0]
    lineage = Lineage(lambda: now[0])
    other = Descent(2, "a" * 40, "b" * 40)
    assert lineage.holds(DESCENT) is None
    lineage.learn(DESCENT, lambda *_: True)
    lineage.learn(other, lambda *_: False)
    now[0] = 1e9
    assert (lineage.holds(DESCENT), lineage.holds(other)) == (True, False)


def test_where_git_cannot_tell_it_is_asked_again_after_a_while() -> None:
    """Meanwhile nothing waits: the one does not come before the other as far as anybody knows."""
    now = [0.0]
    lineage = Lineage(lambda: now[0])
    lineage.learn(DESCENT, lambda *_: None)
    now[0] = AGAIN - 1
    assert lineage.holds(DESCENT) is False
    now[0] = AGAIN
    assert lineage.holds(DESCENT) is None
    lineage.learn(DESCENT, lambda *_: True)
    now[0] = 1e9
    assert lineage.holds(DESCENT) is True
