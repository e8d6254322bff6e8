from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.cost import cost

from plumbline.pipeline.language.expression import MAX_TOKENS, ExpressionError, parse

CASES = Path(__file__).parents[1] / "cases" / "pipeline" / "expression"
TRUTH = yaml.safe_load((CASES / "evaluate.yml").read_text())
MISTAKES = yaml.safe_load((CASES / "mistakes.yml").read_text())


@pytest.mark.parametrize(
    ("text", "truth"), [(text, True) for text in TRUTH[True]] + [(text, False) for text in TRUTH[False]]
)
def test_the_truth_of_an_expression(text: str, truth: bool) -> None:
    assert parse(text).evaluate(TRUTH["variables"]) is truth


@pytest.mark.parametrize(("text", "offset", "message", "hint"), MISTAKES)
def test_a_mistake_is_named_with_its_place(text: str, offset: int, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.offset == offset
    assert message in str(caught.value.message)
    assert hint in str(caught.value.hint or "")


def test_names_come_in_order_of_appearance_and_once() -> None:
    assert parse('$B == "x" && ($A || $B) && $C =~ /$D/').names == ("B", "A", "C")


def test_an_expression_is_read_once() -> None:
    assert parse('$A == "once"') is parse('$A == "once"')


def test_length_is_limited() -> None:
    longest = " && ".join(["$A"] * ((MAX_TOKENS + 1) // 2))
    assert parse(longest).evaluate({"A": "x"})
    with pytest.raises(ExpressionError, match=str(MAX_TOKENS)):
        parse(longest + " && $A")
    with pytest.raises(ExpressionError):
        parse("(" * 100_000)


@pytest.mark.slow
def test_a_regular_expression_cannot_take_exponential_time() -> None:
    def match() -> None:
        assert not parse("$A =~ /^(a+)+$/").evaluate({"A": "a" * 50_000 + "b"})
        with pytest.raises(ExpressionError):
            parse("$A =~ /" + "\\" * 50_000)

    assert cost(match) < 5  # seen: 0.4


def test_text_that_is_not_unicode_does_no_harm() -> None:
    assert not parse("$A =~ /ab+c/").evaluate({"A": "\udcff"})


PARTS = ["$A", "$B", "null", '"x"', "'y'", "/xy/", "/x(/", "==", "!=", "=~", "!~", "&&", "||", "(", ")", "!", " ", "z"]


@given(st.lists(st.sampled_from(PARTS), max_size=12).map(" ".join) | st.text(max_size=40))
def test_any_text_is_an_expression_or_a_mistake_inside_it(text: str) -> None:
    offset = 0
    try:
        assert parse(text).evaluate({"A": "x", "B": ""}) in {True, False}
    except ExpressionError as error:
        offset = error.offset
    assert 0 <= offset <= len(text)


OPERANDS = st.sampled_from(["$A", "$B", "$U", '"x"', "null"])


@given(OPERANDS, OPERANDS, OPERANDS, st.sampled_from(["x", "", "y"]))
def test_and_binds_tighter_than_or(first: str, second: str, third: str, value: str) -> None:
    variables = {"A": value, "B": "x"}
    assert parse(f"{first} || {second} && {third}").evaluate(variables) == parse(
        f"{first} || ({second} && {third})"
    ).evaluate(variables)
    assert parse(f"{first} && {second} || {third}").evaluate(variables) == parse(
        f"({first} && {second}) || {third}"
    ).evaluate(variables)
