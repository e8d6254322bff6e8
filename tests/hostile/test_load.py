"""A short version of ``python -m tests.hostile.load``: who is answered, and not how soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.hostile.load import Sizes, under_load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
@pytest.mark.long
def test_who_means_well_is_answered_whatever_others_do(tmp_path: Path) -> None:
    sizes = Sizes(forms=300, streams=300, hooks=30, starts=26, people=4, seconds=6.0)
    report = under_load(tmp_path, sizes)
    assert report.faults() == [], report.table()
    assert report.forms >= sizes.forms
