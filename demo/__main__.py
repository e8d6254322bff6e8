"""``python -m demo``: ``plumb demo`` in the folder ``.demo`` of this checkout."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from plumbline.cli import main

os.environ.setdefault("PLUMBLINE_DATA", str(Path(__file__).parent.parent / ".demo"))
main(["demo", *sys.argv[1:]])
