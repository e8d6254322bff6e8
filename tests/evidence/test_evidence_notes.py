"""Signed notes and checkpoints, against the published example of the note format."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.evidence import checkpoint as checkpoints
from plumbline.evidence import notes
from plumbline.kernel import PlumblineError
from plumbline.model.event import Checkpoint

PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
NOTE = f"{TEXT}\n— PeterNeumann {SIGNATURE}\n".encode()

KEY = notes.SigningKey("ledger.example/one", bytes(range(32)))
OTHER = notes.SigningKey("witness.example", bytes(range(1, 33)))
POINT = Checkpoint(origin=KEY.name, size=3, root=bytes(range(32)), chain=bytes(32))


def code_of(call, *arguments):
    with pytest.raises(PlumblineError) as caught:
        call(*arguments)
    assert caught.value.hint is not None
    return caught.value.code


def test_the_published_example():
    assert notes.verify_note(NOTE, [notes.parse_key(PUBLIC)]).text == TEXT
    assert notes.sign_note(TEXT, [notes.parse_signing_key(PRIVATE)]) == NOTE


def test_keys_come_back_from_their_text():
    assert notes.parse_signing_key(KEY.text() + "\n") == KEY
    assert notes.parse_key(str(KEY.verifier)) == KEY.verifier
    made = notes.SigningKey.make("new")
    assert notes.parse_signing_key(made.text()) == made
    assert "seed" not in repr(made)
    assert base64.b64encode(made.seed).decode() not in repr(made)


@pytest.mark.parametrize("text", ["", "x", "a+b", "a+zz+AA==", PUBLIC[:-1], PUBLIC.replace("c74f", "c74e"), PRIVATE])
def test_what_is_not_a_public_key(text):
    assert code_of(notes.parse_key, text) == "bad-key"


@pytest.mark.parametrize("text", ["", PUBLIC, PRIVATE[:-4], PRIVATE.replace("c74f", "c74e")])
def test_what_is_not_a_private_key(text):
    assert code_of(notes.parse_signing_key, text) == "bad-key"


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n"])
def test_names_that_a_key_cannot_have(name):
    assert code_of(notes.SigningKey.make, name) == "bad-key-name"


def test_several_signatures():
    note = notes.add_signature(notes.sign_note("text\n", [KEY]), OTHER)
    for known, unknown in (([KEY], 1), ([OTHER], 1), ([KEY, OTHER], 0)):
        signed = notes.verify_note(note, [key.verifier for key in known])
        assert signed == ("text\n", tuple(key.verifier for key in known), unknown)
    assert code_of(notes.verify_note, note, []) == "no-known-signature"
    same_name = notes.SigningKey(KEY.name, bytes(32)).verifier
    assert code_of(notes.verify_note, note, [same_name]) == "no-known-signature"


def test_one_wrong_signature_of_a_known_key_spoils_the_note():
    forged = NOTE.replace(b"/ZJ", b"/ZK")
    both = notes.add_signature(forged, KEY)
    assert code_of(notes.verify_note, both, [notes.parse_key(PUBLIC), KEY.verifier]) == "bad-signature"
    assert notes.verify_note(both, [KEY.verifier]).unknown == 1


@given(st.integers(0, len(NOTE) - 1), st.integers(0, 7))
def test_no_bit_of_a_note_can_change(place, bit):
    changed = bytearray(NOTE)
    changed[place] ^= 1 << bit
    assert code_of(notes.verify_note, bytes(changed), [notes.parse_key(PUBLIC)]) in {
        "bad-note",
        "bad-signature",
        "no-known-signature",
    }


@pytest.mark.parametrize("note", [b"", b"text\n", b"text\n\n", b"\xff\n\n", NOTE[:-1], NOTE + b"\n", b"\t" + NOTE])
def test_what_is_not_a_note(note):
    assert code_of(notes.verify_note, note, [KEY.verifier]) == "bad-note"


def test_a_checkpoint_comes_back():
    signed = checkpoints.sign_checkpoint(POINT, [KEY, OTHER])
    assert signed.note.startswith(b"ledger.example/one\n3\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nchain AAAA")
    assert checkpoints.read_checkpoint(signed.note, [KEY.verifier]) == signed
    assert checkpoints.claimed_checkpoint(signed.note) == signed


@pytest.mark.parametrize(
    ("old", "new"),
    [("\n3\n", "\n03\n"), ("\n3\n", "\n-3\n"), ("\n3\n", "\n\n3\n"), ("chain ", "other "), ("AAEC", "AAE"), ("3", "x")],
)
def test_what_is_not_a_checkpoint(old, new):
    text = checkpoints.checkpoint_text(POINT).replace(old, new, 1)
    assert code_of(checkpoints.read_checkpoint, notes.sign_note(text, [KEY]), [KEY.verifier]) == "bad-checkpoint"
