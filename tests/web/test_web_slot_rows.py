"""What came for a slot is told apart by whose word it is."""

from __future__ import annotations

import pytest

from plumbline.model.contract import Evidence, Slot, SlotState
from plumbline.web.gate_rows import SlotRow


@pytest.mark.parametrize(
    ("word", "counts"), [("own", True), ("person:li", False), ("source:sonar", False), ("", False)]
)
def test_a_word_that_no_line_asks_for_is_shown_and_does_not_count(word: str, counts: bool) -> None:  # noqa: FBT001
    slot = Slot(need="unit", contract="due", subject="c", state=SlotState.FILLED)
    piece = Evidence(kind="test-report", word=word, event="e", source="s", seq=1, received=1)
    assert SlotRow(slot, None, [piece]).counts(piece) is counts
