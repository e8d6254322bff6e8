"""The glossary has a sentence for each of its terms, and each term once."""

from __future__ import annotations

from collections import Counter

import pytest
from tools.glossary import GROUPS, terms


@pytest.mark.parametrize("file", [file for files in GROUPS.values() for file in files])
def test_every_noun_says_what_it_is(file: str) -> None:
    assert [term.name for term in terms(file) if not term.text] == []


def test_a_word_stands_for_one_thing() -> None:
    count = Counter(term.name for files in GROUPS.values() for file in files for term in terms(file))
    assert [name for name, times in count.items() if times > 1] == []
