"""``python -m demo``: ``plumb demo`` in the folder ``.demo`` of this checkout."""

from __future__ import annotations

import sys
from pathlib import Path

from plumbline.cli import main

main(["demo", "--data", str(Path(__file__).parent.parent / ".demo"), *sys.argv[1:]])
