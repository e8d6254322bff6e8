"""One key of the ledger follows another: whoever has one of them may believe the others, and nobody more."""

from __future__ import annotations

import io

import pytest
from tests.evidence.ledgers import checkpoint, ledger

from plumbline.evidence import SigningKey, read_checkpoint, verify, verify_bundle
from plumbline.evidence.bundle import write_bundle
from plumbline.evidence.notes import sign_note
from plumbline.evidence.rotation import read_rotation, with_rotations, write_rotation
from plumbline.kernel import PlumblineError

FIRST, SECOND, THIRD = (SigningKey("plumbline-test", bytes([number]) * 32) for number in (1, 2, 3))
EVIL = SigningKey("plumbline-test", bytes([66]) * 32)
CHAIN = [write_rotation(FIRST, SECOND, 4), write_rotation(SECOND, THIRD, 8)]
ENTRIES = ledger(12)


def keys_of(key, notes=CHAIN):
    return {known.public: known.until for known in with_rotations([key.verifier], notes)}


def test_from_any_key_to_all_of_its_line():
    wanted = {FIRST.verifier.public: 4, SECOND.verifier.public: 8, THIRD.verifier.public: 0}
    for key in (FIRST, SECOND, THIRD):
        assert keys_of(key) == wanted
        assert keys_of(key, CHAIN[::-1]) == wanted
    assert keys_of(EVIL) == {EVIL.verifier.public: 0}
    assert keys_of(THIRD, [b"nonsense", CHAIN[1][:-9]]) == {THIRD.verifier.public: 0}


def test_a_retired_key_that_was_stolen_makes_no_new_one():
    stolen = [*CHAIN, write_rotation(FIRST, EVIL, 4), write_rotation(SECOND, EVIL, 8)]
    assert EVIL.verifier.public not in keys_of(THIRD, stolen)
    assert keys_of(THIRD, stolen) == keys_of(THIRD)
    assert keys_of(FIRST, stolen) == {FIRST.verifier.public: 0}  # two say that they follow: neither is believed


def test_both_have_to_sign():
    text = CHAIN[0].decode().partition("\n\n")[0] + "\n"
    for keys in ([FIRST], [SECOND], [FIRST, EVIL]):
        with pytest.raises(PlumblineError) as caught:
            read_rotation(sign_note(text, keys))
        assert caught.value.code == "bad-rotation"
    assert read_rotation(CHAIN[0]).size == 4
    for wrong in ((FIRST, FIRST), (FIRST, SigningKey("another", bytes(32)))):
        with pytest.raises(ValueError, match="followed"):
            write_rotation(*wrong, 4)


def test_checkpoints_of_all_keys_hold_up_to_where_each_was_followed():
    points = [checkpoint(ENTRIES, 3, FIRST), checkpoint(ENTRIES, 8, SECOND), checkpoint(ENTRIES, 12, THIRD)]
    for key in (FIRST, SECOND, THIRD):
        report = verify(ENTRIES, points, with_rotations([key.verifier], CHAIN))
        assert (report.intact, report.signed, report.checkpoints, report.notes) == (True, 12, 3, ())
    late = checkpoint(ENTRIES, 5, FIRST)
    with pytest.raises(PlumblineError) as caught:
        read_checkpoint(late.note, with_rotations([THIRD.verifier], CHAIN))
    assert caught.value.code == "no-known-signature"


def test_a_bundle_brings_along_which_key_followed_which():
    def bundle(rotations):
        file = io.BytesIO()
        write_bundle(file, ENTRIES, [checkpoint(ENTRIES, 12, THIRD)], last=12, rotations=rotations)
        return file.getvalue()

    assert b"rotations" not in bundle([])
    assert verify_bundle(io.BytesIO(bundle(CHAIN)), [FIRST.verifier]).intact
    assert not verify_bundle(io.BytesIO(bundle([])), [FIRST.verifier]).intact
    assert not verify_bundle(io.BytesIO(bundle(CHAIN)), [EVIL.verifier]).intact
