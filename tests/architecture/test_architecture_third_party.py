"""Whatever is installed with Plumbline is named with its licence."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_package_that_is_installed_with_it_is_named():
    packages = re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / "requirements" / "run.txt").read_text(), re.MULTILINE)
    named = (ROOT / "THIRD_PARTY.md").read_text().lower()
    assert len(packages) > 20
    assert [package for package in packages if not re.search(rf"\b{re.escape(package)}\b", named)] == []
