"""Files 0600 and folders 0700, whatever the folder was, whatever the umask, whatever the folder around hands on."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from local_repositories import an_order, commit, make_repository, opened, put, run_git

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.crash.world import World, ahead

from plumbline.adapters.artifacts import LocalArtifacts
from plumbline.adapters.caches import LocalCaches
from plumbline.adapters.data_folder import make_private
from plumbline.adapters.folders import private_folder, take_over
from plumbline.adapters.forges import Mirrors
from plumbline.adapters.locks import FileLocks
from plumbline.adapters.runs import LocalRuns
from plumbline.adapters.workspaces import LocalWorkspaces
from plumbline.model.pipeline import Artifacts, Cache, CacheKey, Report
from plumbline.model.server import Binding

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=[0o777, 0o2777, 0o755])
def data(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder that somebody else made, and an open umask."""
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(request.param)
    before = os.umask(0)
    yield folder
    os.umask(before)


def mode(path: Path | str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def open_to_others(folder: Path, *but: str) -> list[str]:
    """What others could read if they came so far; what is below a private folder is."""
    found = []
    for entry in folder.iterdir():
        if entry.name in but or entry.is_symlink():
            continue
        if (entry.is_dir() and mode(entry) != 0o700) or (entry.is_file() and mode(entry) & 0o077):
            found.append(f"{entry}: {mode(entry):o}")
    return found


def test_what_jobs_leave(data: Path, tmp_path: Path) -> None:
    repository = opened(make_repository(tmp_path / "r", {"a": "a"}))
    root = tmp_path / "copy"
    put(root, {"out/x": "x", "report.xml": "<x/>"})
    artifacts = LocalArtifacts(lambda job: f"{data}/artifacts/0/{job}")
    wanted = Artifacts(paths=("out",), reports=(Report(kind="junit", paths=("report.xml",)),))
    artifacts.keep(1, wanted, str(root), succeeded=True)
    LocalCaches(f"{data}/caches/1", repository, protected=False).save(
        Cache(key=CacheKey(text="k"), paths=("out",)), str(root)
    )
    FileLocks(f"{data}/locks").acquire("x")
    LocalWorkspaces(repository, f"{data}/work/1/2").open(an_order())
    for folder in (data, *(path for path in data.rglob("*") if path.is_dir() and "work/1/2/" not in str(path))):
        assert open_to_others(folder, "r") == [], folder


def test_runs_of_a_laptop(data: Path) -> None:
    from plumbline.model.run import RunRecord

    runs = LocalRuns(f"{data}/local/x", lambda *_: 0)
    record = runs.create(RunRecord(id=0, project="p", event="push", ref="main", sha="", created=0.0, stages=[]))
    runs.open_log(record.id, 1).close()
    for folder in (data, *(path for path in data.rglob("*") if path.is_dir())):
        assert open_to_others(folder) == [], folder


def test_mirrors(data: Path, tmp_path: Path) -> None:
    home = make_repository(tmp_path / "home", {"a": "a"})
    Mirrors(f"{data}/mirrors").fetch(Binding(project=3, kind="git", url=str(home)))
    assert open_to_others(data) == open_to_others(data / "mirrors") == []


@pytest.mark.slow
def test_a_whole_server(data: Path, tmp_path: Path) -> None:
    home = make_repository(
        tmp_path / "home", {".gitlab-ci.yml": "a: {script: [echo x > y], artifacts: {paths: [y]}}\n"}
    )
    world = World(data)
    world.add_project(home, poll=60)
    world.look()
    commit(home, {"x": "1"})
    ahead(world, 61)
    world.look()
    world.carry_out()
    world.close()
    assert mode(data) == 0o700
    assert run_git(home, "status", "--porcelain") == ""


def test_what_was_there_before(data: Path) -> None:
    put(data, {"logs/1/1.log": "x", "plumbline.db": "", "of somebody": "x"})
    make_private(str(data))
    assert (mode(data), mode(data / "logs"), mode(data / "plumbline.db")) == (0o700, 0o700, 0o600)


def test_a_place_that_many_share_stays_what_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    take_over(str(shared), ("x",))
    private_folder(f"{shared}/a/b")
    assert (mode(shared), mode(shared / "a"), mode(shared / "a/b")) == (0o1777, 0o700, 0o700)
