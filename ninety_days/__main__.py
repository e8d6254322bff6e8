"""``python -m ninety_days``: the story of two teams, their grades, and how much of each is decided from records."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from ninety_days.report import tell
from ninety_days.story import live


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ninety_days", description=__doc__)
    parser.add_argument("--seed", default="1", help="the same seed tells the same story")
    parser.add_argument("--days", type=int, default=90, help="how long it lasts")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="plumbline-ninety-days-") as folder:
        story = live(Path(folder), given.seed, given.days)
    tell("The team that works well", story.steady)
    tell("The other team", story.hasty)
    print(
        f"\n{given.days} days, seed {given.seed}: {story.entries} entries in {time.monotonic() - began:.0f} s;", end=" "
    )
    print(story.wrong or "`plumb ledger verify` finds every entry as it was, and signed")
    return 1 if story.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
