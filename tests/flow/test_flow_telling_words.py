"""What is told to a forge says what gates say, and nothing that somebody put into it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from tests.flow.telling_world import check

from plumbline.flow.gates.answer import GateAnswer
from plumbline.flow.gates.telling_words import MOST_ROWS, code, comment_of, line_of, plain
from plumbline.model.contract import Slot, SlotState, Subjects
from plumbline.model.gate import Evaluation, FactValue, GateAct, Outcome
from plumbline.model.telling import LONGEST_COMMENT
from plumbline.model.words import Words

STRANGE = [
    "<script>alert(1)</script>", "@everyone", "see #12 and !13 and bank/core#4", "[a](https://evil.example)",
    "![x](https://evil.example/x.png)", "https://evil.example/login", "www.evil.example", "/close", "| a | b |",
    "a\n\n# heading", "<!-- plumbline:gates:x -->", "`code` **bold**", "\u202eevil", "&lt;b&gt;", "-->",
    "~label %milestone",
    "javascript:alert(1)", "$(id)", "\x00\x1b[31m",
]  # fmt: skip


def said(*checks: object, outcome: Outcome = Outcome.FAIL, **fields: object) -> GateAnswer:
    subjects = Subjects(commit="c" * 40, change="7")
    evaluation = Evaluation(
        project=1, path="p", act=GateAct.MERGE, subjects=subjects, policy="red", version=1, policy_digest="", node="",
        outcome=outcome, checks=checks,  # type: ignore[arg-type]
    )  # fmt: skip
    given: dict[str, object] = {"evaluations": (evaluation,), **fields}
    return GateAnswer(outcome=outcome, act=GateAct.MERGE, project=1, path="p", subjects=subjects, **given)  # type: ignore[arg-type]


def harmless(text: str) -> None:
    """Nothing in it is read by a forge as HTML, a link, a name, a reference or a command."""
    ours = text.replace("<br>", "")
    outside = re.sub(r"`[^`\n]*`", "", ours)
    assert "<" not in outside
    assert not re.search(r"@\w", outside)
    assert not re.search(r"(?<!&)[#!]\d", outside)
    assert "://" not in outside
    assert not re.search(r"(?<!\\)\]\(", outside)
    assert not any(line.startswith("/") for line in outside.splitlines())
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202a-\u202e]", text)


@given(st.one_of(st.sampled_from(STRANGE), st.text(max_size=400)))
def test_somebodys_text_is_text(text: str) -> None:
    harmless(plain(text))
    assert "\n" not in plain(text)
    assert code(text).count("`") in (0, 2)


@given(st.one_of(st.sampled_from(STRANGE), st.text(max_size=200)))
def test_wherever_it_stands(text: str) -> None:
    words = Words(text, text)
    one = check(text, title=words, reason=words, remedy=words, detail=text,
                needs={text or "x": FactValue(lack="no_source")})  # fmt: skip
    slot = Slot(need=text or "x", contract=text or "x", subject=text, state=SlotState.MISSING)
    made = comment_of(said(one, reason=text, missing=(slot,)), {}, "", "", ("en",))
    harmless(made)
    rows = [line for line in made.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4}  # three columns, whatever is in them


def test_both_languages() -> None:
    made = comment_of(said(check()), {}, "https://plumb.example/x", "", ("en", "zh"))
    assert "There are 3 severe findings" in made
    assert "有 3 个严重问题" in made
    assert made.count("https://plumb.example/x") == 2


def test_what_passes_needs_no_remedy() -> None:
    made = comment_of(said(check(outcome=Outcome.PASS), outcome=Outcome.PASS), {}, "", "", ("en",))
    assert "Mend them" not in made


def test_what_does_not_apply_is_said_so_and_not_counted() -> None:
    answer = said(check("a", Outcome.PASS), check("b", Outcome.NO_DATA, applies=False), outcome=Outcome.PASS)
    assert "does not apply" in comment_of(answer, {}, "", "", ("en",))
    assert line_of(answer, ("en",)) == "passes: 1 of 1 checks"


def test_what_is_missing_is_named() -> None:
    one = check(outcome=Outcome.NO_DATA, needs={"findings.severe": FactValue(lack="no_source")})
    assert "Nobody can tell: `findings.severe`" in comment_of(said(one), {}, "", "", ("en",))


def test_a_thousand_checks_are_not_too_many() -> None:
    words = Words("w" * 2000, "字" * 2000)
    made = comment_of(said(*(check(f"c{n}", title=words, reason=words) for n in range(1000))), {}, "", "", ("en", "zh"))
    assert len(made) <= LONGEST_COMMENT // 3
    assert made.count("\n|") <= 2 * (MOST_ROWS + 2)
