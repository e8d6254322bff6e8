"""Whom a release is attributed to: the walk gives what git itself answers, on histories made at random."""

from __future__ import annotations

import random
import subprocess

import pytest
from tests.adapters.local_repositories import make_repository, run_git

from plumbline.adapters.git import open_repository
from plumbline.adapters.git.history import read_history
from plumbline.observation import observe_history


def grow(folder, seed: int, count: int) -> None:
    """A repository with branches, merges and tags, written by ``git fast-import``."""
    dice = random.Random(seed)
    heads: dict[str, int] = {"main": 1}
    lines = ["commit refs/heads/main\nmark :1\ncommitter A <a@x> 1000 +0000\ndata 1\nx\n"]
    for mark in range(2, count):
        branch = dice.choice([*heads, "main", f"b{mark}"])
        parent = heads.get(branch) or heads[dice.choice([*heads])]
        other = dice.choice([*heads.values()])
        merge = f"merge :{other}\n" if dice.random() < 0.3 and other != parent else ""
        when = 1000 + mark * 10 + dice.randrange(-15, 15)
        lines.append(
            f"commit refs/heads/{branch}\nmark :{mark}\ncommitter A <a@x> {when} +0000\ndata 1\nx\n"
            f"from :{parent}\n{merge}"
        )
        heads[branch] = mark
        if dice.random() < 0.15:
            made = 1000 + dice.randrange(mark * 10)
            of = dice.randrange(1, mark + 1)
            lines.append(f"tag v1.{mark}\nfrom :{of}\ntagger A <a@x> {made} +0000\ndata 1\nx\n")
        if dice.random() < 0.1:
            lines.append(f"reset refs/tags/v2.{mark}\nfrom :{mark}\n")
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input="".join(lines).encode(), check=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_first_release_is_the_one_git_tells(tmp_path, seed):
    folder = make_repository(tmp_path / "grown")
    grow(folder, seed, 150)
    raw = read_history(open_repository(str(folder)))
    seen = observe_history(raw)
    order = {one.tag: at for at, one in enumerate(seen.releases)}
    assert len(order) > 10
    assert sorted(order) == sorted(run_git(folder, "tag").split())
    for commit in seen.commits:
        having = run_git(folder, "tag", "--contains", commit.sha).split()
        first = min(having, key=lambda tag: order[tag], default=None)
        assert seen.first_tag.get(commit.sha) == first
    assert sum(one.commits for one in seen.releases) == len(seen.first_tag)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [4, 5])
def test_a_merge_brings_what_git_tells(tmp_path, seed):
    folder = make_repository(tmp_path / "grown")
    grow(folder, seed, 150)
    raw = read_history(open_repository(str(folder)))
    seen = observe_history(raw)
    assert list(seen.trunk) == run_git(folder, "rev-list", "--first-parent", "main").split()
    assert len(seen.merges) > 5
    for merge in seen.merges:
        side = run_git(folder, "rev-list", f"{merge.sha}^2", f"^{merge.sha}^1").split()
        assert sorted(merge.commits) == sorted(side)
    for branch in seen.branches:
        own = run_git(folder, "rev-list", "--count", f"main..{branch.name}")
        assert branch.merged == (own == "0")
        assert branch.merged or branch.commits == int(own)
