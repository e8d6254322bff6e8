"""The story of an artifact: names, source, parts, what it earned, who uses it, and what keeps it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.registry.registry_world import NAME, Bank, digest_of, image, index
from tests.registry.test_registry_package_verbs import publish
from tests.registry.test_registry_verbs import refused

from plumbline.facts import Asked, Evidence, answer
from plumbline.flow.artifacts.list_artifacts import artifacts_of_pipeline, find_artifacts
from plumbline.flow.artifacts.manifests import find_manifest, put_manifest
from plumbline.flow.artifacts.view_artifact import view_artifact
from plumbline.flow.assessments import assess_ledger
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job
from plumbline.flow.pipelines.create_pipeline import start_pipeline
from plumbline.flow.pipelines.tools import Wanted
from plumbline.model.artifact import Kind, Stage
from plumbline.model.assessment import Scope
from plumbline.model.deployment import EnvironmentDeployment
from plumbline.model.job import JobResult, State
from plumbline.model.registry import RunningJob
from plumbline.model.reported import CaseName, Origin, ReportDetail, StoredReport, TestRunKept
from plumbline.model.server import Binding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from plumbline.access import Actor
    from plumbline.trace import Seen

CI = "build: {script: [make]}"


@pytest.fixture
def job(bank: Bank, tmp_path: Path) -> Actor:
    """A job that runs, as the one that pushes."""
    home = tmp_path / "repo"
    home.mkdir()
    (home / ".gitlab-ci.yml").write_text(CI)
    who = ["-c", "user.name=ann", "-c", "user.email=a@b"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-qm", "Begin\n\nall of it"]):
        subprocess.run(["git", "-C", str(home), *words], check=True)
    with bank.change() as tx:
        tx.bindings.put(Binding(project=bank.pay.id, kind="git", url=str(home)))
    start_pipeline(bank.server.server, Wanted(project=bank.pay.id), by=0)
    [claim] = claim_jobs(bank.server.server, "test/1", 5, 60_000_000)
    running = RunningJob(job=claim.job.id, fence=claim.job.fence, project=bank.pay.id, protected=True, foreign=False)
    return replace(bank.dev, job=running)


def end(bank: Bank, job: Actor) -> None:
    assert job.job is not None
    done = JobResult(state=State.SUCCESS, exit_code=0)
    assert finish_job(bank.server.server, job.job.job, "test/1", job.job.fence, done)


def pipeline_of(bank: Bank, job: Actor) -> int:
    assert job.job is not None
    with bank.view() as tx:
        return tx.jobs.get(job.job.job).pipeline


def leave_tests(bank: Bank, pipeline: int, **counts: int) -> None:
    with bank.change() as tx:
        report = tx.reports.add(
            StoredReport(
                project=bank.pay.id, pipeline=pipeline, kind="junit", name="a.xml", digest=digest_of(b"r"),
                origin=Origin.JOB, created=1,
            ),
            ReportDetail(),
        )  # fmt: skip
        cases = tx.tests.add_set(bank.pay.id, b"set", [CaseName(name="one")], b"\0")
        run = TestRunKept(report=report.id, project=bank.pay.id, pipeline=pipeline, cases=cases, **counts)
        tx.tests.add_run(run, ())


def test_what_a_person_pushed(bank: Bank) -> None:
    digest = bank.push("v1")
    bank.push("latest")
    both = index(image())
    top = put_manifest(bank.mei, bank.artifacts, NAME, "all", "", both).digest
    find_manifest(bank.dev, bank.artifacts, NAME, "v1")
    story = view_artifact(bank.dev, bank.artifacts, bank.pay.id, digest)
    assert [(one.repository, one.tag, one.by) for one in story.names] == [
        (NAME, "latest", "mei"),
        (NAME, "v1", "mei"),
    ]
    assert {one.digest for one in story.parts} == {digest_of(b"layer"), digest_of(b"{}")}
    assert [one.digest for one in story.parents] == [top]
    assert story.stored
    assert (story.source.by, story.source.commit, story.source.job) == ("mei", "", 0)
    assert not any(one.earned for one in story.stages)
    assert [one.who for one in story.pulls] == ["dev"]
    assert story.held is None
    kinds = [one.type.split(".")[2:4] for one in story.entries]
    assert ["artifact", "published"] in kinds


def test_what_a_job_pushed_earns_its_stages(bank: Bank, job: Actor) -> None:
    digest = bank.push("v1", actor=job)
    pipeline = pipeline_of(bank, job)
    story = view_artifact(bank.dev, bank.artifacts, bank.pay.id, digest)
    assert (story.source.job_name, story.source.message, story.source.pipeline) == ("build", "Begin", pipeline)
    assert len(story.source.commit) == 40
    assert [one.stage for one in story.stages if one.earned] == [Stage.BUILT]
    [packaged] = bank.events("artifact.packaged")
    assert packaged["customData"]["commit"] == packaged["subject"]["content"]["change"]["id"] == story.source.commit
    leave_tests(bank, pipeline, total=3, passed=3)
    end(bank, job)
    [row] = artifacts_of_pipeline(bank.dev, bank.artifacts, pipeline)
    assert (row.artifact.digest, row.tags, row.stages) == (digest, ("v1",), (Stage.BUILT, Stage.TESTED))


def test_failed_tests_earn_nothing(bank: Bank, job: Actor) -> None:
    digest = bank.push("v1", actor=job)
    leave_tests(bank, pipeline_of(bank, job), total=3, passed=2, failed=1)
    end(bank, job)
    story = view_artifact(bank.dev, bank.artifacts, bank.pay.id, digest)
    found = {one.stage: one for one in story.stages}
    assert str(found[Stage.TESTED].missing) == "Tests of its pipeline failed: 1."


def test_an_environment_that_serves_its_commit_holds_it(bank: Bank, job: Actor) -> None:
    digest = bank.push("v1", actor=job)
    commit = view_artifact(bank.dev, bank.artifacts, bank.pay.id, digest).source.commit
    assert job.job is not None
    with bank.change() as tx:
        tx.deployments.add(
            EnvironmentDeployment(
                job=job.job.job, project=bank.pay.id, environment="production", subject="d", commit=commit,
                outcome="success", started=1, finished=2,
            )
        )  # fmt: skip
    story = view_artifact(bank.dev, bank.artifacts, bank.pay.id, digest)
    assert str(story.held) == "production serves its commit."
    assert [one.environment for one in story.deployments] == ["production"]


def test_files_of_packages_have_names_of_their_own(bank: Bank) -> None:
    made = publish(bank)
    [name] = view_artifact(bank.dev, bank.artifacts, bank.pay.id, made.digest).names
    assert (name.kind, name.package, name.version, name.file) == (Kind.GENERIC, "lib", "1.0", "lib.tgz")


def test_only_what_one_may_see(bank: Bank) -> None:
    digest = bank.push("v1")
    for project in (bank.pay.id, bank.other.id, None):
        refused("not-found", lambda project=project: view_artifact(bank.stranger, bank.artifacts, project, digest))
    refused("not-found", lambda: view_artifact(bank.dev, bank.artifacts, bank.pay.id, digest_of(b"layer")))
    refused("not-found", lambda: view_artifact(bank.dev, bank.artifacts, bank.pay.id, "sha256:../../x"))
    assert find_artifacts(bank.stranger, bank.artifacts, "v1", 10) == []


@pytest.mark.parametrize("way", ["digits", "digest", "tag", "package", "few", "other"])
def test_found_by_what_somebody_types(bank: Bank, way: str) -> None:
    digest = bank.push("v1")
    package = publish(bank).digest
    text, expected = {
        "digits": (digest.partition(":")[2][:6].upper(), [digest]),
        "digest": (digest, [digest]),
        "tag": ("v1", [digest]),
        "package": ("li", [package]),
        "few": (digest.partition(":")[2][:5], []),
        "other": ("%", []),
    }[way]
    assert [one.digest for one in find_artifacts(bank.dev, bank.artifacts, text, 10)] == expected


def test_own_records_answer_what_a_grade_asks_of_artifacts(bank: Bank, job: Actor) -> None:
    """One image by a job, one by a person: by numerator and denominator."""
    bank.push("v1", actor=job)
    bank.push("v2", image(annotations={"by": "hand"}))
    end(bank, job)
    bank.later(1)
    evidence = Evidence(entries_seen(bank), bank.now)
    expected = {
        "stored-artifacts-not-made-by-a-pipeline-job": (1, 2),
        "stored-artifacts-made-outside-registered-build-workers": (None, None),  # no runner ever told of itself
    }
    for name, (numerator, denominator) in expected.items():
        [found] = answer([Asked(name, None)], evidence).values()
        assert (found.numerator, found.denominator) == (numerator, denominator), name


def entries_seen(bank: Bank) -> Iterator[Seen]:
    ledger = bank.tools.ledger.ledger
    scope = Scope(subject="bank/pay", as_of=ledger.size(), end=bank.now)
    return (one.seen for one in assess_ledger._chosen(ledger, scope))
