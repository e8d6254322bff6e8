"""Decisions are called by their number: each has one of its own."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

NOTES = sorted((Path(__file__).parents[2] / "docs" / "decisions").glob("*.md"))


def test_every_decision_has_a_number_of_its_own_and_says_it() -> None:
    numbers = {note.name: note.name.partition("-")[0] for note in NOTES}
    twice = [number for number, count in Counter(numbers.values()).items() if count > 1]
    assert not twice, "take the next number that is free"
    for note in NOTES:
        said = re.match(r"# (\d+)\b", note.read_text())
        assert said is not None, note.name
        assert int(said[1]) == int(numbers[note.name]), note.name
