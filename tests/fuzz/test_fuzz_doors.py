"""A short run of mutated events through every door; the long one is ``python -m tests.fuzz.doors --count 100000``."""

from __future__ import annotations

import pytest
from tests.fuzz.doors import attack

pytestmark = pytest.mark.slow


def test_whatever_is_sent_to_any_door_changes_nothing_of_ours() -> None:
    made = attack(2_000, 3)
    assert made.faults == []
    assert made.answers["one taken"] > 50
    assert {name.partition(" ")[0] for name in made.answers} >= {"events", "hook", "file", "one"}
