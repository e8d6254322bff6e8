"""Coverage of a merge request in a real repository, with a real job, against a count by hand."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository, run_git

from plumbline.model.change import Event, MergeRequest

if TYPE_CHECKING:
    from tests.crash.world import World

pytestmark = pytest.mark.slow

CONFIGURATION = """
test:
  script: [cp coverage.report cobertura.xml]
  rules: [{when: on_success}]
  artifacts: {reports: {coverage_report: {coverage_format: cobertura, path: cobertura.xml}}}
"""
PAY = "def pay(amount):\n    if amount < 0:\n        raise ValueError\n    return amount\n"
CHANGED = (
    'def pay(amount):\n    # in cents\n    if amount <= 0:\n        raise ValueError("amount")\n    return amount\n'
)


def covered(path: str, **hits: int) -> str:
    lines = "".join(f'<line number="{number[1:]}" hits="{count}"/>' for number, count in hits.items())
    return f'<class filename="{path}"><lines>{lines}</lines></class>'


# src/bank/pay.py: of the changed lines 2 is a comment, 3 was executed, 4 was not. app.py did not change, sub/app.py did
# and was not measured. tools/run.py stands twice below other folders: nobody can say which one it is.
REPORT = (
    '<coverage line-rate="0.5" version="7"><packages><package><classes>'
    + covered("src/bank/pay.py", L1=1, L3=1, L4=0, L5=1)
    + covered("app.py", L1=1, L2=0)
    + covered("tools/run.py", L1=1)
    + covered("build/made.py", L1=0)
    + "</classes></package></packages></coverage>"
)


def test_only_lines_that_the_request_changed_count_as_changed(world: World, tmp_path: Path) -> None:
    files = {
        ".gitlab-ci.yml": CONFIGURATION, "coverage.report": REPORT, "src/bank/pay.py": PAY, "app.py": "a = 1\nb = 2\n",
        "one/tools/run.py": "x = 1\n", "two/tools/run.py": "x = 1\n",
    }  # fmt: skip
    repository = make_repository(tmp_path / "repo", files)
    project = world.add_project(repository)
    run_git(repository, "checkout", "-qb", "topic")
    for path, text in {"src/bank/pay.py": CHANGED, "sub/app.py": "c = 1\nd = 2\n"}.items():
        (repository / path).parent.mkdir(exist_ok=True)
        (repository / path).write_text(text)
    run_git(repository, "add", ".")
    run_git(repository, "commit", "-qm", "change")
    request = MergeRequest(iid=7, source_branch="topic", target_branch="main",
                           source_sha=run_git(repository, "rev-parse", "topic"))  # fmt: skip
    pipeline = world.start(project, event=Event.MERGE_REQUEST, ref="topic", merge_request=request).id
    runner = world.runner()
    thread = threading.Thread(target=runner.run)
    thread.start()
    try:
        until = time.monotonic() + 60
        while not world.pipeline(pipeline).finished:
            assert time.monotonic() < until, (world.states(pipeline), world.complaints)
            time.sleep(0.02)
    finally:
        runner.stop()
        thread.join(20)
    with world.store.view() as tx:
        (report,) = tx.reports.of_pipelines([pipeline])
        (kept,) = tx.reports.coverage([report.id])
        changed = {one.path: one.changed for one in tx.reports.coverage_files(report.id) if one.changed}
        defects = [one.code for one in tx.reports.detail(report.id).defects]
    assert changed == {"src/bank/pay.py": (2, 3, 4)}
    assert (kept.changed, kept.changed_hit) == (2, 1)
    assert (kept.lines, kept.lines_hit) == (7, 4)
    assert "ambiguous-path" in defects
