from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from plumbline.pipeline.language.durations import seconds

CASES = yaml.load((Path(__file__).parents[1] / "cases" / "pipeline" / "durations.yml").read_text(), yaml.BaseLoader)


@pytest.mark.parametrize(("text", "expected"), CASES["seconds"].items())
def test_a_duration_in_seconds(text: str, expected: str) -> None:
    assert seconds(text) == float(expected.replace(".inf", "inf"))


@pytest.mark.parametrize("text", CASES["wrong"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        seconds(text)


def test_numbers() -> None:
    assert seconds(90) == 90
    assert seconds(1.5) == 1.5
    with pytest.raises(ValueError, match=r".*"):
        seconds(1e300)


@given(st.text(max_size=30) | st.floats() | st.integers())
def test_nothing_else_happens(value: str | float) -> None:
    with contextlib.suppress(ValueError):
        assert seconds(value) >= 0


@given(st.integers(0, 10**6), st.integers(0, 59))
def test_parts_add_up(hours: int, minutes: int) -> None:
    assert seconds(f"{hours} hours {minutes} minutes") == hours * 3600 + minutes * 60
