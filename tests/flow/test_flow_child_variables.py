"""Variables of a project hold in its child pipelines too, in their rules as in their jobs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository

from plumbline.flow.pipelines.claim_jobs import claim_jobs, start_downstream
from plumbline.flow.tree.variables import variable_place
from plumbline.model.tree import StoredVariable

if TYPE_CHECKING:
    from tests.crash.world import World

pytestmark = pytest.mark.slow

PARENT = "down: {trigger: {include: child.yml}}\n"
CHILD = """
always: {script: [make]}
wanted: {script: [make], rules: [{if: $PUBLISH == "yes"}]}
other: {script: [make], rules: [{if: $PUBLISH == "no"}]}
"""


def test_rules_of_a_child_pipeline_see_variables_of_the_project(world: World, tmp_path: Path) -> None:
    project = world.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": PARENT, "child.yml": CHILD}))
    with world.store.change() as tx:
        tx.variables.put(
            StoredVariable(
                node=project, name="PUBLISH", sealed=world.vault.seal(b"yes", variable_place(project, "PUBLISH", "*"))
            )
        )
    parent = world.start(project)
    [claim] = claim_jobs(world.server, "test/1", 1, 30_000_000)
    tools = world.projects.tools(parent.project, parent.change, (), {})
    environment = tools.job_environment(parent.id)
    start_downstream(world.server, claim, environment, tools)
    environment.close()
    assert set(world.states(parent.id + 1)) == {"always", "wanted"}
