"""The judge's own threat model: every line has a test, and the test is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from plumbline.gates import THREATS

HOME = Path(__file__).parents[2]


@pytest.mark.parametrize("threat", THREATS, ids=lambda one: one.id)
def test_the_test_of_each_threat_is_there_and_it_is_said_in_both_languages(threat):
    file, _, name = threat.test.partition("::")
    tree = ast.parse((HOME / file).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for words in (threat.title, threat.against):
        assert words.en.endswith(".")
        assert re.search("[\u4e00-\u9fff]", words.zh)


def test_no_threat_stands_there_twice():
    assert len({one.id for one in THREATS}) == len(THREATS) >= 20
