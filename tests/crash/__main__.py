"""``python -m tests.crash --rounds N --database sqlite|postgresql|both``: see :mod:`tests.crash.rounds`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
sys.path.insert(0, str(Path(__file__).parents[1]))

from local_repositories import make_repository
from tests.crash.rounds import crash, files

from plumbline.adapters.store import StoreSettings, open_store
from postgres_server import postgres_server


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash")
    parser.add_argument("--rounds", type=int, default=100, help="kills for each database")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--pipelines", type=int, help="started by hand over all lives (default: two for each kill)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}")
    databases = ("sqlite", "postgresql") if chosen.database == "both" else (chosen.database,)
    for database in databases:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="plumbline-crash-")))
            outside = folder / "outside"
            repository = make_repository(folder / "repository", files(outside))
            address = ""
            if database == "postgresql":
                address = stack.enter_context(postgres_server()).database()
            (folder / "data").mkdir()
            open_store(StoreSettings(data=str(folder / "data"), address=address, upgrade=True)).close()
            began = time.monotonic()
            report = crash(
                folder / "data",
                repository,
                address,
                kills=chosen.rounds,
                pipelines=chosen.pipelines or 2 * chosen.rounds,
                seed=chosen.seed,
                outside=outside,
            )
            print(f"{database}: {report} in {time.monotonic() - began:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
