"""Which variable wins: the documented precedence, one neighbour pair after the other."""

from __future__ import annotations

import itertools

import pytest

from plumbline.model.pipeline import Variable, VariableSource
from plumbline.pipeline.language.scope import Scope, values

OWN = (VariableSource.JOB, VariableSource.MATRIX, VariableSource.JOB_RULE, VariableSource.DOTENV)


@pytest.mark.parametrize(("low", "high"), list(itertools.pairwise(VariableSource)))
def test_the_higher_source_wins(low: VariableSource, high: VariableSource) -> None:
    both = [Variable("X", "high", high), Variable("X", "low", low)]
    outside = [v for v in both if v.source not in OWN]
    own = sorted((v for v in both if v.source in OWN), key=lambda v: OWN.index(v.source))
    assert values(Scope(outside, protected=False).of_job(own))["X"] == "high"


def test_inherit_variables_keeps_top_level_ones_out() -> None:
    scope = Scope(
        [
            Variable("A", "1", VariableSource.TOP_LEVEL),
            Variable("B", "2", VariableSource.TOP_LEVEL),
            Variable("P", "3", VariableSource.PROJECT),
        ],
        protected=False,
    )
    assert set(scope.of_job((), inherit=False)) == {"P"}
    assert set(scope.of_job((), inherit=("B",))) == {"B", "P"}
    assert set(scope.of_job(())) == {"A", "B", "P"}


def test_scoped_and_protected_variables() -> None:
    variables = [
        Variable("URL", "all", VariableSource.PROJECT),
        Variable("URL", "review", VariableSource.PROJECT, scope="review/*"),
        Variable("KEY", "secret", VariableSource.PROJECT, protected=True),
    ]
    assert values(Scope(variables, protected=False).of_job((), environment="review/x")) == {"URL": "review"}
    assert values(Scope(variables, protected=True).of_job((), environment="prod")) == {"URL": "all", "KEY": "secret"}
