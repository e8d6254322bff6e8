"""The words of a grade are said once, for the terminal, for pages and for reports, and none is missing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from plumbline import facts
from plumbline.cli.display.grades import item_lines
from plumbline.kernel.text import in_language
from plumbline.maturity import EFFORTS, LACKS, OUTCOMES, PROOF_STATES, ProofState
from plumbline.maturity.pack import Effort
from plumbline.maturity.report.wording import EXCLUDED
from plumbline.model.assessment import ItemGrade, Judgement, LevelVerdicts, Verdict
from plumbline.model.fact import Lack
from plumbline.model.words import Words
from plumbline.web.outcomes import outcome


@pytest.mark.parametrize(
    ("words", "kinds"),
    [(OUTCOMES, Judgement), (LACKS, Lack), (EFFORTS, get_args(Effort)), (PROOF_STATES, ProofState)],
)
def test_there_is_a_word_for_each_kind(words, kinds):
    assert set(words) == set(kinds)


@pytest.mark.parametrize("judgement", Judgement)
def test_terminal_and_page_call_an_outcome_the_same_and_the_effort_is_a_word_in_the_language_in_use(judgement):
    name = Words(en="x", zh="x")
    verdict = Verdict(
        criterion="c1", text=name, kind="demand", outcome=judgement, findings=(), remedy=name, effort="low",
        required=True,
    )  # fmt: skip
    level = LevelVerdicts(level="1", held=False, partly=False, verdicts=(verdict,))
    item = ItemGrade(id="i", name=name, looks_at=name, level="", label="", ceiling="1", levels=(level,))
    with in_language("zh_CN"):
        shown = "\n".join(item_lines(item, lambda text, _: str(text)))
        word = str(OUTCOMES[judgement])
        assert f"c1 x: {word}\n" in f"{shown}\n"
        assert word in str(outcome(judgement))
        assert ("[工作量小]" in shown) != verdict.holds


def test_why_something_is_left_out_of_a_fact_is_said_in_words():
    catalog = Path(facts.__file__).parent / "catalog"
    reasons = {
        reason
        for path in catalog.glob("*.py")
        for reason in re.findall(r'(?:bump\(\w+, |excluded\[)"(\w+)"', path.read_text("utf-8"))
    }
    assert {"flaky", "bots"} <= reasons
    assert reasons <= set(EXCLUDED)
