"""What only shows help loads nothing that only work needs."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from plumbline.cli import main
sys.argv = ["plumb", "--help"]
try:
    main()
except SystemExit:
    heavy = ("plumbline.model", "msgspec", "sqlalchemy", "yaml")
    print(*sorted(name for name in sys.modules if name.startswith(heavy)))
"""


def test_help_loads_neither_the_model_nor_what_it_stands_on():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    assert "Usage" in done.stdout
    assert done.stdout.splitlines()[-1] == ""
