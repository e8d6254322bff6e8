"""What somebody is asked who starts a pipeline by hand, with real repositories."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository, run_git

from plumbline.flow.pipelines.run_form import check_form, find_refs, run_form
from plumbline.kernel import PlumblineError
from plumbline.model.person import Role

if TYPE_CHECKING:
    from tests.crash.world import World

pytestmark = pytest.mark.slow
TEXT = "variables: {TARGET: {value: staging, description: where}}\na: {script: [make]}\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repo", {".gitlab-ci.yml": TEXT})


def test_what_is_asked_is_that_of_the_branch(world: World, home: Path) -> None:
    number, dev = world.add_project(home), world.actor("dev", Role.DEVELOPER)
    unread = run_form(dev, world.server, number)
    assert (unread.asked.variables, unread.change, bool(unread.problem)) == ((), None, True)
    seen = run_form(dev, world.server, number, fetch=True)
    assert ([one.value for one in seen.asked.variables], seen.problem) == (["staging"], None)
    assert seen.change is not None

    run_git(home, "checkout", "-qb", "other")
    (home / ".gitlab-ci.yml").write_text(TEXT.replace("staging", "production"), encoding="utf-8")
    run_git(home, "commit", "-qam", "Another")
    check_form(dev, world.server, number, "main", seen.mark, {})
    with pytest.raises(PlumblineError) as caught:
        check_form(dev, world.server, number, "other", seen.mark, {})
    assert caught.value.code == "form-outdated"
    assert [one.value for one in run_form(dev, world.server, number, "other").asked.variables] == ["production"]
    assert run_form(dev, world.server, number, "gone").problem is not None


def test_of_3000_branches_the_likeliest_are_found(world: World, home: Path) -> None:
    sha = run_git(home, "rev-parse", "HEAD")
    lines = [f"create refs/heads/team/feature-{n:04} {sha}" for n in range(3000)]
    lines += [f"create refs/tags/v{n} {sha}" for n in range(3)] + [f"create refs/heads/Feature-12 {sha}"]
    subprocess.run(["git", "update-ref", "--stdin"], cwd=home, input="\n".join(lines) + "\n", text=True, check=True)
    number, dev = world.add_project(home), world.actor("dev", Role.DEVELOPER)
    assert find_refs(dev, world.server, number, "", 20).names == []
    run_form(dev, world.server, number, fetch=True)
    every = find_refs(dev, world.server, number, "", 20)
    assert (every.names[0], len(every.names), every.total) == ("main", 20, 3005)
    assert find_refs(dev, world.server, number, "feature-12", 3).names[0] == "Feature-12"
    assert find_refs(dev, world.server, number, "V2", 20).names == ["v2"]
    assert find_refs(dev, world.server, number, "-2999", 20).names == ["team/feature-2999"]


def test_who_may_not_start_one_is_asked_nothing(world: World, home: Path) -> None:
    number, vic = world.add_project(home), world.actor("vic", Role.VIEWER)
    for act in (lambda: run_form(vic, world.server, number), lambda: find_refs(vic, world.server, number, "", 5)):
        with pytest.raises(PlumblineError) as caught:
            act()
        assert caught.value.code == "not-allowed"


def test_inputs_that_are_missing_or_do_not_fit_are_refused_before_a_pipeline_is_made(
    world: World, tmp_path: Path
) -> None:
    text = """
spec:
  inputs:
    version: {regex: ^v1}
    level: {type: number, default: 2, options: [1, 2]}
    note: {default: usual}
---
a: {script: ["make $[[ inputs.version ]]"]}
"""
    number = world.add_project(make_repository(tmp_path / "inputs", {".gitlab-ci.yml": text}))
    dev = world.actor("dev", Role.DEVELOPER)
    mark = run_form(dev, world.server, number, fetch=True).mark
    fits: dict[str, object] = {"version": "v1.2", "level": "1", "note": ""}
    check_form(dev, world.server, number, "", mark, fits)
    for wrong, said in (
        ({"version": ""}, "The input 'version' needs a value."),
        ({"version": "2"}, "does not match"),
        ({"level": "7"}, "cannot be 7"),
        ({"level": "many"}, "takes a number"),
    ):
        with pytest.raises(PlumblineError, match=said) as caught:
            check_form(dev, world.server, number, "", mark, fits | wrong)
        assert caught.value.code == "input-wrong"
