"""Whether an artifact is what it is said to be: the precise cause of whatever is wrong."""

from __future__ import annotations

import random

import msgspec
import pytest
from tests.evidence import attested as made
from tests.evidence.attested import DIGEST, OTHER_DIGEST, attested, provenance, sbom, told
from tests.evidence.ledgers import KEY, OTHER, SENDER

from plumbline.evidence import SigningKey, sent_by
from plumbline.evidence.artifact_file import Piece
from plumbline.evidence.artifact_verifying import Result, Verified, verify_artifact_file
from plumbline.evidence.attestation import Standing, TrustedKey
from plumbline.evidence.predicates import cyclonedx, slsa_provenance
from plumbline.evidence.public_keys import as_pem, parse_public_key
from plumbline.evidence.rotation import write_rotation
from plumbline.kernel import PlumblineError

KEYS = [KEY.verifier]
SLSA, BOM = slsa_provenance.TYPE, cyclonedx.TYPE
PARTNER = TrustedKey(name="partner", key=parse_public_key(as_pem(OTHER.verifier)))


def verify(found: object, keys: object = KEYS, **more: object) -> Verified:
    more.setdefault("bytes_digest", DIGEST)
    return verify_artifact_file(found, keys, **more)  # type: ignore[arg-type]


def cause(verified: Verified) -> str:
    assert verified.cause is not None
    return verified.cause.code


def test_all_is_well() -> None:
    verified = verify(made.read(made.written(made.whole())))

    assert verified.result is Result.PASSED
    assert verified.cause is None
    assert [(one.about, one.result, one.entry) for one in verified.checks] == [
        ("bytes", Result.PASSED, 0),
        ("ledger", Result.PASSED, 0),
        ("attestation", Result.PASSED, 3),
        ("attestation", Result.PASSED, 4),
        ("provenance", Result.PASSED, 3),
    ]


def test_without_the_bytes_their_digest_alone_is_verified_and_that_is_said() -> None:
    verified = verify(made.whole(), bytes_digest=None)

    assert verified.result is Result.PASSED
    assert verified.checks[0].code == "no-bytes"


def test_one_changed_byte_of_the_artifact() -> None:
    assert cause(verify(made.whole(), bytes_digest=OTHER_DIGEST)) == "bytes-changed"


def test_a_file_about_another_artifact() -> None:
    assert cause(verify(made.whole(), digest=OTHER_DIGEST)) == "other-artifact"


def test_a_foreign_key() -> None:
    found = made.with_pieces(made.whole(), attested(provenance(OTHER)), made.ledger_piece([]))

    verified = verify(found)

    assert verified.result is Result.NO_DATA
    assert cause(verified) == "key-unknown"
    assert verified.attestations[0].standing is Standing.UNKNOWN


def test_a_foreign_ledger() -> None:
    assert cause(verify(made.whole(), [OTHER.verifier])) == "ledger-broken"


def test_a_missing_ledger_entry() -> None:
    assert cause(verify(made.whole(left_out=[3]))) == "not-in-ledger"
    assert cause(verify(made.whole(left_out=[4]))) == "not-in-ledger"


def test_no_ledger_at_all() -> None:
    found = made.whole()

    assert cause(verify(made.with_pieces(found, *found.pieces[:2]))) == "not-in-ledger"


def test_an_attestation_of_another_digest() -> None:
    other = provenance(digest=OTHER_DIGEST)
    ledger = made.ledger_piece([told(1, other, SLSA, subject=OTHER_DIGEST)])

    assert cause(verify(made.with_pieces(made.whole(), attested(other), ledger))) == "other-digest"


def test_a_recorded_attestation_that_is_not_there() -> None:
    found = made.whole()

    verified = verify(made.with_pieces(found, found.pieces[0], found.pieces[2]))

    assert (cause(verified), verified.cause and verified.cause.entry) == ("attestation-missing", 4)


def written_anew(envelope: bytes) -> bytes:
    """As cosign does with an envelope that it attaches: the same payload and signature, in other bytes."""
    return msgspec.json.format(envelope, indent=1)


def test_a_copy_of_what_is_in_the_ledger_changes_nothing() -> None:
    verified = verify(made.whole(None, attested(written_anew(provenance()))))

    assert verified.result is Result.PASSED
    assert [one.entry for one in verified.attestations] == [3, 4, 3]


def test_a_copy_alone_is_not_in_the_ledger() -> None:
    found = made.whole()
    pieces = (attested(written_anew(provenance())), *found.pieces[1:])

    assert cause(verify(made.with_pieces(found, *pieces))) == "not-in-ledger"


def test_what_a_tool_told_is_not_the_server_s_own_word() -> None:
    by_tool = sent_by(told(1, provenance(), SLSA, source="/a/tool"), SENDER)

    assert cause(verify(made.whole([by_tool, told(2, sbom(), BOM)]))) == "not-in-ledger"


def test_a_ledger_that_says_something_else() -> None:
    drafts = [told(1, provenance(), BOM), told(2, sbom(), BOM)]

    assert cause(verify(made.whole(drafts))) == "ledger-disagrees"


def test_a_predicate_that_is_not_of_its_type() -> None:
    wrong = made.envelope(SLSA, made.SBOM)
    drafts = [told(1, wrong, SLSA)]

    found = made.with_pieces(made.whole(), attested(wrong), made.ledger_piece(drafts))

    assert cause(verify(found)) == "predicate-malformed"


def test_nothing_said_is_no_data_and_never_a_pass() -> None:
    verified = verify(made.with_pieces(made.whole(), made.ledger_piece([])))

    assert (verified.result, cause(verified)) == (Result.NO_DATA, "no-provenance")


def test_a_key_that_was_followed_vouches_for_what_it_signed_before() -> None:
    new = SigningKey(KEY.name, bytes([9]) * 32)

    for size, expected in ((4, Result.PASSED), (3, Result.FAILED)):
        note = write_rotation(KEY, new, size)
        found = made.whole(keys=[new], rotations=[note])
        for key in (new, KEY):
            verified = verify(found, [key.verifier])
            assert verified.result is expected
            if expected is Result.FAILED:
                assert cause(verified) == "key-retired"


def test_others_are_judged_each_by_its_key_and_hide_nothing() -> None:
    strangers = [attested(sbom(OTHER)), attested(b"{}"), attested(b"\xff"), attested(sbom(SigningKey("x", bytes(32))))]
    found = made.with_pieces(made.whole(), *strangers, *made.whole().pieces)

    verified = verify(found, others=[PARTNER])

    assert verified.result is Result.PASSED
    assert [(one.standing, one.key) for one in verified.attestations] == [
        (Standing.TRUSTED, "partner"),
        (Standing.REFUSED, ""),
        (Standing.REFUSED, ""),
        (Standing.UNKNOWN, ""),
        (Standing.TRUSTED, KEY.name),
        (Standing.TRUSTED, KEY.name),
    ]


def test_a_known_key_says_only_what_it_may() -> None:
    scanner = msgspec.structs.replace(PARTNER, may_say=("https://spdx.dev/*",))
    found = made.with_pieces(made.whole(), attested(provenance(OTHER)), made.ledger_piece([]))

    assert cause(verify(found, others=[scanner])) == "key-may-not"
    assert verify(found, others=[PARTNER]).result is Result.PASSED


def test_any_changed_byte_of_the_file_is_noticed() -> None:
    good = made.written(made.whole())
    chance = random.Random(14)  # noqa: S311 - not for secrets
    for at in chance.sample(range(len(good)), 400):
        changed = bytearray(good)
        changed[at] ^= chance.randrange(1, 256)
        with pytest.raises(PlumblineError) as caught:
            made.read(bytes(changed))
        assert caught.value.code in ("not-an-artifact-file", "piece-changed", "file-changed")


def test_any_changed_byte_of_a_piece_is_noticed_though_the_file_is_sealed_anew() -> None:
    found = made.whole()
    chance = random.Random(15)  # noqa: S311 - not for secrets
    causes = set()
    for number, piece in enumerate(found.pieces):
        for at in chance.sample(range(len(piece.data)), 150):
            changed = bytearray(piece.data)
            changed[at] ^= chance.randrange(1, 256)
            pieces = list(found.pieces)
            pieces[number] = Piece(kind=piece.kind, data=bytes(changed), type=piece.type)
            verified = verify(made.read(made.written(made.with_pieces(found, *pieces))))
            assert verified.result is Result.FAILED
            causes.add((piece.kind, cause(verified)))
    assert causes <= {
        ("attestation", "signature-wrong"),
        ("attestation", "not-an-envelope"),
        ("attestation", "not-in-ledger"),
        ("attestation", "attestation-missing"),
        ("attestation", "key-unknown"),
        ("ledger", "ledger-broken"),
        ("ledger", "not-in-ledger"),
    }
    assert ("attestation", "signature-wrong") in causes
    assert ("ledger", "ledger-broken") in causes
