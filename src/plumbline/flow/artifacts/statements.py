"""What this server says of an artifact, made of its own records alone.

1. The same records give the same bytes: nothing of the moment when it is made is in it.
2. What a job says stands as what it is: its reports and its log by their digests, a bill of materials as its word.
3. No value of a variable, no login and nothing of a log is in it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.evidence import timestamp
from plumbline.evidence.attestations import Resource, cyclonedx, resource, slsa_provenance, test_result, write_statement
from plumbline.flow.artifacts.builds import ARCHIVE
from plumbline.flow.pipelines.configuration import is_foreign
from plumbline.model.coding import json_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.evidence.attestations import TestOutcome
    from plumbline.flow.artifacts.builds import Build, Made, Tested
    from plumbline.model.server import StoredJob, StoredPipeline

BUILD_TYPE = "urn:plumbline:build:gitlab-ci-job:v1"
_MOST_DEPENDENCIES = 5000


def subject_of(made: Made) -> Resource:
    return resource(made.digest, made.name)


def invocation_of(source: str, pipeline: StoredPipeline, job: StoredJob) -> str:
    """As the ledger names this attempt."""
    return f"{source}:{pipeline.uid}/{job.id}"


def provenance(build: Build, made: Made, *, source: str, version: str, given: Sequence[str], log: str) -> bytes:
    """``source`` names this installation; ``given``: names of the variables that whoever started the pipeline gave;
    ``log``: digest of what the job printed, empty: not known."""
    job, pipeline = build.job, build.pipeline
    return write_statement(
        [subject_of(made)],
        slsa_provenance.TYPE,
        slsa_provenance.Provenance(
            build_definition=slsa_provenance.BuildDefinition(
                build_type=BUILD_TYPE,
                external_parameters=_asked(build, given),
                internal_parameters=_chosen(build),
                resolved_dependencies=tuple(_dependencies(build))[:_MOST_DEPENDENCIES],
            ),
            run_details=slsa_provenance.RunDetails(
                builder=slsa_provenance.Builder(id=source, version={"plumbline": version} if version else {}),
                metadata=slsa_provenance.Metadata(
                    invocation_id=invocation_of(source, pipeline, job),
                    started_on=timestamp(job.started),
                    finished_on=timestamp(job.finished),
                ),
                byproducts=tuple(_byproducts(job, log)),
            ),
        ),
    )


def _asked(build: Build, given: Sequence[str]) -> dict[str, Any]:
    change = build.pipeline.change
    own = [name for name in dict.fromkeys(build.plan.files) if not is_foreign(name)]
    asked: dict[str, Any] = {
        "source": f"git+{build.source}@{change.full_ref}" if build.source else "",
        "ref": change.full_ref,
        "configuration": own[0] if own else "",
        "job": build.job.name,
        "event": change.event.value,
        "inputs": dict(sorted(build.job.inputs.items())),
        "variables": sorted(given),
    }
    return {name: value for name, value in asked.items() if value}


def _chosen(build: Build) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "project": build.path,
        "pipeline": build.pipeline.uid,
        "attempt": build.job.attempt,
        "protected": build.pipeline.change.protected,
        "runner": build.job.lease_owner.partition("/")[0],
    }
    return {name: value for name, value in chosen.items() if value != ""}


def _dependencies(build: Build) -> list[Resource]:
    change = build.pipeline.change
    address = f"git+{build.source}@{change.full_ref}" if build.source else ""
    expanded = sha256(json_of(build.planned.expanded)).hexdigest()
    found = [
        Resource(name="source", uri=address, digest={"gitCommit": change.sha}),
        Resource(name="configuration", digest={"sha256": expanded}),
    ]
    found += [Resource(name="template", uri=name) for name in dict.fromkeys(build.plan.files) if is_foreign(name)]
    image = build.planned.image.name if build.planned.image is not None else ""
    if image and "$" not in image:
        name, _, digest = image.partition("@sha256:")
        found.append(Resource(name="image", uri=f"docker://{name}", digest={"sha256": digest} if digest else {}))
    for job in build.used:
        kept = job.result.kept if job.result is not None else ()
        found += [
            resource(one.digest, f"{job.name}/{one.name}")
            for one in kept
            if one.kind == ARCHIVE and one.digest.startswith("sha256:")
        ]
    return found


def _byproducts(job: StoredJob, log: str) -> list[Resource]:
    kept = job.result.kept if job.result is not None else ()
    found = [resource(log, "log")] if log else []
    return found + [
        resource(one.digest, f"{one.kind}/{one.name}")
        for one in kept
        if one.kind != ARCHIVE and one.digest.startswith("sha256:")
    ]


def test_results(pipeline: StoredPipeline, tested: Tested, made: Made, *, source: str) -> bytes:
    """Failures of jobs that may fail are warnings."""
    bad = [allowed for _, run, allowed in tested.runs if run.bad]
    result: TestOutcome = "PASSED" if not bad else "WARNED" if all(bad) else "FAILED"
    named = {"failed_tests": tuple(tested.failed)} if result == "FAILED" else {"warned_tests": tuple(tested.failed)}
    return write_statement(
        [subject_of(made)],
        test_result.TYPE,
        test_result.TestResult(
            result=result,
            configuration=tuple(
                resource(
                    report.digest,
                    f"{report.kind}/{report.name}",
                    annotations={"cases": run.total, "executed": run.executed, "failed": run.bad},
                )
                for report, run, _ in tested.runs
            ),
            url=f"{source}:{pipeline.uid}",
            **named,
        ),
    )


def bill_of_materials(made: Made, bill: bytes) -> bytes:
    """``bill``: a CycloneDX document as JSON."""
    return write_statement([subject_of(made)], cyclonedx.TYPE, msgspec.Raw(bill.strip()))
