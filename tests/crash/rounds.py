"""Kill a server at random moments while its clock is set forth and back, start it again, and see that nothing is lost
and nothing happens twice: by what it acknowledged, and by what deployments wrote to a file that it knows nothing of."""

from __future__ import annotations

import os
import random
import select
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zipfile import ZipFile

from local_repositories import run_git
from tests.crash import victim
from tests.crash.world import World

from plumbline.adapters.data_folder import artifact_folder
from plumbline.evidence import link
from plumbline.model.job import FINISHED, FailureReason, State
from plumbline.model.keeping import FOR_EVER
from plumbline.model.server import Outcome
from plumbline.wiring.blobs import open_blobs

if TYPE_CHECKING:
    from plumbline.model.event import Entry
    from plumbline.model.server import Delivery, StoredJob

CONFIGURATION = """
stages: [build, test, deploy]
.whole: {rules: [{if: '$CI_COMMIT_BRANCH == "main"'}]}
compile:
  {stage: build, extends: .whole, script: ["echo begin", "echo built > out.txt"],
   artifacts: {paths: [out.txt], expire_in: 1 minute}}
unit:
  {stage: test, extends: .whole, script: ["cat out.txt", "echo line", "cp report report.xml"],
   artifacts: {reports: {junit: report.xml}}}
style: {stage: test, extends: .whole, needs: [], script: ["sleep 0.05"]}
ship:
  {stage: deploy, extends: .whole, resource_group: production, environment: {name: production},
   script: ["echo ship $CI_PIPELINE_ID $CI_JOB_ID >> OUTSIDE", "sleep 0.3"]}
again:
  {stage: test, extends: .whole, needs: [], environment: {name: staging}, retry: {max: 1, when: runner_system_failure},
   script: ["echo again $CI_PIPELINE_ID $CI_JOB_ID >> OUTSIDE", "sleep 0.2"]}
told: {stage: test, script: ["echo told"], rules: [{if: '$CI_COMMIT_BRANCH =~ /^told-/'}]}
"""
REPORT = (
    '<testsuite name="unit"><properties><property name="layer" value="unit"/></properties>'
    + "".join(f'<testcase classname="unit" name="test_{number}"/>' for number in range(50))
    + "</testsuite>"
)
OFTEN = {"ship": 1, "again": 2}  # attempts at a deployment at most
DAY = 24 * 3600 * 1_000_000
MOST_TOLD = 400  # branches that hooks tell of


class Told(NamedTuple):
    """What a process acknowledged before it was killed."""

    entries: dict[int, str]  # number -> chain
    pipelines: dict[int, str]  # id -> uid
    deliveries: dict[int, str]  # id -> the forge's name of it
    done: bool


def files(outside: Path) -> dict[str, str]:
    """Of the repository. ``outside``: the file in which deployments themselves write that they took place."""
    return {".gitlab-ci.yml": CONFIGURATION.replace("OUTSIDE", str(outside)), "report": REPORT}


class Report(NamedTuple):
    kills: int
    acknowledged: int
    entries: int
    pipelines: int
    attempts: int
    interrupted: int
    deliveries: int
    deployments: int = 0  # that the file outside tells of
    cut_short: int = 0  # attempts at deployments that were interrupted
    expired: int = 0  # artifacts that are gone
    reports: int = 0  # that were read


def crash(
    folder: Path,
    repository: Path,
    address: str = "",
    *,
    kills: int,
    pipelines: int,
    seed: int = 1,
    longest: float = 1.5,
    outside: Path | None = None,
) -> Report:
    """Raises AssertionError with what went wrong. ``longest``: seconds that a process lives at most, counted from its
    first sign of life."""
    chance = random.Random(seed)
    world = World(folder, address)
    project = world.add_project(repository)
    world.close()
    _make_branches(folder, repository)
    entries: dict[int, str] = {}
    made: dict[int, str] = {}
    hooks: dict[int, str] = {}
    killed, wanted = 0, 0
    while True:
        last = killed >= kills
        wanted = max(wanted, min(pipelines, 1 + killed * pipelines // max(1, kills)))
        seconds = None if last else chance.uniform(0, longest)
        wanted = pipelines + 2 if last else wanted  # the last one does something that nobody disturbs
        told = _live(folder, address, project, wanted, seconds, chance.randrange(1 << 30))
        inspect_artifacts(folder, address)
        entries |= told.entries
        made |= told.pipelines
        hooks |= told.deliveries
        if last:
            assert told.done, "the last process did not come to its end"
            break
        if told.done:  # it was faster than its death: more work for the next
            wanted += 1
            pipelines = max(pipelines, wanted)
        else:
            killed += 1
    return inspect(World(folder, address), entries, made, hooks, killed, outside)


def _make_branches(folder: Path, repository: Path) -> None:
    """All that hooks may tell of, at one commit."""
    sha = run_git(repository, "rev-parse", "HEAD")
    (folder / "told").write_text(sha)
    for number in range(MOST_TOLD):
        (repository / ".git" / "refs" / "heads" / f"told-{number}").write_text(f"{sha}\n")
    run_git(repository, "pack-refs", "--all")


def _live(folder: Path, address: str, project: int, wanted: int, seconds: float | None, seed: int) -> Told:
    """One life of the server: until its work is done, or for so long. A fork of this process, which has loaded all."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        _be_victim(folder, address, project, wanted, writing, seed)
    os.close(writing)
    heard, limit = b"", time.monotonic() + (300 if seconds is None else 60)
    select.select([reading], [], [], 30)  # its first sign of life
    dies = limit if seconds is None else time.monotonic() + seconds
    while select.select([reading], [], [], max(0.0, dies - time.monotonic()))[0]:
        piece = os.read(reading, 65536)
        heard += piece
        if not piece:
            break
    else:
        os.kill(process, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    while piece := os.read(reading, 65536):
        heard += piece
    os.close(reading)
    said = (folder / "victim.err").read_text()[-3000:]
    assert status in (0, -signal.SIGKILL), said
    assert time.monotonic() < limit, f"{said}{heard[-500:]!r}"
    return _read(heard)


def _be_victim(folder: Path, address: str, project: int, wanted: int, output: int, seed: int) -> None:
    """Never returns."""
    status = 1
    try:
        os.setsid()
        errors = os.open(folder / "victim.err", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(errors, 2)
        victim.main(str(folder), address, project, wanted, output, seed)
        status = 0
    except BaseException:  # noqa: BLE001 (the test shows it)
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _read(heard: bytes) -> Told:
    entries, pipelines, deliveries, done = {}, {}, {}, False
    for line in heard.decode().split("\n")[:-1]:  # what was cut off by death was not acknowledged
        kind, *words = line.split(" ")
        if kind == "entry":
            entries[int(words[0])] = words[1]
        elif kind == "pipeline":
            pipelines[int(words[0])] = words[1]
        elif kind == "delivery":
            deliveries[int(words[0])] = words[1]
        done = done or kind == "done"
    return Told(entries, pipelines, deliveries, done)


def inspect(
    world: World,
    acknowledged: dict[int, str],
    made: dict[int, str],
    hooks: dict[int, str],
    kills: int,
    outside: Path | None = None,
) -> Report:
    stored = list(world.store.ledger.read())
    assert stored
    chain = bytes(32)
    for number, entry in enumerate(stored, 1):
        assert entry.seq == number, f"entry {number} is missing"
        chain = link(chain, entry.seq, entry.received, entry.body, entry.sender)
        assert chain == entry.chain, f"the chain is broken at {number}"
    for number, value in acknowledged.items():
        assert number <= len(stored), f"acknowledged entry {number} is lost"
        assert stored[number - 1].chain.hex() == value, f"acknowledged entry {number} is another one"
    with world.store.view() as tx:
        pipelines = tx.pipelines.newest(100_000)
        attempts = [job for pipeline in pipelines for job in tx.jobs.of(pipeline.id)]
        deliveries = {one.id: one for one in tx.deliveries.newest(None, 100_000)}
    _inspect_deliveries(deliveries, hooks, Counter(one.ref for one in pipelines if not one.by))
    accepted = Counter(entry.id for entry in stored if "-delivery.accepted." in entry.type)
    assert (len(accepted), set(accepted.values())) == (len(deliveries), {1}), "a delivery is accepted once"
    known = {pipeline.id: pipeline.uid for pipeline in pipelines}
    assert made.items() <= known.items(), "an acknowledged pipeline is lost"
    for pipeline in pipelines:
        assert pipeline.finished, f"pipeline {pipeline.id} is {pipeline.state}"
    uids = {pipeline.id: pipeline.uid for pipeline in pipelines}
    began = Counter(entry.subject for entry in stored if ".taskrun.started." in entry.type)
    ended = Counter(entry.subject for entry in stored if ".taskrun.finished." in entry.type)
    over = Counter(entry.subject for entry in stored if ".pipelinerun.finished." in entry.type)
    for job in attempts:
        assert job.state in FINISHED, f"job {job.id} is {job.state}"
        subject = f"{uids[job.pipeline]}/{job.id}"
        ran = job.started > 0
        assert (began[subject], ended[subject]) == (ran, ran), f"job {job.id} ended {ended[subject]} times"
    newest = {(job.pipeline, job.name): job for job in attempts}
    reports = _inspect_reports(world, stored, attempts)
    gave_up = {job.pipeline for job in newest.values() if job.state is State.FAILED and _gave_up(job)}
    took_place = _inspect_deployments(attempts, outside) if outside is not None else 0
    for pipeline in pipelines:
        assert over[pipeline.uid] == 1, f"pipeline {pipeline.id} ended {over[pipeline.uid]} times"
        good = pipeline.state is State.SUCCESS or pipeline.id in gave_up
        story = [
            (job.name, job.attempt, job.state.value, job.reason, job.interruptions, job.result and job.result.message)
            for job in attempts
            if job.pipeline == pipeline.id
        ]
        assert good, f"pipeline {pipeline.id} is {pipeline.state}: {pipeline.message} {story!s}"
    for job in newest.values():
        if job.state is State.SUCCESS and job.name == "unit":
            assert "built" in world.log(job)
    work = f"{world.data}/work/{world.settings.replica}"
    assert not os.path.exists(work) or not os.listdir(work)
    interrupted = [job for job in attempts if job.reason is FailureReason.RUNNER_SYSTEM]
    world.late = DAY
    world.make_room()
    gone = inspect_artifacts(world.data, world.address)
    world.close()
    return Report(
        kills,
        len(acknowledged) + len(made) + len(hooks),
        len(stored),
        len(pipelines),
        len(attempts),
        len(interrupted),
        len(deliveries),
        took_place,
        sum(job.name in OFTEN for job in interrupted),
        gone,
        reports,
    )


def _inspect_reports(world: World, stored: list[Entry], attempts: list[StoredJob]) -> int:
    """What a job that ended well left is read once, kept with its end, and told with it; of one that was cut short
    nothing is. How many there are."""
    with world.store.view() as tx:
        reports = tx.reports.of_pipelines(sorted({job.pipeline for job in attempts}))
        runs = {one.report: one for one in tx.tests.runs([report.id for report in reports])}
    by_job = Counter(one.job for one in reports)
    told = Counter(entry.subject for entry in stored if ".testsuiterun.finished." in entry.type)
    named = Counter(entry.id for entry in stored if ".testcaserun.finished." in entry.type)
    for job in attempts:
        left = job.result.kept if job.result is not None else ()
        read = job.state is State.SUCCESS and any(file.kind == "junit" for file in left)
        assert by_job[job.id] == read, f"{by_job[job.id]} reports of job {job.id}, which is {job.state}"
    for one in reports:
        run = runs[one.id]
        assert (one.problem, run.total, run.passed) == ("", 50, 50), one
        assert sum(count for subject, count in told.items() if subject.endswith(f"/tests/{one.id}")) == 1, one
    assert len(told) == len(reports)
    assert set(named.values()) <= {1}, "a case is told once"
    return len(reports)


def _gave_up(job: StoredJob) -> bool:
    """Whether it failed because its server was killed too often for it."""
    return job.reason is FailureReason.RUNNER_SYSTEM and (job.interruptions == 2 or OFTEN.get(job.name) == job.attempt)


def _inspect_deployments(attempts: list[StoredJob], outside: Path) -> int:
    """By what the deployments themselves wrote: each attempt once, and no more attempts than may be."""
    lines = [line.split() for line in outside.read_text().splitlines()] if outside.exists() else []
    by_attempt = Counter(int(job) for _, _, job in lines)
    by_pipeline = Counter((name, pipeline) for name, pipeline, _ in lines)
    assert set(by_attempt.values()) <= {1}, "an attempt at a deployment ran twice"
    for (name, pipeline), count in by_pipeline.items():
        assert count <= OFTEN[name], f"{name} of pipeline {pipeline} took place {count} times"
    for job in attempts:
        if job.name in OFTEN:
            assert job.attempt <= OFTEN[job.name], f"job {job.id} is attempt {job.attempt}"
            assert job.state is not State.SUCCESS or by_attempt[job.id] == 1, f"job {job.id} did not take place"
    return len(lines)


def inspect_artifacts(folder: Path | str, address: str) -> int:
    """What is there is whole, and what is gone leaves nothing that nobody removes; how many are gone."""
    world = World(Path(folder), address)
    with world.store.view() as tx:
        kept = [
            (one, tx.jobs.get(one.job))
            for pipeline in tx.pipelines.newest(100_000)
            for one in tx.keeping.of(pipeline.id)
        ]
        pending = {one.name for one in tx.keeping.due(FOR_EVER, 100_000)}
    world.close()
    blobs = open_blobs(world.data)
    for one, job in kept:
        place = Path(artifact_folder(world.data, one.job))
        assert job is not None
        assert job.result is not None
        assert not place.exists() or str(one.job) in pending, f"files of job {one.job} are left behind"
        if one.gone:
            continue
        for file in job.result.kept:
            assert blobs.get(file.digest, file.size), f"{file.name} of job {one.job} is not whole"
        for file in job.result.kept:
            if file.kind == "archive":
                with ZipFile(blobs.open(file.digest)) as archive:
                    assert archive.testzip() is None
    return sum(bool(one.gone) for one, _ in kept)


def _inspect_deliveries(deliveries: dict[int, Delivery], hooks: dict[int, str], built: Counter[str]) -> None:
    assert hooks.items() <= {one.id: one.name for one in deliveries.values()}.items(), "an acknowledged hook is lost"
    for one in deliveries.values():
        assert one.outcome is Outcome.PIPELINE, f"delivery {one.name} is {one.outcome}: {one.reason} {one.message}"
        assert built[one.ref] == 1, f"{one.ref} was built {built[one.ref]} times"
    assert {ref for ref in built if ref.startswith("told-")} <= {one.ref for one in deliveries.values()}
