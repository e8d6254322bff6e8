from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.cost import cost

from plumbline.model.pipeline import Variable, VariableSource
from plumbline.pipeline.language.slugs import environment_slug, environment_tier, slug
from plumbline.pipeline.language.variables import (
    MAX_VALUE,
    VariableError,
    as_mapping,
    can_be_masked,
    expand,
    expand_all,
    references,
    resolve,
    runner_expand,
)

CASES = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "pipeline" / "variables" / "expand.yml").read_text("utf-8")
)
JOB, GROUP, PROJECT, TOP = (
    VariableSource.JOB,
    VariableSource.GROUP,
    VariableSource.PROJECT,
    VariableSource.TOP_LEVEL,
)


def pairs(**values: str) -> list[Variable]:
    return [Variable(name, value, JOB) for name, value in values.items()]


@pytest.mark.parametrize(("text", "expected"), CASES["server"].items())
def test_the_servers_expansion(text: str, expected: str) -> None:
    assert expand(text, CASES["values"]) == expected


@pytest.mark.parametrize(("text", "expected"), CASES["runner"].items())
def test_the_runners_expansion(text: str, expected: str) -> None:
    assert runner_expand(text, CASES["values"]) == expected


def test_references() -> None:
    assert references("$A ${B} %C% $A $$D %%E%% ${F") == ("A", "B", "C")
    assert references("none") == ()


def test_variables_are_expanded_in_one_another_whatever_their_order() -> None:
    assert as_mapping(expand_all(pairs(A="$B/a", B="${C}b", C="c", D="$NO $$A"))) == {
        "A": "cb/a",
        "B": "cb",
        "C": "c",
        "D": "$NO $$A",
    }


def test_raw_and_file_variables() -> None:
    raw = Variable("RAW", "$A", JOB, raw=True)
    file = Variable("FILE", "$A", JOB, file=True)
    variables = [*pairs(A="x", B="$RAW", C="$FILE"), raw, file]
    assert as_mapping(expand_all(variables)) == {"A": "x", "B": "$A", "C": "$FILE", "RAW": "$A", "FILE": "x"}
    assert as_mapping(expand_all(variables, raw_references=False))["B"] == "$RAW"


def test_a_variable_may_add_to_the_one_it_hides() -> None:
    low, high = Variable("FLAGS", "-a $X", TOP), Variable("FLAGS", "$FLAGS -b", JOB)
    other = Variable("OTHER", "$FLAGS!", JOB)
    assert as_mapping(expand_all([other, low, high, *pairs(X="x")])) == {
        "FLAGS": "-a x -b",
        "OTHER": "-a x -b!",
        "X": "x",
    }
    assert as_mapping(expand_all(pairs(SELF="$SELF"))) == {"SELF": "$SELF"}


def test_a_cycle_is_named() -> None:
    with pytest.raises(VariableError, match=r"B -> C -> B") as caught:
        expand_all(pairs(A="$B", B="$C", C="x$B"))
    assert (caught.value.name, caught.value.code) == ("B", "cyclic-variables")
    assert caught.value.hint


@pytest.mark.slow
def test_growth_is_limited() -> None:
    assert cost(_grow) < 3  # seen: 0.14


def _grow() -> None:
    bomb = pairs(A0="x" * 10, **{f"A{n}": f"$A{n - 1}" * 10 for n in range(1, 30)})
    with pytest.raises(VariableError, match=str(MAX_VALUE)):
        expand_all(bomb)
    wide = pairs(BIG="x" * MAX_VALUE, **{f"A{n}": "$BIG" for n in range(100)})
    with pytest.raises(VariableError):
        expand_all(wide)
    assert len(expand("$BIG" * 1000, {"BIG": "x" * MAX_VALUE})) < 2 * MAX_VALUE
    assert len(runner_expand("$BIG" * 1000, {"BIG": "x" * MAX_VALUE})) < 2 * MAX_VALUE


def test_a_long_chain_is_no_trouble() -> None:
    chain = pairs(**{f"A{n}": f"$A{n + 1}" for n in range(5000)}, A5000="end")
    assert as_mapping(expand_all(chain))["A0"] == "end"


def test_precedence_is_that_of_the_sources() -> None:
    variables = [Variable("X", source.value, source) for source in reversed(VariableSource)]
    assert as_mapping(resolve(variables)) == {"X": "policy"}
    for winner in reversed(VariableSource):
        assert resolve(variables)[-1].source is winner
        variables = [variable for variable in variables if variable.source is not winner]


def test_the_later_of_one_source_wins_and_order_is_kept() -> None:
    variables = [Variable("B", "1", JOB), Variable("A", "2", JOB), Variable("B", "3", JOB), Variable("T", "4", TOP)]
    assert [(variable.name, variable.value) for variable in resolve(variables)] == [("T", "4"), ("A", "2"), ("B", "3")]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (None, "all"),
        ("production", "exact"),
        ("review/x", "review"),
        ("review/app/1", "deep"),
        ("staging", "all"),
        ("preview/x", "all"),
    ],
)
def test_the_most_specific_scope_wins(environment: str | None, expected: str) -> None:
    variables = [
        Variable("X", "exact", PROJECT, scope="production"),
        Variable("X", "deep", PROJECT, scope="review/app/*"),
        Variable("X", "review", PROJECT, scope="review/*"),
        Variable("X", "all", PROJECT),
        Variable("X", "group", GROUP, scope="production"),
    ]
    assert as_mapping(resolve(variables, environment)) == {"X": expected}


@pytest.mark.parametrize(
    ("environment", "expected"), [("prod", "near"), ("prod/eu", "near"), ("test", "far"), (None, "everywhere")]
)
def test_the_nearest_group_wins_whatever_its_scope(environment: str | None, expected: str) -> None:
    variables = [
        Variable("KEY", "everywhere", VariableSource.GROUP, level=1),
        Variable("KEY", "far", VariableSource.GROUP, scope="test", level=1),
        Variable("KEY", "exact but far", VariableSource.GROUP, scope="prod", level=1),
        Variable("KEY", "near", VariableSource.GROUP, scope="prod*", level=2),
    ]
    for given_order in (variables, variables[::-1]):
        assert [v.value for v in resolve(given_order, environment)] == [expected]


def test_a_scope_with_several_stars() -> None:
    variable = Variable("X", "x", PROJECT, scope="a*b*c")
    assert resolve([variable], "a-b-b-c")
    assert not resolve([variable], "a-c-b")


def test_protected_variables_only_on_protected_refs() -> None:
    variable = Variable("X", "x", PROJECT, protected=True)
    assert resolve([variable]) == ()
    assert resolve([variable], None, True) == (variable,)


@pytest.mark.parametrize(
    ("value", "plain", "raw"),
    [
        ("12345678", True, True),
        ("aZ09_+=/@:.~-", True, True),
        ("1234567", False, False),
        ("1234 5678", False, False),
        ("12345678\n", False, False),
        ("pass$word", False, True),
        ("", False, False),
    ],
)
def test_what_can_be_masked(value: str, plain: bool, raw: bool) -> None:
    assert can_be_masked(value) is plain
    assert can_be_masked(value, raw=True) is raw


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Main", "main"),
        ("feature/Add_thing!", "feature-add-thing"),
        ("--x--", "x"),
        ("a" * 70, "a" * 63),
        ("a" * 62 + "/b", "a" * 62),
        ("ü", ""),
    ],
)
def test_slug(text: str, expected: str) -> None:
    assert slug(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("production", "production"),
        ("staging-1", "staging-1"),
        ("review/my-feature", "review-my-feature-44qhj1"),
        ("Production", "production-iis43c"),
        ("9-lives", "env-9-lives-oclwd9"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaa-1n7uof"),
        ("review//x", "review-x-djyt12"),
        ("a" * 24, "a" * 24),
        ("ends-", "ends"),
    ],
)
def test_environment_slug(name: str, expected: str) -> None:
    assert environment_slug(name) == expected


@given(st.text(max_size=60))
def test_an_environment_slug_fits_a_host_name(name: str) -> None:
    made = environment_slug(name)
    assert len(made) <= 24
    assert made[:1].isalpha()
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert "--" not in made
    assert not made.endswith("-")


@pytest.mark.parametrize(
    ("name", "tier"),
    [
        ("dev", "development"),
        ("review/x", "development"),
        ("QA2", "testing"),
        ("acceptance", "testing"),
        ("uacpt", "testing"),
        ("stg", "staging"),
        ("staging", "staging"),
        ("demo", "staging"),
        ("prd", "production"),
        ("Production", "production"),
        ("live", "production"),
        ("canary", "other"),
    ],
)
def test_tier(name: str, tier: str) -> None:
    assert environment_tier(name) == tier


TEXTS = st.text(alphabet="$%{}AB_1 ", max_size=30)


@given(TEXTS, TEXTS, TEXTS)
def test_expansion_ends_and_never_looks_at_what_it_put_in(text: str, a: str, b: str) -> None:
    values = {"A": a, "B": b}
    for function in (expand, runner_expand):
        assert isinstance(function(text, values), str)
    assert expand("$A", values) == a
    try:
        expanded = as_mapping(expand_all([Variable("T", text, JOB), *pairs(A=a, B=b)]))
    except VariableError:
        return
    assert set(expanded) == {"T", "A", "B"}
