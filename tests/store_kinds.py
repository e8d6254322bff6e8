"""For tests that are about one kind of database alone: they are made for no other, instead of being skipped there."""

from __future__ import annotations

import pytest

of_files = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
of_servers = pytest.mark.parametrize("settings", [pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True)
