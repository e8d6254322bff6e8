"""The demo tells a true story, takes nobody's folder, and leaves nothing running."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUMB = [sys.executable, "-m", "plumbline", "demo"]


def environment(**more):
    kept = {name: value for name, value in os.environ.items() if name not in ("DEMO_EXIT", "PLUMBLINE_DATA")}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), **more}


@pytest.mark.slow
def test_the_story_really_happened_and_a_changed_entry_is_noticed(tmp_path):
    data = tmp_path / "data"
    done = subprocess.run(
        [sys.executable, "-m", "demo", "--data", str(data)],
        cwd=ROOT, env=environment(DEMO_EXIT="1"), capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("\n  yes  ") >= 12
    assert "\n  NO   " not in done.stdout
    database = data / "plumbline.db"
    kept = database.read_bytes()
    assert b'"outcome":"failure"' in kept
    at = kept.rindex(b'"outcome":"failure"') + len(b'"outcome":"')
    database.write_bytes(kept[:at] + b"g" + kept[at + 1 :])
    verified = subprocess.run(
        [sys.executable, "-m", "plumbline", "ledger", "verify", "--data", str(data)],
        env=environment(), capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert verified.returncode == 1
    assert re.search(r"broken at entry \d+", verified.stdout), verified.stdout


@pytest.mark.slow
def test_without_a_terminal_it_serves_until_it_is_told_to_end(tmp_path):
    data = tmp_path / "data"
    demo = subprocess.Popen(
        [*PLUMB, "--data", str(data)], env=environment(), stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    try:
        url = re.search(r"http://[\d.:]+", demo.stdout.readline()).group()
        second = subprocess.run(
            [*PLUMB, "--data", str(data)], env=environment(), capture_output=True, text=True, timeout=30, check=False
        )
        assert second.returncode == 2
        assert "Another demo is running" in second.stderr
        with urllib.request.urlopen(f"{url}/healthz", timeout=10) as answer:
            assert answer.status == 200
    finally:
        demo.send_signal(signal.SIGTERM)
        status = demo.wait(60)
        demo.stdout.close()
    assert status == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{url}/healthz", timeout=10)


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path):
    precious = tmp_path / "precious.txt"
    precious.write_text("keep me")
    done = subprocess.run(
        PLUMB, env=environment(DEMO_EXIT="1", PLUMBLINE_DATA=str(tmp_path)), capture_output=True, text=True,
        timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "no demo made" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]
