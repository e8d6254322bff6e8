"""The sample system of the demo has the recorder that the product prints."""

from __future__ import annotations

from pathlib import Path

from plumbline.cli.commands.recorder import source_of

SAMPLE = Path(__file__).parents[2] / "demo" / "sample"


def test_the_recorder_of_the_sample_is_the_shipped_one() -> None:
    assert (SAMPLE / "tests" / "plumbline_recorder.py").read_text() == source_of("python")
