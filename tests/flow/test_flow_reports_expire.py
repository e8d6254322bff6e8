"""What reports said goes when its time is over, with all that is kept of it; the story is in the ledger."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository
from tests.crash.world import ahead
from tests.flow.report_world import coverage, ran, read, run, scan, tools

from plumbline.flow.reports.view_findings import view_findings
from plumbline.flow.reports.view_tests import view_project_tests

if TYPE_CHECKING:
    from tests.crash.world import World

pytestmark = pytest.mark.slow
DAYS = 86_400


def test_reports_go_when_their_time_is_over_and_findings_stay(world: World, tmp_path: Path) -> None:
    project = world.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": "test: {script: [make]}\n"}))
    run(world, project, read(ran(a="f")), read(coverage(a=((1,), ())), "coverage_report"), read(scan("B1:low:a.py:1")))
    ahead(world, 399 * DAYS)
    world.make_room()
    assert len(view_project_tests(world.actor(), tools(world), project).trend) == 1
    run(world, project, read(ran(a="p")))
    ahead(world, 2 * DAYS)
    world.make_room()
    assert [one.passed for one in view_project_tests(world.actor(), tools(world), project).trend] == [1]
    assert [one.finding.rule for one in view_findings(world.actor(), tools(world), project).findings] == ["B1"]
    [event] = [msgspec.json.decode(entry.body) for entry in world.events("report.expired")]
    assert event["subject"]["content"]["count"] == 3
