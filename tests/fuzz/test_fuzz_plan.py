"""A short run of the fuzzer; the long one is ``python -m tests.fuzz --count 500000``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.slow
def test_two_thousand_mutated_configurations(tmp_path: Path) -> None:
    arguments = ["--count", "2000", "--seed", "1", "--workers", "2", "--save", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "inputs    2,000" in done.stdout
