"""What only shows help loads nothing that only work needs."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
before = set(sys.modules)
from plumbline.cli import main
sys.argv = ["plumb", "--help"]
try:
    main()
except SystemExit:
    print(*sorted(set(sys.modules) - before))
"""
ROOMS = {"cli", "kernel"}  # of our own
PACKAGES = {"click", "plumbline"}
SLOW = {"asyncio", "base64", "importlib.metadata", "ipaddress", "json", "logging", "pathlib", "pkgutil", "sqlite3",
        "subprocess", "tempfile", "urllib"}  # fmt: skip


def test_help_loads_only_the_command_line_and_click_and_nothing_slow_of_python():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    assert "Usage" in done.stdout
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "plumbline.cli.commands.run" in loaded
    assert {name.split(".")[1] for name in loaded if name.startswith("plumbline.")} == ROOMS
    assert {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names == PACKAGES
    assert loaded & SLOW == set()
