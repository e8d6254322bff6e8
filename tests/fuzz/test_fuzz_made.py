"""A short run over mutated lock files, manifests and envelopes; the long one is ``python -m tests.fuzz.made``."""

from __future__ import annotations

import pytest
from tests.fuzz.made import Judge


@pytest.mark.parametrize("count", [800, pytest.param(6_000, marks=pytest.mark.slow)])
def test_whatever_is_in_a_lock_file_or_a_manifest_nothing_raises(count: int) -> None:
    judge = Judge(count)
    judge.run(range(count))
    assert [found.what for found in judge.findings] == [], judge.findings[0].trace
    read = {name: many for name, many in judge.outcomes.items() if name.endswith(": read")}
    assert set(read) == {"lock file: read", "manifest: read", "envelope: read"}
