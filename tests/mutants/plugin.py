"""Notes which test comes by which check: loaded into pytest for the one run that is without a mutant."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

HITS = "PLUMBLINE_MUTANTS_HITS"  # the file that is written at the end
_by_site: dict[int, list[str]] = {}
_test = ""


def hit(site: int) -> bool:
    """Called by the source in place of a check, and before it."""
    tests = _by_site.setdefault(site, [])
    if _test and (not tests or tests[-1] != _test):
        tests.append(_test)
    return True


def pytest_runtest_logstart(nodeid: str) -> None:
    global _test  # noqa: PLW0603
    _test = nodeid


def pytest_sessionfinish(session: pytest.Session) -> None:
    with open(os.environ[HITS], "w", encoding="utf-8") as file:
        json.dump(_by_site, file)
