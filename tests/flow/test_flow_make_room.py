"""What the server keeps in files goes when its time is over: not before, not by halves, and not twice."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import sys
import threading
import time
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import commit, make_repository, run_git
from tests.crash.world import Ticks, World, ahead
from tests.small_disk import small_disk

from plumbline.adapters import data_folder
from plumbline.adapters.data_folder import LocalDataFolder, tool_caches
from plumbline.adapters.executors._view import open_caches
from plumbline.adapters.store.keeping import SqlKeeping
from plumbline.flow.pipelines.artifacts import artifacts_now
from plumbline.flow.pipelines.cancel_retry_play import play_job, retry_job
from plumbline.flow.pipelines.claim_jobs import claim_jobs
from plumbline.flow.pipelines.create_pipeline import start_pipeline
from plumbline.flow.pipelines.keep_artifacts import keep_artifacts
from plumbline.flow.pipelines.lease_watch import LeaseWatch
from plumbline.flow.pipelines.recover import recover_expired
from plumbline.flow.pipelines.tools import Wanted
from plumbline.flow.storage import cleanup, retention
from plumbline.flow.storage.cleanup import Cleanup
from plumbline.kernel import PlumblineError
from plumbline.model.change import Event, MergeRequest
from plumbline.model.job import FailureReason, State
from plumbline.model.job_setup import JobView
from plumbline.model.keeping import Hold, PendingDeletion
from plumbline.model.server import KnownRequest
from plumbline.wiring.blobs import open_blobs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.model.server import StoredJob
    from plumbline.runner import Runner

pytestmark = pytest.mark.slow

DAY = 24 * 3600.0
ONE = """
build: {script: ["echo built > out.txt"], artifacts: {paths: [out.txt]%s}}
"""
TWO = """
stages: [build, test]
build: {stage: build, script: ["echo built > out.txt"], artifacts: {paths: [out.txt], expire_in: 1 hour}}
test: {stage: test, script: ["cat out.txt"]}
"""


@contextmanager
def running(world: World) -> Iterator[Runner]:
    runner = world.runner()
    thread = threading.Thread(target=runner.run)
    thread.start()
    try:
        yield runner
    finally:
        runner.stop()
        thread.join(20)
        assert not thread.is_alive()


def wait(world: World, pipeline: int) -> None:
    until = time.monotonic() + 60
    while not world.pipeline(pipeline).finished:
        assert time.monotonic() < until, (world.states(pipeline), world.complaints)
        time.sleep(0.02)


def project(world: World, tmp_path: Path, configuration: str, name: str = "core") -> int:
    return world.add_project(make_repository(tmp_path / name, {".gitlab-ci.yml": configuration}), name)


def run(world: World, project: int, times: int = 1, **wanted: Any) -> list[int]:
    made = []
    with running(world) as runner:
        for _ in range(times):
            made.append(world.start(project, **wanted).id)
            runner.wake()
            wait(world, made[-1])
    return made


def settle(world: World, project: int, **settings: object) -> None:
    with world.store.change() as tx:
        node = tx.tree.get(project)
        assert node is not None
        tx.tree.save(msgspec.structs.replace(node, settings={**node.settings, **settings}))


def folder(world: World, job: StoredJob) -> Path:
    return Path(world.data, "artifacts", str(job.id // 1000), str(job.id))


def left(world: World, pipeline: int) -> list[str]:
    """The jobs whose artifacts are there."""
    assert not any(folder(world, job).exists() for job in world.jobs(pipeline)), "all is in the store of blobs"
    blobs = open_blobs(world.data)
    with world.store.view() as tx:
        files = {job.name: tx.keeping.files(job.id) for job in tx.jobs.of(pipeline)}
    assert all(blobs.verify(file.digest) for each in files.values() for file in each)
    return [name for name, each in files.items() if each]


def files(world: World, job: StoredJob) -> list[str]:
    with world.store.view() as tx:
        return [file.name for file in tx.keeping.files(job.id)]


def freed(world: World) -> list[dict[str, Any]]:
    return [json.loads(entry.body)["subject"]["content"] for entry in world.events("storage.freed")]


def queue(world: World) -> list[PendingDeletion]:
    with world.store.view() as tx:
        return list(tx.keeping.due(1 << 61, 1000))


def now(world: World, pipeline: int) -> dict[str, Any]:
    """What a page says of the artifacts of each job."""
    with world.store.view() as tx:
        found = artifacts_now(tx, world.pipeline(pipeline))
        return {job.name: found[job.id] for job in tx.jobs.of(pipeline) if job.id in found}


def test_artifacts_go_when_their_time_is_over(world: World, tmp_path: Path) -> None:
    core = project(world, tmp_path, ONE % ", expire_in: 1 day")
    old, new = run(world, core, 2)
    size = now(world, old)["build"].kept.size
    ahead(world, DAY - 60)
    world.make_room()
    assert left(world, old) == left(world, new) == ["build"]
    ahead(world, 60)
    world.make_room()
    assert (left(world, old), left(world, new)) == ([], ["build"])
    [told] = freed(world)
    [job] = world.jobs(old)
    assert told == {"what": "artifacts", "count": 1, "bytes": size, "jobs": [f"{world.pipeline(old).uid}/{job.id}"]}
    assert size > 100
    assert now(world, old)["build"].kept.gone
    assert not queue(world)
    world.make_room()
    assert len(freed(world)) == 1


@pytest.mark.parametrize(
    ("expire_in", "days", "kept"),
    [
        ("", 29.9, True),
        ("", 30.1, False),
        (", expire_in: never", 10_000, True),
        (", expire_in: 1 second", 0.001, False),
        (", expire_in: 40 days", 39, True),
        (", expire_in: 3000 years", 10_000, True),
    ],
)
def test_each_has_its_own_time_or_that_of_the_setting(
    world: World, tmp_path: Path, expire_in: str, days: float, kept: bool
) -> None:
    core = project(world, tmp_path, ONE % expire_in)
    [made] = run(world, core)
    settle(world, core, **{"ci.keep_latest_artifacts": False})
    ahead(world, days * DAY)
    world.make_room()
    assert left(world, made) == (["build"] if kept else [])


def test_the_setting_holds_from_the_moment_it_is_set(world: World, tmp_path: Path) -> None:
    core = project(world, tmp_path, ONE % "")
    old, _ = run(world, core, 2)
    assert now(world, old)["build"].expires == world.jobs(old)[0].finished + 30 * 24 * 3600 * 1_000_000
    ahead(world, 40 * DAY)
    settle(world, core, **{"ci.artifacts_days": 0})
    world.make_room()
    assert left(world, old)
    assert now(world, old)["build"].expires == 0
    settle(world, core, **{"ci.artifacts_days": 7})
    world.make_room()
    assert not left(world, old)


def test_the_latest_of_each_branch_stay(world: World, tmp_path: Path) -> None:
    core = project(world, tmp_path, ONE % ", expire_in: 1 hour")
    home = tmp_path / "core"
    run_git(home, "branch", "feature")
    run_git(home, "tag", "v1")
    old, new = run(world, core, 2)
    [feature] = run(world, core, ref="feature")
    [tag] = run(world, core, ref="refs/tags/v1")
    ahead(world, DAY)
    world.make_room()
    assert [bool(left(world, one)) for one in (old, new, feature, tag)] == [False, True, True, True]
    assert now(world, new)["build"].hold is Hold.LATEST
    run_git(home, "branch", "-D", "feature")
    world.projects.fetch(core)
    world.make_room()
    assert [bool(left(world, one)) for one in (new, feature, tag)] == [True, False, True]
    settle(world, core, **{"ci.keep_latest_artifacts": False})
    world.make_room()
    assert [bool(left(world, one)) for one in (new, tag)] == [False, False]


def test_one_that_failed_does_not_displace_one_that_succeeded(world: World, tmp_path: Path) -> None:
    text = ONE % ", expire_in: 1 hour, when: always"
    core = project(world, tmp_path, text)
    oldest, good = run(world, core, 2)
    commit(tmp_path / "core", {".gitlab-ci.yml": text.replace('out.txt"]', 'out.txt", "false"]')})
    bad, worse = run(world, core, 2)
    ahead(world, DAY)
    world.make_room()
    assert [bool(left(world, one)) for one in (oldest, good, bad, worse)] == [False, True, False, True]


def test_a_merge_request_has_a_latest_of_its_own(world: World, tmp_path: Path) -> None:
    text = (ONE % ", expire_in: 1 hour").replace("{script", "{rules: [{when: on_success}], script")
    core = project(world, tmp_path, text)
    [pushed] = run(world, core)
    made = requested(world, tmp_path, core)
    ahead(world, DAY)
    world.make_room()
    assert left(world, pushed)
    assert left(world, made)


def requested(world: World, tmp_path: Path, project: int, number: int = 1, fork: str = "") -> int:
    """A pipeline of a merge request that is of a branch named as ours, come to its end."""
    head = run_git(tmp_path / "core", "rev-parse", "HEAD").strip()
    branch = run_git(tmp_path / "core", "branch", "--show-current").strip()
    request = MergeRequest(iid=number, source_branch=branch, target_branch=branch, source_sha=head, fork=fork)
    wanted = Wanted(project=project, event=Event.MERGE_REQUEST, ref=branch, sha=head, merge_request=request)
    with running(world):
        made = start_pipeline(world.server, wanted, by=0)
        assert made is not None
        wait(world, made.id)
    return made.id


def test_each_merge_request_has_a_latest_of_its_own(world: World, tmp_path: Path) -> None:
    """Those of forks may be of branches that are called as ours; theirs stay while the request is open."""
    text = (ONE % ", expire_in: 1 hour").replace("{script", "{rules: [{when: on_success}], script")
    core = project(world, tmp_path, text)
    ours, theirs, another = (requested(world, tmp_path, core, 1 + at, "eve/core" if at else "") for at in range(3))
    is_known = partial(KnownRequest, project=core, branch="main", own=False)
    with world.store.change() as tx:
        tx.merge_requests.put(is_known(number=2, is_open=False))
        tx.merge_requests.put(is_known(number=3, is_open=True))
    ahead(world, DAY)
    world.make_room()
    assert [bool(left(world, one)) for one in (ours, theirs, another)] == [True, False, True]


def test_a_branch_and_a_tag_of_one_name_have_a_latest_each(world: World, tmp_path: Path) -> None:
    core = project(world, tmp_path, ONE % ", expire_in: 1 hour")
    for kind in ("branch", "tag"):
        run_git(tmp_path / "core", kind, "v1")
    made = [run(world, core, ref=f"refs/{kind}/v1")[0] for kind in ("heads", "tags")]
    ahead(world, DAY)
    world.make_room()
    assert [bool(left(world, one)) for one in made] == [True, True]


def test_what_a_running_pipeline_may_need_stays(world: World, tmp_path: Path) -> None:
    text = """
stages: [build, test]
build: {stage: build, script: ["echo built > out.txt"], artifacts: {paths: [out.txt], expire_in: 1 second}}
test: {stage: test, script: ["while [ ! -e %s ]; do sleep 0.05; done; cat out.txt"]}
later: {stage: test, when: delayed, start_in: 3 hours, script: ["cat out.txt"]}
""" % (tmp_path / "go")
    core = project(world, tmp_path, text)
    settle(world, core, **{"ci.keep_latest_artifacts": False})
    with running(world):
        made = world.start(core).id
        until = time.monotonic() + 30
        while world.states(made)["test"] != "running":
            assert time.monotonic() < until
            time.sleep(0.02)
        ahead(world, 600)
        world.make_room()
        assert left(world, made) == ["build"]
        assert now(world, made)["build"].hold is Hold.UNFINISHED
        (tmp_path / "go").touch()
        while world.states(made)["test"] != "success":
            assert time.monotonic() < until
            time.sleep(0.02)
        world.make_room()
        assert left(world, made) == ["build"]  # the delayed job is still to come
        ahead(world, 3 * 3600)
        wait(world, made)
    assert world.states(made)["later"] == "success"
    world.make_room()
    assert left(world, made) == []


def test_one_that_waits_for_a_person_keeps_them_while_it_is_the_newest(world: World, tmp_path: Path) -> None:
    text = TWO.replace("test: {", "test: {when: manual, allow_failure: false, ")
    core = project(world, tmp_path, text)
    settle(world, core, **{"ci.keep_latest_artifacts": False, "ci.auto_cancel": False})
    made = []
    with running(world):
        for _ in range(2):
            made.append(world.start(core).id)
            until = time.monotonic() + 30
            while world.pipeline(made[-1]).state is not State.MANUAL:
                assert time.monotonic() < until
                time.sleep(0.02)
    ahead(world, DAY)
    world.make_room()
    assert [bool(left(world, one)) for one in made] == [False, True]
    [waiting] = [job for job in world.jobs(made[1]) if job.name == "test"]
    with running(world):
        play_job(world.actor(), world.server, waiting.id)
        wait(world, made[1])
    assert world.states(made[1])["test"] == "success"
    world.make_room()
    assert not left(world, made[1])


def test_a_job_without_the_artifacts_it_needs_fails_and_says_so(world: World, tmp_path: Path) -> None:
    core = project(world, tmp_path, TWO)
    settle(world, core, **{"ci.keep_latest_artifacts": False})
    [made] = run(world, core)
    ahead(world, DAY)
    world.make_room()
    jobs = {job.name: job for job in world.jobs(made)}
    with running(world):
        again = retry_job(world.actor(), world.server, jobs["test"].id)
        wait(world, made)
    told = next(job for job in world.jobs(made) if job.id == again.id)
    assert (told.state, told.reason) == (State.FAILED, FailureReason.MISSING_DEPENDENCY)
    assert told.result is not None
    said = str(told.result.message)
    assert "'build'" in said
    assert str(jobs["build"].id) in said
    with running(world):
        retry_job(world.actor(), world.server, jobs["build"].id)
        wait(world, made)
        retry_job(world.actor(), world.server, told.id)
        wait(world, made)
    assert world.states(made) == {"build": "success", "test": "success"}


def test_artifacts_that_somebody_took_away_are_missed_too(world: World, tmp_path: Path) -> None:
    core = project(world, tmp_path, TWO)
    [made] = run(world, core)
    jobs = {job.name: job for job in world.jobs(made)}
    for blob in open_blobs(world.data).all():
        open_blobs(world.data).remove(blob.digest, unused_since=1 << 62)
    with running(world):
        again = retry_job(world.actor(), world.server, jobs["test"].id)
        wait(world, made)
    told = next(job for job in world.jobs(made) if job.id == again.id)
    assert (told.state, told.reason) == (State.FAILED, FailureReason.MISSING_DEPENDENCY)


def test_dotenv_variables_stay_when_the_files_are_gone(world: World, tmp_path: Path) -> None:
    text = """
stages: [build, test]
build: {stage: build, script: ["echo NAME=value > d.env"], artifacts: {reports: {dotenv: d.env}, expire_in: 1 hour}}
test: {stage: test, script: ['test "$NAME" = value']}
"""
    core = project(world, tmp_path, text)
    settle(world, core, **{"ci.keep_latest_artifacts": False})
    [made] = run(world, core)
    ahead(world, DAY)
    world.make_room()
    assert not left(world, made)
    with running(world):
        [test] = [job for job in world.jobs(made) if job.name == "test"]
        retry_job(world.actor(), world.server, test.id)
        wait(world, made)
    assert world.states(made)["test"] == "success"


def test_every_attempt_has_its_own_time(world: World, tmp_path: Path) -> None:
    core = project(world, tmp_path, TWO)
    settle(world, core, **{"ci.keep_latest_artifacts": False})
    [made] = run(world, core)
    ahead(world, 3000)
    with running(world):
        first = world.jobs(made)[0]
        second = retry_job(world.actor(), world.server, first.id)
        wait(world, made)
    ahead(world, 700)
    world.make_room()
    second = next(job for job in world.jobs(made) if job.id == second.id)
    assert files(world, first) == []
    assert files(world, second) == ["artifacts.zip"]
    ahead(world, 3000)
    world.make_room()
    assert files(world, second) == []


def test_a_child_goes_with_the_pipeline_that_started_it(world: World, tmp_path: Path) -> None:
    home = make_repository(
        tmp_path / "core",
        {
            ".gitlab-ci.yml": "child: {trigger: {include: child.yml, strategy: depend}}",
            "child.yml": ONE % ", expire_in: 1 hour",
        },
    )
    core = world.add_project(home)

    def started() -> tuple[int, int]:
        with running(world):
            above = world.start(core).id
            wait(world, above)
        with world.store.view() as tx:
            below = tx.pipelines.downstream(world.jobs(above)[0].id)
        assert below is not None
        return above, below.id

    (_, old), (_, new) = started(), started()
    ahead(world, DAY)
    world.make_room()
    assert [bool(left(world, one)) for one in (old, new)] == [False, True]


def test_a_configuration_from_artifacts_that_are_gone(world: World, tmp_path: Path) -> None:
    text = """
stages: [build, start]
build: {stage: build, script: ["echo 'a: {script: [echo]}' > c.yml"], artifacts: {paths: [c.yml], expire_in: 1 hour}}
start: {stage: start, trigger: {include: [{artifact: c.yml, job: build}], strategy: depend}}
"""
    core = project(world, tmp_path, text)
    settle(world, core, **{"ci.keep_latest_artifacts": False})
    [made] = run(world, core)
    assert world.states(made)["start"] == "success"
    ahead(world, DAY)
    world.make_room()
    with running(world):
        [start] = [job for job in world.jobs(made) if job.name == "start"]
        again = retry_job(world.actor(), world.server, start.id)
        wait(world, made)
    told = next(job for job in world.jobs(made) if job.id == again.id)
    assert told.reason is FailureReason.DOWNSTREAM
    assert told.result is not None
    assert "gone" in str(told.result.message)


def test_what_somebody_keeps_stays_for_ever(world: World, tmp_path: Path) -> None:
    core = project(world, tmp_path, ONE % ", expire_in: 1 hour")
    old, _ = run(world, core, 2)
    [job] = world.jobs(old)
    mei, tom = world.actor("mei"), world.actor("tom")
    keep_artifacts(mei, world.server, job.id)
    keep_artifacts(tom, world.server, job.id)  # it is so already
    ahead(world, 1000 * DAY)
    world.make_room()
    assert left(world, old)
    assert (now(world, old)["build"].expires, now(world, old)["build"].kept.kept_by) == (0, mei.person.id)
    keep_artifacts(tom, world.server, job.id, keep=False)
    world.make_room()
    assert not left(world, old)
    told = [json.loads(entry.body)["subject"] for entry in world.events("artifacts.kept")]
    assert [one["content"] for one in told] == [{"by": "mei", "forEver": True}, {"by": "tom", "forEver": False}]
    assert {one["id"] for one in told} == {f"{world.pipeline(old).uid}/{job.id}"}
    for number, code in ((job.id, "artifacts-gone"), (99, "not-found")):
        with pytest.raises(PlumblineError) as refused:
            keep_artifacts(mei, world.server, number)
        assert refused.value.code == code


def test_what_is_archived_stays(world: World, tmp_path: Path) -> None:
    core = project(world, tmp_path, ONE % ", expire_in: 1 hour")
    old, _ = run(world, core, 2)
    with world.store.change() as tx:
        bank = tx.tree.at("bank")
        assert bank is not None
        tx.tree.save(msgspec.structs.replace(bank, archived=True, settings={"ci.logs_days": 1}))
    ahead(world, 100 * DAY)
    world.make_room()
    assert left(world, old)
    assert world.log(world.jobs(old)[0])


def test_logs_stay_for_ever_unless_somebody_says_how_long(world: World, tmp_path: Path) -> None:
    core = project(world, tmp_path, ONE % "")
    old, new = run(world, core, 2)
    ahead(world, 1000 * DAY)
    world.make_room()
    assert "echo built" in world.log(world.jobs(old)[0])
    settle(world, core, **{"ci.logs_days": 1100})
    world.make_room()
    assert world.log(world.jobs(old)[0])
    sizes = sum(Path(world.data, "logs", str(one), f"{world.jobs(one)[0].id}.log").stat().st_size for one in (old, new))
    settle(world, core, **{"ci.logs_days": 900})
    world.make_room()
    assert os.listdir(f"{world.data}/logs") == []
    told = [one for one in freed(world) if one["what"] == "logs"]
    assert [(one["count"], one["bytes"], len(one["jobs"])) for one in told] == [(2, sizes, 2)]


def test_a_log_that_comes_later_has_its_own_time(world: World, tmp_path: Path) -> None:
    core = project(world, tmp_path, ONE % "")
    settle(world, core, **{"ci.logs_days": 10})
    [made] = run(world, core)
    ahead(world, 11 * DAY)
    world.make_room()
    assert not os.listdir(f"{world.data}/logs")
    with running(world):
        again = retry_job(world.actor(), world.server, world.jobs(made)[0].id)
        wait(world, made)
    again = next(job for job in world.jobs(made) if job.id == again.id)
    ahead(world, 9 * DAY)
    world.make_room()
    assert "echo built" in world.log(again)
    ahead(world, 2 * DAY)
    world.make_room()
    assert not os.listdir(f"{world.data}/logs")


def test_caches_go_when_nobody_uses_them(world: World, tmp_path: Path) -> None:
    text = """
a: {script: ["mkdir -p d; echo x > d/x"], cache: {key: a, paths: [d]}}
b: {script: ["mkdir -p d; echo x > d/x"], cache: {key: b, paths: [d]}, when: manual}
"""
    core = project(world, tmp_path, text)
    [made] = run(world, core)
    with running(world):
        [waiting] = [job for job in world.jobs(made) if job.name == "b"]
        play_job(world.actor(), world.server, waiting.id)
        wait(world, made)
    caches = Path(world.data, "caches", str(core))
    assert sorted(path.name for path in caches.iterdir()) == ["a-protected.cache", "b-protected.cache"]
    past = time.time() - 20 * DAY
    for path in caches.iterdir():
        os.utime(path, (past, past))
    (caches / ".b.cache.12.1.tmp").write_text("left by a process that died")
    os.utime(caches / ".b.cache.12.1.tmp", (past, past))
    run(world, core)  # uses the cache of a
    settle(world, core, **{"ci.caches_days": 0})
    world.make_room()
    assert len(list(caches.iterdir())) == 3
    settle(world, core, **{"ci.caches_days": 14})
    world.make_room()
    assert [path.name for path in caches.iterdir()] == ["a-protected.cache"]
    [told] = freed(world)
    assert (told["what"], told["count"]) == ("caches", 2)


def test_a_cache_that_is_used_again_in_between_stays(world: World, tmp_path: Path) -> None:
    core = project(world, tmp_path, ONE % "")
    caches = Path(world.data, "caches", str(core))
    caches.mkdir(parents=True)
    (caches / "a.cache").write_text("x")
    os.utime(caches / "a.cache", (1, 1))
    house = LocalDataFolder(world.data)
    [old] = house.old_caches(core, world.server.clock())
    os.utime(caches / "a.cache")
    assert house.remove(old)
    assert (caches / "a.cache").exists()


def test_what_package_managers_fetched_goes_when_no_job_used_it(world: World, tmp_path: Path) -> None:
    """A job can change the time of its own folder: the one above it counts."""
    core = project(world, tmp_path, ONE % "")
    kept, unused = (Path(tool_caches(world.data, core, protected=protected)) for protected in (True, False))
    for folder in (kept, unused):
        open_caches(JobView(caches=str(folder)))
        (folder / "pip").mkdir()
        (folder / "pip/wheel").write_text("x" * 100)
    os.utime(unused, (4e9, 4e9))
    os.utime(unused.parent, (1, 1))
    house = LocalDataFolder(world.data)
    [old] = house.old_caches(core, 10_000_000)
    assert (old.name, old.size) == (f"{core}/non_protected.tools", 100)
    assert house.size(old) == 100
    assert house.remove(old)
    assert not unused.parent.exists()
    assert (kept / "pip/wheel").exists()


class Killed(BaseException):
    """As kill -9: nothing that was to come comes."""


@pytest.mark.parametrize("moment", ["before writing", "after writing", "while removing", "after removing"])
@pytest.mark.parametrize("kind", ["artifacts", "logs", "caches"])
def test_whenever_it_dies_the_next_round_finishes_it(
    tmp_path: Path, kind: str, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path / "data")
    core = project(world, tmp_path, ONE % ", expire_in: 1 hour")
    settle(world, core, **{"ci.keep_latest_artifacts": False, "ci.logs_days": 1})
    made = run(world, core, 3)
    caches = Path(world.data, "caches", str(core))
    caches.mkdir(parents=True)
    for name in "abc":
        (caches / f"{name}.cache").write_text("x" * 10)
        os.utime(caches / f"{name}.cache", (1, 1))
    ahead(world, 2 * DAY)
    late = world.late

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        kinds = ("artifacts", "logs", "caches")
        for other in kinds[: kinds.index(kind)]:
            patch.setattr(cleanup, f"old_{other}", lambda *_: iter(()))
        if moment == "before writing":
            patch.setattr(Cleanup, "_event", die)
        elif moment == "after writing":
            patch.setattr(Cleanup, "_clear", lambda _self: iter(()) if not freed(world) else die())
        elif moment == "while removing":
            remove, seen = LocalDataFolder.remove, []
            patch.setattr(
                LocalDataFolder,
                "remove",
                lambda self, one: (seen.append(one), remove(self, one) if len(seen) < 2 else die())[1],
            )
        else:
            patch.setattr(SqlKeeping, "done", die)
        with pytest.raises(Killed):
            world.make_room()
    world.close()
    world = World(tmp_path / "data")
    world.late = late
    world.make_room()
    assert [left(world, one) for one in made] == [[], [], []]
    assert os.listdir(f"{world.data}/logs") == []
    assert not list(caches.iterdir())
    assert not queue(world)
    counts = {
        what: sum(one["count"] for one in freed(world) if one["what"] == what)
        for what in ("artifacts", "logs", "caches")
    }
    assert counts == {"artifacts": 3, "logs": 3, "caches": 3}
    sizes = {one["what"]: one["bytes"] for one in freed(world)}
    assert sizes["caches"] == 30
    world.close()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 40 MiB."""
    with small_disk(tmp_path / "disk", 40) as disk:
        yield disk


@pytest.mark.parametrize("room", [True, False])
def test_a_full_disk_gets_room_by_itself_where_some_was_kept(
    tmp_path: Path, tiny_disk: Path, room: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_folder, "_ENOUGH", 0 if room else 1 << 60)
    world = World(tiny_disk / "data")
    core = project(world, tmp_path, ONE % ", expire_in: 1 hour")
    old, _ = run(world, core, 2)
    world.make_room()
    with closing(sqlite3.connect(f"{world.data}/plumbline.db")) as other:  # no room in the write-ahead log either
        other.execute("pragma wal_checkpoint(truncate)")
    with suppress(OSError), open(tiny_disk / "fill", "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    ahead(world, DAY)
    if room:
        world.make_room()
        assert not left(world, old)
        assert len(freed(world)) == 1
    else:
        with pytest.raises(PlumblineError) as refused:
            world.make_room()
        assert refused.value.code == "disk-full"
        assert left(world, old)
        os.unlink(tiny_disk / "fill")
        world.make_room()
        assert not left(world, old)
    world.close()


def test_what_an_attempt_wrote_that_died_goes_later(world: World, tmp_path: Path) -> None:
    core = project(world, tmp_path, ONE % "")
    made = world.start(core).id
    [claim] = claim_jobs(world.server, "dead/1", 1, 30_000_000)
    wrote = folder(world, claim.job)
    wrote.mkdir(parents=True)
    (wrote / ".artifacts.zip.1.1.tmp").write_text("half of it")
    ticks = Ticks()
    recover = partial(recover_expired, world.server, LeaseWatch(30_000_000, ticks.now))
    recover()
    [dead] = ticks.pass_(30, recover)
    assert dead.id == claim.job.id
    with running(world):
        wait(world, made)
    world.make_room()
    assert wrote.exists()  # whoever was taken for dead may still be writing
    ahead(world, 1.1 * DAY)
    world.make_room()
    assert not wrote.exists()
    assert freed(world) == []  # nobody ever saw them
    assert left(world, made) == ["build"]


def test_what_cannot_be_removed_stands_in_nobodys_way(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = project(world, tmp_path, ONE % ", expire_in: 1 hour")
    made = run(world, core, 4)
    bucket = Path(world.data, "artifacts/0")
    stubborn = folder(world, world.jobs(made[0])[0])
    os.symlink(tmp_path, bucket / "link")
    remove = LocalDataFolder.remove
    monkeypatch.setattr(
        LocalDataFolder, "remove", lambda self, one: int(one.name) != int(stubborn.name) and remove(self, one)
    )
    ahead(world, DAY)
    world.make_room()
    assert [bool(left(world, one)) for one in made[1:]] == [False, False, True]
    assert [one.name for one in queue(world)] == [stubborn.name]
    world.make_room()
    assert len(freed(world)) == 1
    monkeypatch.setattr(LocalDataFolder, "remove", remove)
    world.make_room()
    assert queue(world)  # it is tried again after a while
    ahead(world, 3601)
    world.make_room()
    assert not queue(world)
    assert len(freed(world)) == 1


def test_a_round_does_so_much_and_the_next_one_goes_on(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "MOST", 3)
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    monkeypatch.setattr(cleanup, "AT_ONCE", 2)
    projects = [project(world, tmp_path, ONE % ", expire_in: 1 hour", name) for name in ("one", "two", "three")]
    made = {one: run(world, one, 5) for one in projects}
    ahead(world, DAY)
    room = world.room()

    def there() -> list[int]:
        return [sum(bool(left(world, pipeline)) for pipeline in made[one]) for one in projects]

    seen = []
    for _ in range(6):
        for _ in room.round():
            pass
        seen.append(there())
    assert seen[0] == [1, 5, 5]
    assert seen[2] == [1, 1, 1]
    assert seen[-1] == [1, 1, 1]
    assert sum(one["count"] for one in freed(world)) == 12


def test_two_servers_may_do_it_at_once(world: World, tmp_path: Path) -> None:
    core = project(world, tmp_path, ONE % ", expire_in: 1 hour")
    made = run(world, core, 12)
    ahead(world, DAY)
    other = World(Path(world.data), replica="another")
    other.late = world.late
    failed: list[BaseException] = []

    def clear(one: World) -> None:
        try:
            for _ in range(3):
                one.make_room()
        except BaseException as error:  # noqa: BLE001 - told by the test
            failed.append(error)

    threads = [threading.Thread(target=clear, args=(one,)) for one in (world, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert not failed
    assert [bool(left(world, one)) for one in made] == [False] * 11 + [True]
    assert sum(one["count"] for one in freed(world)) == 11
    assert len({job for one in freed(world) for job in one["jobs"]}) == 11
    assert not queue(world)


@pytest.mark.slow
def test_killed_at_any_moment_it_loses_nothing_and_says_nothing_twice(world: World, tmp_path: Path) -> None:
    core = project(world, tmp_path, ONE % ", expire_in: 1 hour")
    made = run(world, core, 40)
    settle(world, core, **{"ci.logs_days": 1})
    ahead(world, 2 * DAY)
    late, chance = world.late, random.Random(7)
    world.close()
    deaths = 0
    while deaths < 25:
        process = os.fork()
        if process == 0:
            with monkeypatched(AT_ONCE=2):
                child = World(Path(world.data))
                child.late = late
                for _ in child.room().round():
                    time.sleep(0.002)
                os._exit(0)
        time.sleep(chance.uniform(0.02, 0.2))
        os.kill(process, signal.SIGKILL)
        deaths += 1
        if os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0:
            break
    again = World(Path(world.data))
    again.late = late
    again.make_room()
    assert [bool(left(again, one)) for one in made] == [False] * 39 + [True]
    assert os.listdir(f"{again.data}/logs") == []
    assert not queue(again)
    told = [(one["what"], job) for one in freed(again) for job in one["jobs"]]
    assert len(told) == len(set(told)) == 39 + 40
    again.close()


@contextmanager
def monkeypatched(**values: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            for module in (cleanup, retention):
                patch.setattr(module, name, value)
        yield
