"""What ``plumb up`` refuses before anything is opened."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "url", ["javascript:x", "plumb.bank", "https://", "https://bank/x/y", "https://a b", "ftp://x"]
)
def test_an_address_that_no_browser_can_open_is_refused(tmp_path, url):
    done = subprocess.run(
        [sys.executable, "-m", "plumbline", "up", "--data", str(tmp_path / "data"), "--url", url],
        capture_output=True, text=True, timeout=30, check=False, env=os.environ | {"HOME": "/nonexistent"},
    )  # fmt: skip
    assert (done.returncode, "hint:" in done.stderr) == (2, True)
    assert not (tmp_path / "data").exists()
