"""A short version of ``python -m tests.crash``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository
from tests.crash.rounds import crash, files


@pytest.mark.slow
@pytest.mark.long
def test_nothing_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    repository = make_repository(tmp_path / "repository", files(outside))
    (tmp_path / "data").mkdir()
    report = crash(tmp_path / "data", repository, kills=10, pipelines=4, outside=outside)
    assert report.kills == 10
    assert report.acknowledged
    assert report.deployments
    assert report.expired
    assert report.reports
