"""A short version of ``python -m tests.crash``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository
from tests.crash.rounds import CONFIGURATION, crash


@pytest.mark.slow
def test_nothing_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "repository", {".gitlab-ci.yml": CONFIGURATION})
    (tmp_path / "data").mkdir()
    report = crash(tmp_path / "data", repository, kills=10, pipelines=4)
    assert report.kills == 10
    assert report.acknowledged
