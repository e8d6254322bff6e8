"""Cosignatures and what a witness is asked, held against the published texts by other means than our own."""

from __future__ import annotations

import base64
import struct
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.evidence.ledgers import KEY, checkpoint, ledger

from plumbline.evidence import VerifyingKey, note_text, parse_key, parse_signing_key, read_checkpoint, verify
from plumbline.evidence.cosignature import (
    WitnessSigner,
    cosignatures,
    parse_witness_key,
    parse_witness_signer,
    with_cosignatures,
)
from plumbline.evidence.witnessed import with_witnesses
from plumbline.evidence.witnessing import read_request, read_size, tree_head, write_request
from plumbline.kernel import PlumblineError

SEED = bytes(range(32))
WITNESS = WitnessSigner("witness.example/w1", SEED)
OTHER = WitnessSigner("witness.example/w2", bytes(32))
ENTRIES = ledger(9)
POINT = checkpoint(ENTRIES, 9)
# As the specification prints it.
PUBLISHED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE"
    "+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe"
    "+mbIUBkBIfZ+qnA==\n"
).encode()


def by_hand(name: str, seed: bytes, text: str, seconds: int) -> bytes:
    """A cosignature line, made from the words of the specification alone."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    key_id = sha256(name.encode() + b"\n\x04" + key.public_key().public_bytes_raw()).digest()[:4]
    signature = key.sign(b"cosignature/v1\ntime " + str(seconds).encode() + b"\n" + text.encode())
    data = key_id + struct.pack(">Q", seconds) + signature
    return f"— {name} {base64.b64encode(data).decode()}\n".encode()


def code_of(act, *arguments):
    with pytest.raises(PlumblineError) as caught:
        act(*arguments)
    return caught.value.code


@pytest.mark.parametrize("seconds", [0, 1, 1_679_315_147, (1 << 63) - 1])
def test_a_line_is_what_the_specification_says(seconds):
    text = note_text(POINT.note)
    assert WITNESS.cosign(text, seconds) == by_hand(WITNESS.name, SEED, text, seconds)
    note = with_cosignatures(POINT.note, by_hand(WITNESS.name, SEED, text, seconds), [WITNESS.verifier])
    assert [(one.by, one.at) for one in cosignatures(note, [WITNESS.verifier, OTHER.verifier])] == [
        (WITNESS.verifier, seconds)
    ]
    assert read_checkpoint(note, [KEY.verifier]).size == 9  # a stranger's signature hinders nobody


def test_the_published_example_has_its_form():
    """Its public key is not printed; its time is."""
    assert tree_head(PUBLISHED)[:2] == ("example.com/behind-the-sofa", 20_852_163)
    data = base64.b64decode(PUBLISHED.split()[-1])
    assert (len(data), struct.unpack(">Q", data[4:12])) == (4 + 8 + 64, (1_679_315_147,))
    assert cosignatures(PUBLISHED, [WITNESS.verifier]) == []


def test_keys_of_witnesses_are_no_keys_of_ledgers():
    text = str(WITNESS.verifier)
    assert parse_witness_key(text) == WITNESS.verifier
    assert parse_witness_signer(WITNESS.text()) == WITNESS
    assert base64.b64decode(text.split("+", 2)[2])[0] == 4
    assert SEED.hex() not in repr(WITNESS)
    same = VerifyingKey(WITNESS.name, WITNESS.verifier.public)
    assert same.id != WITNESS.verifier.id
    for act, given in (
        (parse_key, text), (parse_signing_key, WITNESS.text()), (parse_witness_key, str(same)),
        (parse_witness_key, WITNESS.text()), (parse_witness_key, text[:-2] + "A="), (parse_witness_signer, text),
    ):  # fmt: skip
        assert code_of(act, given) == "bad-key"


def test_a_cosignature_of_another_text_or_time_is_wrong():
    text = note_text(POINT.note)
    for line in (
        by_hand(WITNESS.name, SEED, text + "more\n", 5),
        by_hand(WITNESS.name, bytes(32), text, 5),
        by_hand(WITNESS.name, SEED, text, 1 << 63),
    ):
        assert with_cosignatures(POINT.note, line, [WITNESS.verifier]) == POINT.note
    good = by_hand(WITNESS.name, SEED, text, 5)
    later = bytearray(base64.b64decode(good.split()[-1]))
    later[11] += 1
    forged = POINT.note + f"— {WITNESS.name} {base64.b64encode(bytes(later)).decode()}\n".encode()
    assert code_of(cosignatures, forged, [WITNESS.verifier]) == "bad-signature"
    answer = b"nonsense\n" + by_hand(OTHER.name, bytes(32), text, 5) + good + good + b"\xff\n"
    assert with_cosignatures(POINT.note, answer, [WITNESS.verifier]) == POINT.note + good


@pytest.mark.parametrize("path", [(), (bytes(32),), tuple(bytes([n]) * 32 for n in range(63))])
def test_a_request_is_read_as_it_was_written(path):
    body = write_request(7, path, POINT.note)
    assert read_request(body) == (7, path, POINT.note)
    assert body.split(b"\n")[0] == b"old 7"
    head = tree_head(POINT.note)
    assert (head.origin, head.size, head.root) == (KEY.name, 9, POINT.root)


_HASH = base64.b64encode(bytes(32)) + b"\n"


@pytest.mark.parametrize(
    "head",
    [b"", b"old\n", b"old -1\n", b"old 07\n", b"old  7\n", b"old 7 \n", b"OLD 7\n", b"old 99999999999999999999\n",
     b"old 7\nAAAA\n", b"old 7\n" + _HASH[:-2] + b"\n", b"old 7\n" + 64 * _HASH, b"old \xd9\xa7\n",
     b"old 7\n" + base64.b64encode(bytes(31)) + b"\n"],
)  # fmt: skip
def test_a_request_of_another_form_is_refused(head):
    assert code_of(read_request, head + b"\n" + POINT.note) == "witness-request-wrong"
    assert code_of(tree_head, b"x\n1\nAAAA\n\n" + POINT.note.split(b"\n\n")[1]) == "witness-request-wrong"


def test_the_size_that_a_witness_says_it_knows():
    assert [read_size(body) for body in (b"7\n", b"0\n", b"07\n", b"", b"x\n", b"\xff")] == [
        7,
        0,
        None,
        None,
        None,
        None,
    ]


def test_verification_says_who_cosigned_and_demands_it():
    text = note_text(POINT.note)
    note = POINT.note + by_hand(WITNESS.name, SEED, text, 5)
    report = verify(ENTRIES, [POINT], [KEY.verifier])
    told = with_witnesses(report, [POINT.note, note], [KEY.verifier], [WITNESS.verifier])
    assert [(one.by.name, one.size, one.at) for one in told.cosigned] == [(WITNESS.name, 9, 5)]
    assert told.intact
    missing = with_witnesses(report, [note], [KEY.verifier], [], [OTHER.verifier])
    assert (missing.intact, missing.fault.code) == (False, "not-cosigned")
    unknown = with_witnesses(report, [note], [KEY.verifier], [])
    assert WITNESS.name in str(unknown.notes[-1])
    broken = POINT.note + by_hand(WITNESS.name, SEED, "else\n", 5)
    assert with_witnesses(report, [broken], [KEY.verifier], [WITNESS.verifier]).fault.code == "cosignature"
