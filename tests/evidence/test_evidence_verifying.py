"""Whatever is done to a ledger or a bundle is found, and the right entry named."""

from __future__ import annotations

import contextlib
import io
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evidence.ledgers import KEY, OTHER, TIME, checkpoint, draft, ledger, node_of

from plumbline.evidence import (
    Sender,
    Start,
    frontier_at,
    read_sender,
    spans,
    verify,
    verify_bundle,
    write_sender,
)
from plumbline.evidence.bundle import write_bundle
from plumbline.evidence.chain import chained
from plumbline.kernel import PlumblineError
from plumbline.model.event import NO_CHAIN, Checkpoint

KEYS = [KEY.verifier]
WHOLE = ledger(20)
POINTS = [checkpoint(WHOLE, 8), checkpoint(WHOLE, 20)]
replace = msgspec.structs.replace


def fault(entries, points=(), keys=(), **options):
    report = verify(entries, points, keys, **options)
    assert not report.intact
    return (report.fault.seq, report.fault.code) if report.fault else None


def rewritten(entries, place, body):
    """A forger's work: one body changed, and everything after it chained anew."""
    drafts = [replace(draft(entry.seq), body=entry.body) for entry in entries]
    drafts[place] = replace(drafts[place], body=body)
    return list(chained(0, NO_CHAIN, TIME, drafts))


def test_an_untouched_ledger():
    report = verify(WHOLE, POINTS, KEYS)
    assert report.intact
    assert (report.first, report.last, report.signed, report.checkpoints) == (1, 20, 20, 2)
    assert (report.chain, report.root) == (WHOLE[-1].chain, POINTS[-1].root)
    assert report.notes == ()


def test_more_than_a_batch():
    entries = ledger(4100)
    assert verify(entries, [checkpoint(entries, 2000), checkpoint(entries, 4099)], KEYS).signed == 4099
    broken = [*entries[:3000], replace(entries[3000], received=1), *entries[3001:]]
    assert fault(broken) == (3001, "changed")


@pytest.mark.parametrize("place", [3, 4])  # one that names its sender, one that names none
@pytest.mark.parametrize("sender", [b"", b'{"source":"other"}', b"x"])
def test_who_sent_an_entry_is_part_of_it(place, sender):
    entry = WHOLE[place - 1]
    changed = [*WHOLE[: place - 1], replace(entry, sender=sender), *WHOLE[place:]]
    if sender == entry.sender:
        assert verify(changed, POINTS, KEYS).intact
    else:
        assert fault(changed, POINTS, KEYS) == (place, "changed")


def test_a_sender_written_and_read():
    said = Sender(source="扫描", person="li", token="t1", address="::1", delivery="sha256:0", scope="a/b", door="http")
    assert read_sender(write_sender(said)) == said
    assert write_sender(Sender(person="li")) == b'{"person":"li"}'
    for nobody in (b"", b"{", b"[]", b'{"source":1}', b"\xff", b"[" * 100_000):
        assert read_sender(nobody) == Sender()


@pytest.mark.parametrize("keys", [[], KEYS])
def test_nothing_is_never_a_pass(keys):
    report = verify([], [], keys)
    assert (report.outcome, report.intact) == ("nothing to verify", False)
    assert fault([], POINTS, keys) == (1, "truncated")


def below(frames, act):
    return act() if not frames else below(frames - 1, act)


@pytest.mark.parametrize("frames", [1, 700])
@pytest.mark.parametrize("depth", [500, 20_000])
def test_how_deep_a_body_is_nested_does_not_decide_whether_it_holds(frames, depth):
    """Such a body is not taken in any more; ledgers may have some."""
    given = draft(1)
    deep = replace(
        given, body=given.body[:-1] + b',"customData":{"project":"a","x":' + b"[" * depth + b"]" * depth + b"}}"
    )
    entries = list(chained(0, NO_CHAIN, TIME, [draft(0), deep, draft(2)]))
    point, file = checkpoint(entries, 3), io.BytesIO()
    assert below(frames, lambda: verify(entries, [point], KEYS)).intact
    write_bundle(file, entries, [point], last=3)
    file.seek(0)
    assert below(frames, lambda: verify_bundle(file, KEYS)).intact
    assert below(frames, lambda: fault([entries[0], replace(entries[1], subject="other")])) == (2, "columns")


def test_what_nobody_signed_is_told():
    report = verify(WHOLE, POINTS[:1], KEYS)
    assert report.intact
    assert "12 entries after entry 8" in str(report.notes[0])
    assert fault(WHOLE, POINTS[:1], KEYS, must_be_signed=True) == (9, "unsigned")
    without_key = verify(WHOLE, POINTS, [])
    assert (without_key.intact, without_key.signed, without_key.checkpoints) == (True, 0, 0)
    assert "not checked" in str(without_key.notes[0])


BYTES = st.integers(0, 19), st.data()


@settings(deadline=None)
@given(*BYTES)
def test_every_changed_bit_of_an_entry(place, data):
    field = data.draw(st.sampled_from(["body", "chain", "received", "source", "id", "type", "subject"]))
    entry = WHOLE[place]
    old = getattr(entry, field)
    if isinstance(old, int):
        new = old ^ (1 << data.draw(st.integers(0, 62)))
    elif isinstance(old, str):
        at = data.draw(st.integers(0, len(old) - 1))
        new = old[:at] + chr(ord(old[at]) ^ (1 << data.draw(st.integers(0, 6)))) + old[at + 1 :]
    else:
        changed = bytearray(old)
        changed[data.draw(st.integers(0, len(old) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        new = bytes(changed)
    entries = [*WHOLE[:place], replace(entry, **{field: new}), *WHOLE[place + 1 :]]
    code = "columns" if isinstance(old, str) else "chain" if field == "chain" and place < 19 else "changed"
    assert fault(entries, POINTS, KEYS) == (place + 1, code)
    assert fault(entries) == (place + 1, code)


@given(st.integers(0, 19))
def test_dropped_doubled_and_impossible(place):
    if place < 19:
        assert fault(WHOLE[:place] + WHOLE[place + 1 :]) == (place + 1, "gap")
    doubled = [*WHOLE[: place + 1], *WHOLE[place:]]
    assert fault(doubled) == (place + 2, "order")
    for wrong in ({"received": -1}, {"received": None}, {"body": "text"}, {"chain": "text"}, {"received": 1 << 64}):
        entries = [*WHOLE[:place], replace(WHOLE[place], **wrong), *WHOLE[place + 1 :]]
        assert fault(entries) == (place + 1, "form")
    follows_nothing = [*WHOLE[:2], replace(WHOLE[2], received=5), replace(WHOLE[3], body="text")]
    assert fault(follows_nothing) == (3, "changed")


@given(st.integers(0, 19), st.integers(0, 19))
def test_swapped(one, other):
    if one == other:
        return
    entries = list(WHOLE)
    entries[one], entries[other] = entries[other], entries[one]
    assert fault(entries)[0] == min(one, other) + 1
    renumbered = [replace(entry, seq=seq) for seq, entry in enumerate(entries, 1)]
    assert fault(renumbered)[0] == min(one, other) + 1


@given(st.integers(1, 20))
def test_a_dropped_tail_is_seen_by_a_checkpoint(count):
    assert fault(WHOLE[:-count], POINTS, KEYS)[1] == "truncated"
    assert fault(WHOLE[:-count], POINTS, KEYS)[0] == 21 - count


def test_an_appended_entry():
    copied = replace(WHOLE[3], seq=21)
    assert fault([*WHOLE, copied], POINTS, KEYS)[0] == 21
    again = list(chained(0, NO_CHAIN, TIME, [draft(number) for number in (1, 2, 3, 2)]))
    assert fault(again) == (4, "duplicate")
    one_more = ledger(21)
    assert fault(one_more, POINTS, KEYS, must_be_signed=True) == (21, "unsigned")


@given(st.integers(0, 19))
def test_a_forger_who_chains_anew_is_caught_by_the_signature(place):
    forged = rewritten(WHOLE, place, WHOLE[place].body.replace(b"success", b"failure"))
    assert verify(forged, [], []).intact  # nothing outside vouches for it
    assert fault(forged, POINTS, KEYS) == (1 if place < 8 else 9, "root")


def test_a_body_that_is_no_event():
    assert fault(rewritten(WHOLE, 4, b"{}")) == (5, "body")


def test_checkpoints_that_are_not_to_be_believed():
    forged = replace(POINTS[1], note=POINTS[1].note.replace(b"chain ", b"chain"))
    assert fault(WHOLE, [forged], KEYS) == (20, "checkpoint")
    other_size = replace(POINTS[1], size=19)
    assert fault(WHOLE, [other_size], KEYS) == (19, "checkpoint")
    stranger = checkpoint(WHOLE, 20, OTHER)
    assert fault(WHOLE, [stranger], KEYS) == (0, "unsigned")
    report = verify(WHOLE, [POINTS[0], stranger], KEYS)
    assert (report.intact, report.signed) == (True, 8)
    lie = checkpoint(rewritten(WHOLE, 0, WHOLE[1].body), 20)
    assert fault(WHOLE, [POINTS[0], lie], KEYS) == (9, "root")


def bundle(first=1, last=20, points=POINTS):
    file = io.BytesIO()
    node = node_of(WHOLE)
    start = Start(
        size=first - 1, chain=WHOLE[first - 2].chain if first > 1 else NO_CHAIN, frontier=frontier_at(first - 1, node)
    )
    beyond = [(level, node(level, index)) for level, index in spans(last, points[-1].size)]
    size = write_bundle(file, WHOLE[first - 1 : last], points, last=last, start=start, beyond=beyond)
    assert size == len(file.getvalue())
    return file.getvalue()


BUNDLE = bundle()
ONE = bundle(5, 5)


def checked(data, keys=KEYS):
    return verify_bundle(io.BytesIO(data), keys)


def test_a_bundle_is_verified_with_a_key_from_elsewhere():
    assert bundle() == BUNDLE
    report = checked(BUNDLE)
    assert (report.intact, report.first, report.last, report.signed) == (True, 1, 20, 20)
    assert checked(BUNDLE, [OTHER.verifier]).fault.code == "unsigned"
    with pytest.raises(PlumblineError) as caught:
        checked(BUNDLE, [])
    assert caught.value.code == "no-key"


@pytest.mark.parametrize(("first", "last"), [(1, 1), (1, 13), (5, 5), (7, 19), (20, 20), (9, 16), (8, 9), (9, 20)])
def test_a_piece_proves_itself(first, last):
    report = checked(bundle(first, last))
    assert (report.intact, report.first, report.last, report.signed) == (True, first, last, 20)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from([BUNDLE, ONE]), st.data())
def test_no_bit_of_a_bundle_can_change(whole, data):
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    line = whole[:place].count(b"\n")
    first, last = (1, 20) if whole is BUNDLE else (5, 5)
    if line == 0:
        with contextlib.suppress(PlumblineError):  # not a bundle
            assert not checked(bytes(changed)).intact
        return
    report = checked(bytes(changed))
    assert not report.intact
    if 1 <= line <= last - first + 1:
        assert report.fault.seq == first + line - 1


@given(st.integers(0, len(BUNDLE) - 1))
def test_a_bundle_that_was_cut(length):
    if length <= BUNDLE.index(b"\n"):
        if length < BUNDLE.index(b"\n"):
            with pytest.raises(PlumblineError):
                checked(BUNDLE[:length])
        return
    report = checked(BUNDLE[:length])
    assert not report.intact
    if length < BUNDLE.rindex(b'{"sha256"'):
        assert report.fault.seq == BUNDLE[:length].count(b"\n")


def resealed(lines):
    from hashlib import sha256

    body = b"".join(line + b"\n" for line in lines)
    return body + json.dumps({"sha256": sha256(body).hexdigest()}, separators=(",", ":")).encode() + b"\n"


def test_a_bundle_that_was_made_anew_without_the_key():
    lines = BUNDLE.splitlines()[:-1]
    assert checked(resealed(lines)).intact
    manifest = json.loads(lines[0])
    shorter = [json.dumps({**manifest, "last": 18}).encode(), *lines[1:19]]
    assert checked(resealed(shorter)).fault.seq == 19
    empty = [json.dumps({**manifest, "last": 0}).encode()]
    assert checked(resealed(empty)).fault.code == "truncated"
    nothing = [json.dumps({**manifest, "last": 0, "checkpoints": []}).encode()]
    assert checked(resealed(nothing)).outcome == "nothing to verify"
    unsigned = [json.dumps({**manifest, "checkpoints": []}).encode(), *lines[1:]]
    assert (checked(resealed(unsigned)).fault.seq, checked(resealed(unsigned)).fault.code) == (1, "unsigned")
    assert checked(BUNDLE + b"x").fault.code == "seal"


def test_a_key_inside_is_not_used():
    lines = BUNDLE.splitlines()[:-1]
    manifest = {**json.loads(lines[0]), "keys": [str(OTHER.verifier)]}
    report = checked(resealed([json.dumps(manifest).encode(), *lines[1:]]))
    assert report.intact
    assert "not used" in str(report.notes[0])


def test_sizes_that_nobody_can_hold():
    lines = BUNDLE.splitlines()[:-1]
    manifest = json.loads(lines[0])
    for change in ({"right": [[10**9, "00" * 32]]}, {"right": [[-1, "00"]]}, {"last": 10**30}, {"first": 0}):
        with pytest.raises(PlumblineError):
            checked(resealed([json.dumps({**manifest, **change}).encode(), *lines[1:]]))
    wrong = json.dumps({**manifest, "left": ["00"]}).encode()
    assert checked(resealed([wrong, *lines[1:]])).fault.code == "proof"


@pytest.mark.parametrize("data", [b"", b"x", b"{}\n", b"\xff\n", b'{"format":"other/1"}\n'])
def test_what_is_not_a_bundle(data):
    with pytest.raises(PlumblineError) as caught:
        checked(data)
    assert caught.value.code == "not-a-bundle"


def test_a_broken_ledger_is_not_exported():
    for entries in (WHOLE[:5] + WHOLE[6:], WHOLE[:4], [*WHOLE[:3], replace(WHOLE[3], body=b"\xff"), *WHOLE[4:]]):
        with pytest.raises(PlumblineError) as caught:
            write_bundle(io.BytesIO(), entries, POINTS, last=20)
        assert caught.value.code == "ledger-broken"


def test_a_checkpoint_without_a_note_is_not_one():
    assert fault(WHOLE, [Checkpoint(origin="x", size=3, root=b"", chain=b"")], KEYS) == (3, "checkpoint")


def test_a_checkpoint_that_is_stored_as_text_is_a_fault():
    kept = replace(POINTS[1], note=POINTS[1].note.decode())
    assert fault(WHOLE, [kept], KEYS) == (20, "checkpoint")


@pytest.mark.parametrize(
    ("place", "old", "new"),
    [
        (0, b'"first":1', b'"first":7,"first":1'),
        (0, b'"checkpoints":', b'"checkpoints":[],"checkpoints":'),
        (4, b'"seq":4', b'"seq":9,"seq":4'),
        (4, b'"seq":4', b'"seq":4,"seq":4'),
        (4, b'"body":', b'"body":"{}","body":'),
        (4, b'"chain":', b'"\\u0063hain":"00","chain":'),
    ],
)
def test_no_line_of_a_bundle_says_a_name_twice(place, old, new):
    lines = BUNDLE.splitlines()[:-1]
    assert old in lines[place]
    lines[place] = lines[place].replace(old, new, 1)
    if place == 0:
        with pytest.raises(PlumblineError) as caught:
            checked(resealed(lines))
        assert caught.value.code == "not-a-bundle"
    else:
        report = checked(resealed(lines))
        assert (report.fault.seq, report.fault.code) == (4, "unreadable")
