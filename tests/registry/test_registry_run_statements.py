"""One signed statement for each run: what is in it, where it is kept, and that it is made once, whatever happens."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.registry.build_world import ARCHIVE
from tests.registry.stated_world import DAY, DIGEST, Stating, need

from plumbline.access import SIGNED_OUT
from plumbline.artifacts.names import sha256_of
from plumbline.evidence.artifact_verifying import Result as ArtifactResult
from plumbline.evidence.dsse import read_envelope
from plumbline.evidence.run_statements import TYPE, Result, verify_run
from plumbline.flow.artifacts.verify import verify_at_machine
from plumbline.flow.contracts.closing import close_collection
from plumbline.flow.contracts.save import save_contract
from plumbline.flow.contracts.state_run import state_run
from plumbline.flow.contracts.statements import record_statement, state_due
from plumbline.flow.contracts.view_statement import (
    export_run_statement,
    export_statement_at_machine,
    view_run_statement,
)
from plumbline.kernel import PlumblineError
from plumbline.model.artifact import Kind
from plumbline.model.contract import BrokenContract, DueContract, Ending, Slot, SlotState
from plumbline.model.person import Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bank(tmp_path: Path, database: str | None) -> Iterator[Stating]:
    made = Stating(tmp_path, database)
    with made.server:
        yield made


def payload(bank: Stating, uid: str = "col-1") -> bytes:
    with bank.view() as tx:
        found = tx.collections.of_uid(uid)
        assert found is not None
        key = bank.attestations.signing_key()
        return state_run(tx, bank.attestations.ledger, found, bank.attestations.units.source, key.name).payload


def test_a_run_is_stated_with_what_did_not_happen(bank: Stating) -> None:
    claim = bank.ran()
    bank.waive()
    bank.judge(claim, "waiver-1")
    image = bank.told("artifact.published")
    bank.close(claim)
    assert image
    assert bank.state() == 1
    keys = [bank.attestations.signing_key().verifier]
    file = b"".join(export_statement_at_machine(bank.attestations, "col-1"))
    found = verify_run(file, keys)
    assert found.result is Result.PASSED, found.cause
    assert all(one.result is Result.PASSED for one in found.checks)
    run = found.run
    assert run is not None
    assert (run.project, run.ending, run.complete, run.lacking) == ("bank/pay", "finished", False, ("sast",))
    assert [(one.name, one.state, one.exit_code, one.runner) for one in run.jobs] == [
        ("build", "success", 0, "test"),
        ("test", "success", 0, "test"),
    ]
    assert (run.jobs[0].image, run.jobs[0].image_digest) == ("registry.example/python", f"sha256:{'b' * 64}")
    [gate] = run.gates
    assert (gate.policy, gate.version, gate.outcome) == ("red-lines", 3, "waived")
    assert [(one.id, one.outcome, one.waiver) for one in gate.checks] == [("coverage", "waived", "waiver-1")]
    assert [(one.id, [event.id for event in one.events]) for one in run.waivers] == [("waiver-1", ["waiver-1:decided"])]
    [told] = bank.events("runStatement.signed")
    assert (told["subject"]["id"], told["subject"]["content"]["complete"]) == ("col-1", False)
    assert bank.stored().statement == told["subject"]["content"]["digest"]


def test_no_name_of_a_person_and_no_secret_is_in_it(bank: Stating) -> None:
    claim = bank.ran()
    bank.waive()
    bank.judge(claim, "waiver-1")
    bank.close(claim)
    said = payload(bank)
    for word in (b"mei", b'"ada"', b"a secret that"):
        assert word not in said


def test_it_is_a_referrer_of_each_artifact_which_still_verifies(bank: Stating) -> None:
    claim = bank.begin()
    image = bank.push_from(claim)
    bank.end(claim, ARCHIVE)
    bank.end(bank.claim())
    bank.attest()
    bank.close(claim, artifacts=(image, ARCHIVE.digest))
    bank.state()
    bank.state()
    statement = bank.stored().statement
    for digest in (image, ARCHIVE.digest):
        with bank.view() as tx:
            every = [
                found
                for repository in tx.repositories.of([bank.pay.id])
                for found in tx.artifacts.referrers(repository.id, digest)
                if found.annotations.get("in-toto.io/predicate-type") == TYPE
            ]
            assert len(every) == 1
            assert statement in [link.digest for link in tx.artifacts.links(every[0].id)]
            assert every[0].kind is Kind.OCI
        verified = verify_at_machine(bank.attestations, digest, [], [])
        assert [one.code for one in verified.checks if one.result is ArtifactResult.FAILED] == []
        assert TYPE in [one.predicate for one in verified.attestations if one.standing.value == "trusted"]
    assert len([one for one in bank.attested() if one[0] == TYPE]) == 2


def test_replay_of_a_closed_collection_gives_the_same_bytes(bank: Stating) -> None:
    """E9: whatever happened since: more entries, a retried job, another judgement, a waiver that ended."""
    claim = bank.ran()
    waiver = bank.waive()
    bank.judge(claim, "waiver-1")
    bank.close(claim)
    bank.state()
    envelope = bank.attestations.blobs.get(bank.stored().statement, 1 << 24)
    before = payload(bank)
    assert read_envelope(envelope).payload == before
    later = bank.begin("refs/heads/main")
    bank.end(later, ARCHIVE)
    with bank.change() as tx:
        tx.waivers.put(msgspec.structs.replace(waiver, ended=waiver.ends, ended_by="ada"), waiver)
        [judged] = tx.evaluations.of_pipeline(claim.job.pipeline)
        tx.evaluations.add(msgspec.structs.replace(judged, uid="eval-2", at=judged.at + DAY, event=""))
    assert payload(bank) == before


def test_a_run_that_made_nothing_has_one_all_the_same(bank: Stating) -> None:
    """Its bytes are kept for the collection alone, and nothing sweeps them."""
    claim = bank.ran(pushes=False)
    none = (Slot(need="sast", contract="release", subject="", state=SlotState.MISSING),)
    due = DueContract(needs=(need("sast"),), grace_minutes=1, deadline_minutes=2, digest=DIGEST)
    bank.close(claim, slots=none, due=due, ending=Ending.CANCELLED)
    assert bank.state() == 1
    statement = bank.stored().statement
    with bank.view() as tx:
        assert tx.artifacts.bytes_named([statement, sha256_of(b"else")]) == {statement}
    found = verify_run(b"".join(export_statement_at_machine(bank.attestations, "col-1")), bank.attestations.keys())
    assert found.result is Result.PASSED, found.cause
    assert found.run is not None
    assert (found.run.ending, found.run.lacking) == ("cancelled", ("sast",))


def test_a_contract_that_could_not_be_read_is_stated_as_that(bank: Stating) -> None:
    slots = (Slot(need="own", contract="own", subject="", state=SlotState.UNREADABLE, why="contract-broken"),)
    due = DueContract(needs=(), grace_minutes=1, deadline_minutes=2, digest=DIGEST)
    bank.close(bank.ran(), slots=slots, due=due, broken=(BrokenContract(contract="own", why="contract-wrong"),))
    bank.state()
    file = b"".join(export_statement_at_machine(bank.attestations, "col-1"))
    found = verify_run(file, bank.attestations.keys())
    assert found.result is Result.PASSED, found.cause
    assert found.run is not None
    assert (found.run.complete, found.run.contract.broken) == (False, ("own",))


CONTRACT = """
contract: build
title: {en: Builds, zh: 构建}
owner: pay
for: {occasion: pipeline}
need:
  - {id: build, title: {en: Build, zh: 构建}, kind: build, of: commit}
  - {id: sbom, title: {en: Parts, zh: 组成}, any: [sbom.cyclonedx, sbom.spdx], of: artifact, each: true}
  - {id: sast, title: {en: Scan, zh: 扫描}, kind: scan.sast, of: commit, made_by: [own, "source:sonar"]}
"""


def test_the_whole_way_from_a_contract_to_a_file_that_verifies(bank: Stating) -> None:
    """Opened and closed by the server itself: what it keeps of slots is what is stated and proved."""
    chief = bank.standing(bank.person("chief", Role.ADMIN))
    contracts = dataclasses.replace(bank.tools.contracts, units=bank.tools.units)
    save_contract(chief, contracts, bank.pay.id, CONTRACT, "wanted")
    claim = bank.begin()
    image = bank.push_from(claim)
    bank.end(claim, ARCHIVE)
    bank.end(bank.claim())
    bank.attest()
    with bank.view() as tx:
        [opened] = tx.collections.of_pipeline(claim.job.pipeline)
    close_collection(chief, contracts, opened.uid, "nothing more comes")
    assert bank.state() == 1
    file = b"".join(export_statement_at_machine(bank.attestations, opened.uid))
    found = verify_run(file, bank.attestations.keys())
    assert found.result is Result.PASSED, found.cause
    run = found.run
    assert run is not None
    states = {one.need: one.state for one in run.slots}
    assert states["sast"] == "missing"
    assert {one.subject for one in run.slots if one.need == "sbom"} == {image, ARCHIVE.digest}
    assert states["sbom"] == "filled"
    assert [one.partition(":")[0] for one in run.lacking] == ["sast"]
    assert image in found.subjects


def test_it_is_signed_once_by_whoever_comes_first(bank: Stating) -> None:
    bank.close(bank.ran())
    first = record_statement(bank.attestations, "col-1")
    assert record_statement(bank.attestations, "col-1") == first
    assert bank.state() == 1
    assert bank.state() == 0
    assert len(bank.events("runStatement.signed")) == 1


@pytest.mark.parametrize("broken", ["blobs", "store"])
def test_what_broke_between_the_closing_and_the_signing_is_made_up_for(bank: Stating, broken: str) -> None:
    bank.close(bank.ran())

    class Full:
        def put(self, _data: bytes) -> str:
            raise PlumblineError("disk-full", "x")  # type: ignore[arg-type]

    class Followed:
        def __call__(self) -> list[object]:
            key = bank.attestations.signing_key().verifier
            return [msgspec.structs.replace(key, until=3)]

    changed = {"blobs": Full()} if broken == "blobs" else {"keys": Followed()}
    tools = dataclasses.replace(bank.attestations, **changed)  # type: ignore[arg-type]
    with pytest.raises(PlumblineError):
        list(state_due(tools))
    assert bank.stored().statement == ""
    assert bank.events("runStatement.signed") == []
    assert bank.state() == 1
    assert bank.stored().statement


def test_an_entry_that_is_another_one_is_never_stated(bank: Stating) -> None:
    claim = bank.ran()
    wrong = Slot(need="unit-tests", contract="release", subject="", state=SlotState.FILLED, evidence=("another",),
                 entries=(1,), word="own", received=1)  # fmt: skip
    bank.close(claim, slots=(wrong,))
    assert bank.state() == 1
    assert bank.stored().statement == ""


def test_who_may_look_and_who_may_take_along(bank: Stating) -> None:
    bank.close(bank.ran())
    with pytest.raises(PlumblineError) as caught:
        view_run_statement(bank.mei, bank.attestations, "col-1")
    assert caught.value.code == "not-stated"
    bank.state()
    assert view_run_statement(bank.viewer, bank.attestations, "col-1").verified.result is Result.PASSED
    auditor = bank.standing(bank.person("ann", Role.AUDITOR, node=bank.pay.id))
    file = b"".join(export_run_statement(auditor, bank.attestations, "col-1").lines)
    assert verify_run(file, bank.attestations.keys()).result is Result.PASSED
    for actor, code in ((bank.stranger, "not-found"), (SIGNED_OUT, "not-signed-in")):
        with pytest.raises(PlumblineError) as caught:
            view_run_statement(actor, bank.attestations, "col-1")
        assert caught.value.code == code
    with pytest.raises(PlumblineError) as caught:
        export_run_statement(bank.viewer, bank.attestations, "col-1")
    assert caught.value.code == "not-allowed"
    with pytest.raises(PlumblineError) as caught:
        view_run_statement(bank.mei, bank.attestations, "col-9")
    assert caught.value.code == "not-found"
