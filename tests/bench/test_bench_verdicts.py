"""What a benchmark says of what it measured, and of what it could not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CODE = """
import json, sys
from bench.measure import Figure, against_peer, within
figures = [
    against_peer("met", "s", 2.0, 1.0, 2, "peer", ""),
    against_peer("missed", "s", 2.1, 1.0, 2, "peer", ""),
    against_peer("no peer", "s", 0.1, None, 2, "peer", ""),
    within("no value", "MB", None, 80, ""),
    within("fixed", "MB", 80.5, 80, ""),
    Figure("failed", "", None),
    Figure("no target", "s", 1.0, 2.0),
]
json.dump({figure.name: figure.verdict for figure in figures}, sys.stdout)
"""


def test_no_data_is_never_a_pass() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {
        "met": "met",
        "missed": "MISSED",
        "no peer": "not measured",
        "no value": "not measured",
        "fixed": "MISSED",
        "failed": "not measured",
        "no target": "information",
    }


@pytest.mark.slow
def test_the_scheduler_keeps_its_target() -> None:
    arguments = [sys.executable, "-m", "bench", "scheduler"]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not measured" not in done.stdout


def test_an_unknown_name_is_refused() -> None:
    arguments = [sys.executable, "-m", "bench", "nothing"]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "scheduler" in done.stderr
