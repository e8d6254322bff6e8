"""What is said of what jobs build: made from records alone, found by everybody, verified anywhere."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.evidence.ledgers import OTHER
from tests.registry.build_world import ARCHIVE, REPORT, SECRET, Builders
from tests.registry.registry_world import OCI_IMAGE, digest_of, part
from tests.registry.test_registry_sweep import Ahead

from plumbline.evidence.artifact_file import read_artifact_file
from plumbline.evidence.artifact_verifying import Result, Verified, verify_artifact_file
from plumbline.evidence.attestation import Standing
from plumbline.evidence.dsse import MEDIA_TYPE, read_envelope, sign_envelope
from plumbline.evidence.predicates import cyclonedx, slsa_provenance, test_result
from plumbline.evidence.public_keys import as_pem
from plumbline.evidence.statement import PAYLOAD_TYPE, read_statement, resource, write_statement
from plumbline.flow.artifacts.manifests import delete_manifest, find_manifest, put_manifest
from plumbline.flow.artifacts.referrers import list_referrers
from plumbline.flow.artifacts.verify import export_artifact, verify_artifact
from plumbline.kernel import PlumblineError
from plumbline.model.job import State
from plumbline.model.person import Role
from plumbline.model.report import CaseOutcome
from plumbline.model.reported import CaseName, CaseResult, ReportDetail, StoredReport, TestRunKept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow
SLSA, BOM, TESTS = slsa_provenance.TYPE, cyclonedx.TYPE, test_result.TYPE
APP = "bank/pay/app"


@pytest.fixture(params=["sqlite", "postgresql"])
def any_bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Builders]:
    address = request.getfixturevalue("postgres").database() if request.param == "postgresql" else None
    made = Builders(tmp_path, address)
    with made.server:
        yield made


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Builders]:
    made = Builders(tmp_path)
    with made.server:
        yield made


def built(bank: Builders, ref: str = "refs/tags/v1") -> str:
    """The digest of an image that a job pushed."""
    claim = bank.begin(ref)
    image = bank.push_from(claim)
    bank.end(claim, ARCHIVE, REPORT)
    return image


def statements(bank: Builders, name: str, digest: str) -> list[Any]:
    """What the registry has about a digest, as any client reads it."""
    index = json.loads(list_referrers(bank.dev, bank.artifacts, name, digest, PAYLOAD_TYPE))
    found = []
    for one in index["manifests"]:
        manifest = json.loads(find_manifest(bank.dev, bank.artifacts, name, one["digest"]).data)
        [layer] = manifest["layers"]
        assert layer["mediaType"] == MEDIA_TYPE
        envelope = read_envelope(bank.attestations.blobs.get(layer["digest"], 1 << 20))
        assert envelope.signed_by(bank.attestations.signing_key().verifier)
        said = read_statement(envelope.payload)
        assert one["annotations"] == {"in-toto.io/predicate-type": said.predicate_type}
        found.append(json.loads(envelope.payload))
    return found


def verify(bank: Builders, digest: str) -> Verified:
    return verify_artifact(bank.dev, bank.attestations, bank.pay.id, digest)


def test_a_build_of_a_tag_is_told_from_records(any_bank: Builders) -> None:
    image = built(any_bank)

    any_bank.attest()

    assert any_bank.attested() == [(SLSA, image), (BOM, image), (SLSA, ARCHIVE.digest), (BOM, ARCHIVE.digest)]
    [said, bill] = statements(any_bank, APP, image)
    assert [one["predicateType"] for one in statements(any_bank, "bank/pay", ARCHIVE.digest)] == [SLSA, BOM]
    build, run = said["predicate"]["buildDefinition"], said["predicate"]["runDetails"]
    [source, configuration, container] = build["resolvedDependencies"]
    assert said["subject"] == [{"name": APP, "digest": {"sha256": image[7:]}}]
    assert build["externalParameters"]["ref"] == "refs/tags/v1"
    assert build["externalParameters"]["configuration"] == ".gitlab-ci.yml"
    assert build["externalParameters"]["variables"] == ["TOKEN"]
    assert len(source["digest"]["gitCommit"]) == 40
    assert len(configuration["digest"]["sha256"]) == 64
    assert container == {"name": "image", "uri": "docker://registry.example/python", "digest": {"sha256": "b" * 64}}
    assert run["builder"]["id"] == any_bank.tools.units.source
    assert run["byproducts"] == [{"name": "junit/junit.xml", "digest": {"sha256": REPORT.digest[7:]}}]
    assert [one["purl"] for one in bill["predicate"]["components"]] == ["pkg:npm/a@1.0.0"]
    assert SECRET not in json.dumps([said, bill])
    assert verify(any_bank, image).result is Result.PASSED


def test_a_build_of_a_branch_tells_of_what_it_pushed_alone(bank: Builders) -> None:
    image = built(bank, "refs/heads/main")

    bank.attest()

    assert bank.attested() == [(SLSA, image), (BOM, image)]


def test_a_job_that_failed_made_nothing(bank: Builders) -> None:
    claim = bank.begin()
    bank.push_from(claim)
    bank.end(claim, ARCHIVE, state=State.FAILED)

    bank.attest()

    assert bank.attested() == []


def test_whatever_is_killed_when_all_is_said_once(any_bank: Builders) -> None:
    built(any_bank)
    for steps in (1, 2, 1, 3):
        any_bank.attest(steps)
    any_bank.attest()
    with any_bank.change() as tx:
        tx.settings.put("attested", b"0")  # as if nothing of it was known any more
    any_bank.attest()

    said = any_bank.attested()
    assert len(said) == len(set(said)) == 4


def told_tests(bank: Builders, claim: Any, outcome: str, *, skipped: bool = False, problem: str = "") -> None:
    where = {"project": bank.pay.id, "pipeline": claim.pipeline.id, "job": claim.job.id}
    with bank.change() as tx:
        report = tx.reports.add(
            StoredReport(kind="junit", name="junit.xml", holds="" if problem else "tests", problem=problem,
                         digest=digest_of(outcome.encode()), **where),
            ReportDetail(),
        )  # fmt: skip
        assert report is not None
        number = tx.tests.add_set(bank.pay.id, b"set", [CaseName(name="it works")], b"u")
        bad = outcome == "f"
        results = [CaseResult(report=report.id, case=tx.tests.sets([number])[number].cases[0],
                              outcome=CaseOutcome.FAILED)] if bad else []  # fmt: skip
        tx.tests.add_run(
            TestRunKept(report=report.id, total=1, passed=int(outcome == "p"), failed=int(bad), skipped=int(skipped),
                        cases=number, outcomes=outcome.encode(), **where),
            results,
        )  # fmt: skip


def said_of_tests(bank: Builders, outcome: str, **more: Any) -> list[Any]:
    """What is said of the image by its tests, once its pipeline has ended."""
    image = built(bank)
    claim = bank.claim()
    told_tests(bank, claim, outcome, **more)
    bank.end(claim)
    bank.attest()
    return [one["predicate"] for one in statements(bank, APP, image) if one["predicateType"] == TESTS]


def test_the_tests_of_a_pipeline_are_said_of_what_it_built(any_bank: Builders) -> None:
    [passed] = said_of_tests(any_bank, "p")

    assert passed["result"] == "PASSED"
    assert passed["configuration"] == [
        {
            "name": "junit/junit.xml",
            "digest": {"sha256": digest_of(b"p")[7:]},
            "annotations": {"cases": 1, "executed": 1, "failed": 0},
        }
    ]


def test_failures_are_named(bank: Builders) -> None:
    [failed] = said_of_tests(bank, "f")

    assert (failed["result"], failed["failedTests"]) == ("FAILED", ["it works"])


@pytest.mark.parametrize("more", [{"skipped": True}, {"problem": "malformed"}], ids=["skipped", "unreadable"])
def test_no_data_is_no_result(bank: Builders, more: dict[str, Any]) -> None:
    assert said_of_tests(bank, "s", **more) == []


def test_a_bill_that_the_job_made_goes_before_the_lock_files(bank: Builders) -> None:
    own = b'{"bomFormat":"CycloneDX","specVersion":"1.6","components":[]}'
    bank.with_tools(left=lambda _job, _kept: own)
    claim = bank.begin("refs/heads/main")
    image = bank.push_from(claim)
    bank.end(claim, ARCHIVE.__class__(kind="cyclonedx", name="bom.json", files=1, size=len(own), digest=digest_of(own)))

    bank.attest()

    assert statements(bank, APP, image)[1]["predicate"] == json.loads(own)


def test_files_that_cannot_be_read_hold_up_nothing(bank: Builders) -> None:
    def gone(_pipeline: Any) -> Any:
        raise PlumblineError("commit-gone", "gone")  # type: ignore[arg-type]

    bank.with_tools(files=gone)
    image = built(bank, "refs/heads/main")

    bank.attest()

    assert bank.attested() == [(SLSA, image)]


def attach(bank: Builders, subject: str, envelope: bytes, *, tag: str = "") -> None:
    """As somebody pushes it who is not this server."""
    bank.push_blob(envelope, APP)
    bank.push_blob(b"{}", APP)
    more = {} if tag else {"subject": part(b"x", OCI_IMAGE) | {"digest": subject}, "artifactType": "x/y"}
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": OCI_IMAGE, "config": part(b"{}", "application/vnd.oci.empty.v1+json"),
        "layers": [part(envelope, MEDIA_TYPE)], **more,
    }).encode()  # fmt: skip
    put_manifest(bank.mei, bank.artifacts, APP, tag or digest_of(manifest), "", manifest)


def test_attestations_of_others_are_found_in_every_place_and_judged_by_their_keys(bank: Builders) -> None:
    image = built(bank, "refs/heads/main")
    bank.attest()
    for tag in ("", f"sha256-{image[7:]}.att"):
        predicate = {"a": tag}
        payload = write_statement([resource(image)], "https://partner.example/scan/v1", predicate)
        attach(bank, image, sign_envelope(payload, PAYLOAD_TYPE, [OTHER]), tag=tag)
    attach(bank, image, b"nonsense")

    def standings() -> list[Standing]:
        verified = verify(bank, image)
        assert verified.result is Result.PASSED
        return [one.standing for one in verified.attestations]

    assert sorted(standings()) == ["refused", "trusted", "trusted", "unknown", "unknown"]
    word = "".join(as_pem(OTHER.verifier).splitlines()[1:-1])
    bank.set(bank.pay, artifact__trusted_keys=[f"partner {word} https://partner.example/*"])
    assert sorted(standings()) == ["refused", "trusted", "trusted", "trusted", "trusted"]
    bank.set(bank.pay, artifact__trusted_keys=[f"partner {word} https://elsewhere.example/*"])
    assert sorted(standings()) == ["refused", "refused", "refused", "trusted", "trusted"]


def test_what_is_taken_along_is_verified_with_the_key_alone(any_bank: Builders) -> None:
    image = built(any_bank)
    any_bank.attest()
    chief = any_bank.standing(any_bank.person("chief", Role.AUDITOR))

    data = b"".join(export_artifact(chief, any_bank.attestations, any_bank.pay.id, image).lines)

    key = any_bank.attestations.signing_key().verifier
    found = read_artifact_file(io.BytesIO(data))
    verified = verify_artifact_file(found, [key], bytes_digest=digest_of(found.of("manifest")[0].data))
    assert verified.result is Result.PASSED
    here = verify(any_bank, image)
    assert verified.attestations == here.attestations
    assert [(one.about, one.result) for one in verified.checks] == [(one.about, one.result) for one in here.checks]
    assert any_bank.events("ledger.exported")[-1]["subject"]["content"]["person"] == "chief"


def test_bytes_that_were_changed_in_the_store_are_noticed(bank: Builders, tmp_path: Path) -> None:
    image = built(bank)
    bank.attest()
    for path in (tmp_path / "data").rglob(image[7:]):
        path.chmod(0o600)
        path.write_bytes(path.read_bytes().replace(b"layer", b"LAYER"))

    for _ in range(2):
        verified = verify(bank, image)
        assert (verified.result, verified.checks[0].code) == (Result.FAILED, "bytes-changed")


def test_what_is_said_goes_with_what_it_is_said_of(bank: Builders) -> None:
    ahead = Ahead(bank)
    bank.set(bank.pay, registry__untagged_days=10)
    image = built(bank)
    bank.attest()

    def said() -> list[int]:
        return [len(statements(bank, "bank/pay", ARCHIVE.digest)), len(statements(bank, APP, image))]

    ahead.later(20)
    ahead.sweep()
    assert said() == [2, 2]
    with bank.change() as tx:
        for job, _ in tx.keeping.of_digest(ARCHIVE.digest, 9):
            assert tx.keeping.let_go([job], bank.now)
    delete_manifest(bank.mei, bank.artifacts, APP, image)
    ahead.sweep()
    assert said() == [0, 0]


def test_who_may_verify_and_export(bank: Builders) -> None:
    image = built(bank)
    bank.attest()

    for act, actor, code in (
        (verify_artifact, bank.stranger, "not-found"),
        (export_artifact, bank.dev, "not-allowed"),
        (export_artifact, bank.stranger, "not-found"),
    ):
        with pytest.raises(PlumblineError) as caught:
            act(actor, bank.attestations, bank.pay.id, image)
        assert caught.value.code == code
    for digest, code in ((digest_of(b"nothing"), "not-found"), ("sha256:x", "digest-invalid")):
        with pytest.raises(PlumblineError) as caught:
            verify(bank, digest)
        assert caught.value.code == code


def test_an_image_that_nobody_built_here_is_no_data(bank: Builders) -> None:
    image = bank.push("v1")

    verified = verify(bank, image)

    assert verified.result is Result.NO_DATA
    assert verified.cause is not None
    assert verified.cause.code == "no-ledger"
