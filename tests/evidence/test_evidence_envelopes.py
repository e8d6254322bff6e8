"""Envelopes, statements and keys: what is taken, and what is refused in words."""

from __future__ import annotations

import base64
import json
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.attested import DIGEST, PROVENANCE, SBOM, provenance
from tests.evidence.ledgers import KEY, OTHER

from plumbline.evidence.attestation import Known, Standing, TrustedKey, judge
from plumbline.evidence.dsse import pae, read_envelope, sign_envelope
from plumbline.evidence.predicate import predicate_of, predicates
from plumbline.evidence.predicates import slsa_provenance, test_result
from plumbline.evidence.public_keys import as_pem, parse_public_key
from plumbline.evidence.sigstore_bundle import MEDIA_TYPE, is_bundle, read_bundle
from plumbline.evidence.statement import PAYLOAD_TYPE, read_statement, resource, write_statement
from plumbline.kernel import PlumblineError

STATEMENT = write_statement([resource(DIGEST)], slsa_provenance.TYPE, PROVENANCE)


def test_what_is_signed_is_what_the_specification_says() -> None:
    signed = pae("http://example.com/HelloWorld", b"hello world")

    assert signed == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"  # the example of DSSE's protocol.md


def test_a_round_trip() -> None:
    envelope = read_envelope(sign_envelope(STATEMENT, PAYLOAD_TYPE, [KEY]))

    assert envelope.signed_by(KEY.verifier)
    assert not envelope.signed_by(OTHER.verifier)
    assert read_statement(envelope.payload).digests == (DIGEST,)


@given(payload=st.binary(max_size=200), kind=st.text(max_size=20))
def test_any_payload_and_type_come_back(payload: bytes, kind: str) -> None:
    envelope = read_envelope(sign_envelope(payload, kind, [KEY, OTHER]))

    assert (envelope.payload, envelope.payload_type) == (payload, kind)
    assert envelope.signed_by(OTHER.verifier)


def _changed(**fields: Any) -> bytes:
    return json.dumps({**json.loads(provenance()), **fields}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"[" * 100_000,
        _changed(payload="a"),
        _changed(payload=7),
        _changed(signatures=[]),
        _changed(signatures=[{"sig": "AA=="}] * 101),
        _changed(signatures=[{"sig": "*"}]),
        provenance().replace(b'{"payload"', b'{"payload":"", "payload"', 1),
    ],
)
def test_what_is_no_envelope(data: bytes) -> None:
    with pytest.raises(PlumblineError) as caught:
        read_envelope(data)
    assert caught.value.code == "not-an-envelope"


@pytest.mark.parametrize(
    "payload",
    [
        b"{}",
        b"null",
        b"[" * 100_000,
        STATEMENT.replace(b"Statement/v1", b"Statement/v9"),
        STATEMENT.replace(b'"digest":{', b'"nothing":{'),
        STATEMENT.replace(b'"predicateType"', b'"predicateType":"x","predicateType"', 1),
        write_statement([], slsa_provenance.TYPE, PROVENANCE),
    ],
)
def test_what_is_no_statement(payload: bytes) -> None:
    with pytest.raises(PlumblineError) as caught:
        read_statement(payload)
    assert caught.value.code == "not-a-statement"


def _cosign_like(curve: ec.EllipticCurve) -> tuple[str, bytes]:
    """A public key, and an envelope as cosign signs one."""
    key = ec.generate_private_key(curve)
    signature = key.sign(pae(PAYLOAD_TYPE, STATEMENT), ec.ECDSA(hashes.SHA256()))
    envelope = {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(STATEMENT).decode(),
        "signatures": [{"keyid": "", "sig": base64.b64encode(signature).decode()}],
    }
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return pem, json.dumps(envelope).encode()


def test_a_key_as_cosign_makes_it() -> None:
    pem, envelope = _cosign_like(ec.SECP256R1())
    known = Known(others=(TrustedKey(name="cosign", key=parse_public_key(pem)),))

    assert judge(envelope, DIGEST, known).standing is Standing.TRUSTED


def test_the_envelope_inside_a_bundle_of_sigstore() -> None:
    pem, envelope = _cosign_like(ec.SECP256R1())
    bundle = {"mediaType": MEDIA_TYPE, "verificationMaterial": {"publicKey": {"hint": "x"}},
              "dsseEnvelope": json.loads(envelope)}  # fmt: skip
    data = json.dumps(bundle).encode()
    known = Known(others=(TrustedKey(name="cosign", key=parse_public_key(pem)),))

    assert is_bundle(data)
    assert not is_bundle(envelope)
    assert read_bundle(data) == read_envelope(envelope)
    assert judge(data, DIGEST, known).standing is Standing.TRUSTED
    assert judge(json.dumps({"mediaType": MEDIA_TYPE}).encode(), DIGEST, known).code == "not-an-envelope"


def test_our_key_in_pem_verifies_what_it_signed() -> None:
    assert read_envelope(provenance()).signed_by(parse_public_key(as_pem(KEY.verifier)))


def _pem_of_rsa() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    "text",
    ["", "x", as_pem(KEY.verifier)[:60], "-----BEGIN PRIVATE KEY-----\n", _pem_of_rsa()],
    ids=["empty", "nonsense", "cut", "private", "RSA"],
)
def test_what_is_no_key_that_can_be_used(text: str) -> None:
    with pytest.raises(PlumblineError) as caught:
        parse_public_key(text)
    assert caught.value.code == "bad-key"


def test_a_kind_of_predicate_that_is_not_known_says_nothing_and_is_no_fault() -> None:
    payload = write_statement([resource(DIGEST)], "https://example.org/own/v1", {"a": 1})
    known = Known(others=(TrustedKey(name="o", key=parse_public_key(as_pem(OTHER.verifier))),))

    judged = judge(sign_envelope(payload, PAYLOAD_TYPE, [OTHER]), DIGEST, known)

    assert (judged.standing, judged.says, judged.predicate) == (Standing.TRUSTED, (), "https://example.org/own/v1")


def test_only_three_results_of_tests_are_results() -> None:
    part = predicate_of(test_result.TYPE)
    assert part is not None
    assert part.look(b'{"result":"PASSED","configuration":[]}')[0].value == "PASSED"
    for wrong in (b'{"result":"SKIPPED","configuration":[]}', b'{"configuration":[]}', b"{}", b"[" * 100_000):
        with pytest.raises((msgspec.DecodeError, ValueError)):
            part.look(wrong)


def test_every_kind_looks_at_its_own_and_refuses_others() -> None:
    own = {"slsa_provenance": msgspec.json.encode(PROVENANCE), "cyclonedx": msgspec.json.encode(SBOM)}
    for name, part in predicates().items():
        assert part.types[0].startswith(("https://", "urn:plumbline:"))
        assert predicate_of(part.types[-1]) is part
        for other, data in own.items():
            if other == name:
                assert part.look(data)
            else:
                with pytest.raises((msgspec.DecodeError, ValueError)):
                    part.look(data)
