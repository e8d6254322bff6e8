"""Say of what builds made how it was built, how its tests ended and what it is made of, once the ledger says that a job
or a pipeline has ended.

1. What is due follows from the ledger: from the entry after the last one that was dealt with. That number goes on when
   everything an entry asks for is durable, so whatever is killed when, nothing is left out.
2. Everything may be done twice: the same records give the same envelope, and the ledger takes it once.
3. What cannot be read any more, such as the files of a commit that is gone, is not said; it holds up nothing else.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec

from plumbline.artifacts.sbom.bill import make_bill
from plumbline.artifacts.sbom.cyclonedx import write_cyclonedx
from plumbline.evidence import near_the_top
from plumbline.evidence.attestations import cyclonedx
from plumbline.evidence.origin import OWN, word_of
from plumbline.evidence.vocabulary import cdevents_core as core
from plumbline.flow.artifacts import statements
from plumbline.flow.artifacts.builds import Build, build_of, tested_in
from plumbline.flow.artifacts.record_attestation import record_attestation
from plumbline.flow.dealt_with import dealt_with, went_on
from plumbline.flow.pipelines.plan_cache import pipeline_place
from plumbline.kernel import PlumblineError
from plumbline.model.pipeline import Variable
from plumbline.model.ready import ready
from plumbline.model.report import Component

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.flow.artifacts.attestation_tools import AttestationTools
    from plumbline.model.event import Entry
    from plumbline.model.server import StoredJob, StoredPipeline

_UPTO = "attested"  # setting: number of the last entry that was dealt with
_ENDS = (core.TaskRunFinished.TYPE, core.PipelineRunFinished.TYPE)
_AT_ONCE = 100  # entries that are looked at in one go
_log = logging.getLogger(__name__)


class _Content(msgspec.Struct):
    uri: str = ""


class _Subject(msgspec.Struct):
    content: _Content


class _Body(msgspec.Struct):
    subject: _Subject


def attest_due(tools: AttestationTools) -> Iterator[None]:
    """Whatever is due, little at each step. PlumblineErrors of the store and of the key: it is tried again then."""
    while entries := list(tools.ledger.of_types(_ENDS, dealt_with(tools.units.store, _UPTO) + 1, _AT_ONCE)):
        for entry in entries:
            said = False
            for _ in _attest(tools, entry) if word_of(entry.source, entry.sender) == OWN else ():
                said = True
                yield
            if said:
                went_on(tools.units.store, _UPTO, entry.seq)
        went_on(tools.units.store, _UPTO, entries[-1].seq)
        yield


def _attest(tools: AttestationTools, entry: Entry) -> Iterator[None]:
    uid, _, job = entry.subject.partition("/")
    if job:
        yield from _job_ended(tools, int(job)) if job.isdigit() else ()
        return
    pipeline = _pipeline(tools, uid, near_the_top(_read, entry.body).subject.content.uri)
    if pipeline is not None:
        yield from _pipeline_ended(tools, pipeline)


def _pipeline(tools: AttestationTools, uid: str, address: str) -> StoredPipeline | None:
    """Its address ends with its number."""
    number = address.rpartition("/")[2]
    with tools.units.store.view() as tx:
        found = tx.pipelines.get(int(number)) if number.isdigit() else None
    return found if found is not None and found.uid == uid else None


def _read(body: bytes) -> _Body:
    return msgspec.json.decode(body, type=ready(_Body))


def _job_ended(tools: AttestationTools, number: int) -> Iterator[None]:
    build = _build(tools, number)
    if build is None:
        return
    given, log = _given(tools, build), tools.log(build.job)
    bill = _bill(tools, build)
    for made in build.made:
        said = statements.provenance(
            build, made, source=tools.units.source, version=tools.version, given=given, log=log
        )
        record_attestation(tools, build.pipeline, build.job, made, said)
        yield
        if bill:
            said = statements.bill_of_materials(made, bill)
            record_attestation(tools, build.pipeline, build.job, made, said)
            yield


def _build(tools: AttestationTools, number: int) -> Build | None:
    with tools.units.store.view() as tx:
        job = tx.jobs.get(number)
        pipeline = tx.pipelines.get(job.pipeline) if job is not None else None
        return build_of(tx, job, pipeline) if job is not None and pipeline is not None else None


def _pipeline_ended(tools: AttestationTools, pipeline: StoredPipeline) -> Iterator[None]:
    with tools.units.store.view() as tx:
        tested = tested_in(tx, pipeline)
        jobs = list({one.name: one for one in tx.jobs.of(pipeline.id)}.values()) if tested is not None else []
        builds = [build for job in jobs if (build := build_of(tx, job, pipeline)) is not None]
    if tested is None:
        return
    for build in builds:
        for made in build.made:
            said = statements.test_results(pipeline, tested, made, source=tools.units.source)
            record_attestation(tools, pipeline, build.job, made, said)
            yield


def _given(tools: AttestationTools, build: Build) -> list[str]:
    """Names of the variables that whoever started the pipeline gave; never their values."""
    if not build.sealed or tools.vault is None:
        return []
    try:
        plain = tools.vault.open(build.sealed, pipeline_place(build.pipeline.uid))
    except PlumblineError as error:
        _tell("the variables of a pipeline cannot be named", build.job, error)
        return []
    return [one.name for one in msgspec.msgpack.decode(plain, type=ready(tuple[Variable, ...]))]


def _bill(tools: AttestationTools, build: Build) -> bytes:
    """The one that the job made, else what the lock files of its commit give; empty: neither."""
    for kept in build.job.result.kept if build.job.result is not None else ():
        data = tools.left(build.job, kept) if kept.kind == "cyclonedx" else None
        if data is not None and _is_bill(data):
            return data
    try:
        files = tools.files(build.pipeline)
    except PlumblineError as error:
        _tell("the files of a commit cannot be read for a bill of materials", build.job, error)
        return b""
    name = build.path.rpartition("/")[2]
    bill = make_bill(files, Component(name=name, version=build.pipeline.sha, ref=f"{build.path}@{build.pipeline.sha}"))
    return write_cyclonedx(bill, tool_version=tools.version) if bill.files else b""


def _is_bill(data: bytes) -> bool:
    try:
        return bool(cyclonedx.PART.look(data)) and isinstance(msgspec.json.decode(data), dict)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError):
        return False


def _tell(what: str, job: StoredJob, error: PlumblineError) -> None:
    _log.warning("%s", what, extra={"fields": {"job": job.id, "code": error.code, "reason": str(error.message)}})
