"""A statement about a run verifies where it is what the server stated, and nowhere else."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evidence.ledgers import KEY, OTHER
from tests.evidence.stated import DIGEST, Told

from plumbline.evidence import SigningKey
from plumbline.evidence.attestations import resource, sign_envelope, slsa_provenance, write_statement
from plumbline.evidence.predicate import predicate_of
from plumbline.evidence.rotation import write_rotation
from plumbline.evidence.run_statements import TYPE, Cited, Result, Run, verify_run
from plumbline.evidence.statement import PAYLOAD_TYPE
from plumbline.kernel import PlumblineError
from plumbline.model.contract import SlotState

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = [KEY.verifier]
STATES = [state.value for state in SlotState if state is not SlotState.OPEN]
NEW = SigningKey("ledger.example", bytes(range(7, 39)))


def codes(data: bytes, keys: Any = KEYS) -> set[str]:
    found = verify_run(data, keys)
    assert (found.result is Result.PASSED) == (found.cause is None)
    return {one.code for one in found.checks if one.result is Result.FAILED}


@pytest.fixture(scope="module")
def told() -> Told:
    return Told()


def test_a_whole_file_verifies_and_says_what_did_not_happen(told: Told) -> None:
    found = verify_run(told.file(), KEYS)
    assert found.result is Result.PASSED, found.cause
    assert all(one.result is Result.PASSED for one in found.checks)
    assert found.run is not None
    assert (found.run.complete, found.run.lacking) == (False, ("line-1",))
    assert found.subjects == (DIGEST, f"gitCommit:{'c' * 40}")


def test_the_envelope_alone_verifies_and_says_that_the_entries_are_not_with_it(told: Told) -> None:
    found = verify_run(told.envelope, KEYS)
    assert found.result is Result.PASSED
    assert [(one.about, one.code) for one in found.checks if one.result is Result.NO_DATA] == [
        ("entries", "no-entries")
    ]


def test_without_a_key_nothing_is_verified(told: Told) -> None:
    with pytest.raises(PlumblineError) as caught:
        verify_run(told.envelope, [])
    assert caught.value.code == "no-key"


@given(st.lists(st.sampled_from(STATES), min_size=1, max_size=9))
@settings(max_examples=25, deadline=None)
def test_every_due_slot_is_in_exactly_one_state_and_each_id_is_in_the_range(states: list[str]) -> None:
    """E4 and E6: it verifies offline, and dropping, doubling or moving anything of it is found even where it is
    signed."""
    told = Told(states)
    found = verify_run(told.file(), KEYS)
    assert found.result is Result.PASSED, found.cause
    run = found.run
    assert run is not None
    assert sorted(one.need for one in run.slots) == sorted(one.id for one in run.contract.due)
    assert all(run.ledger.first <= one.entry <= run.ledger.last for one in run.ledger.entries)
    assert {one.entry for one in run.cited} <= {one.entry for one in run.ledger.entries}

    def signed(**changed: Any) -> set[str]:
        return codes(told.sign(msgspec.structs.replace(run, **changed)))

    assert "slot-missing" in signed(slots=run.slots[1:])
    assert "slot-twice" in signed(slots=(*run.slots, run.slots[0]))
    assert "slot-undue" in signed(contract=msgspec.structs.replace(run.contract, due=run.contract.due[1:]))
    assert "sum-wrong" in signed(complete=not run.complete)
    for proved in run.ledger.entries:
        left = tuple(one for one in run.ledger.entries if one is not proved)
        assert "entry-uncited" in signed(ledger=msgspec.structs.replace(run.ledger, entries=left))


def _slot(run: Run, **changed: Any) -> Run:
    return msgspec.structs.replace(run, slots=(msgspec.structs.replace(run.slots[0], **changed), *run.slots[1:]))


def _ledger(run: Run, **changed: Any) -> Run:
    return msgspec.structs.replace(run, ledger=msgspec.structs.replace(run.ledger, **changed))


def _entry(run: Run, **changed: Any) -> Run:
    first = msgspec.structs.replace(run.ledger.entries[0], **changed)
    return _ledger(run, entries=(first, *run.ledger.entries[1:]))


WRONG: list[tuple[str, Callable[[Run], Run]]] = [
    ("state-impossible", lambda run: _slot(run, state="open")),
    ("state-impossible", lambda run: _slot(run, state="excellent")),
    ("state-impossible", lambda run: _slot(run, evidence=())),
    ("state-impossible", lambda run: _slot(run, state="waived")),
    ("state-impossible", lambda run: _slot(run, state="missing")),
    ("state-impossible", lambda run: _slot(run, word="")),
    ("slot-undue", lambda run: _slot(run, id="another")),
    ("slot-undue", lambda run: _slot(run, need="another")),
    ("entry-uncited", lambda run: _slot(run, evidence=(Cited(entry=6, id="another"),))),
    ("entry-uncited", lambda run: _slot(run, evidence=(Cited(entry=9, id=run.slots[0].evidence[0].id),))),
    ("range-impossible", lambda run: _ledger(run, first=run.ledger.last + 1)),
    ("range-impossible", lambda run: _ledger(run, size=run.ledger.size + 1)),
    ("entry-outside", lambda run: _ledger(run, first=run.ledger.entries[0].entry + 1)),
    ("entry-unproved", lambda run: _ledger(run, root="ab" * 32)),
    ("entry-unproved", lambda run: _ledger(run, root="no hash")),
    ("entry-unproved", lambda run: _entry(run, leaf="ab" * 32)),
    ("entry-unproved", lambda run: _entry(run, path=())),
    ("entry-twice", lambda run: _ledger(run, entries=(*run.ledger.entries, run.ledger.entries[0]))),
    ("entry-uncited", lambda run: _ledger(run, entries=run.ledger.entries[:-1])),
    ("other-ledger", lambda run: _ledger(run, origin="other.example")),
    ("sum-wrong", lambda run: msgspec.structs.replace(run, lacking=())),
]


@pytest.mark.parametrize(("code", "change"), WRONG)
def test_what_is_signed_and_cannot_be_is_refused(told: Told, code: str, change: Callable[[Run], Run]) -> None:
    found = codes(told.sign(change(told.run)))
    assert code in found, found


def test_a_line_due_once_has_one_slot_and_one_for_each_artifact_may_have_more(told: Told) -> None:
    run = told.run
    more = tuple(
        msgspec.structs.replace(run.slots[1], id=f"line-1:{name}", subject=name) for name in ("sha256:a", "sha256:b")
    )
    slots = (run.slots[0], *more, run.slots[2])
    twice = msgspec.structs.replace(run, slots=slots, lacking=tuple(one.id for one in more))
    assert codes(told.sign(twice)) == {"slot-undue"}
    due = tuple(
        msgspec.structs.replace(one, each=True, of="artifact") if one.id == "line-1" else one
        for one in run.contract.due
    )
    each = msgspec.structs.replace(twice, contract=msgspec.structs.replace(run.contract, due=due))
    assert codes(told.sign(each)) == set()


def test_another_key_and_another_type_are_refused(told: Told) -> None:
    assert codes(told.envelope, [OTHER.verifier]) == {"key-unknown"}
    assert codes(told.sign(told.run, OTHER)) == {"key-unknown"}
    assert codes(told.sign(told.run, OTHER), [OTHER.verifier]) == {"other-ledger"}
    other = sign_envelope(write_statement([resource(DIGEST)], slsa_provenance.TYPE, {}), PAYLOAD_TYPE, [KEY])
    assert codes(other) == {"not-a-run"}
    assert codes(sign_envelope(write_statement([resource(DIGEST)], TYPE, {}), PAYLOAD_TYPE, [KEY])) == {"not-a-run"}
    assert codes(sign_envelope(b"{}", "text/plain", [KEY])) == {"payload-type"}
    assert codes(sign_envelope(b"{}", PAYLOAD_TYPE, [KEY])) == {"not-a-statement"}
    assert codes(b"") == codes(b"[]") == {"not-an-envelope"}


def test_the_entries_with_it_have_to_be_those(told: Told) -> None:
    assert codes(told.file(told=False)) == {"not-in-ledger"}
    assert codes(told.file(foreign=True)) == {"not-in-ledger"}
    cited = told.run.slots[0].evidence[0].entry
    assert codes(told.file(left_out=(cited,))) == {"entry-missing"}
    assert codes(told.file(keys=(OTHER,))) == {"ledger-broken"}
    other = Told(("filled", "filled", "waived"))  # another run, closed otherwise
    assert "ledger-disagrees" in codes(other.file(told.envelope))
    renamed = told.sign(_slot_named(told.run))
    assert codes(told.file(renamed)) == {"entry-differs"}


def _slot_named(run: Run) -> Run:
    """Signed with the name of another event: only the entry itself tells."""
    first = run.slots[0].evidence[0]
    entries = tuple(
        msgspec.structs.replace(one, id="another") if one.entry == first.entry else one for one in run.ledger.entries
    )
    named = _slot(run, evidence=(Cited(entry=first.entry, id="another"), *run.slots[0].evidence[1:]))
    return _ledger(named, entries=entries)


def test_a_key_counts_until_another_one_followed_it(told: Told) -> None:
    """The statement and the entry that tells of it came before: it verifies by either key. One that an old key signed
    of a later ledger does not."""
    later, early = write_rotation(KEY, NEW, told.size + 2), write_rotation(KEY, NEW, told.size - 1)
    for key in (KEY, NEW):
        assert codes(told.file(keys=(NEW,), rotations=(later,)), [key.verifier]) == set()
        assert "key-retired" in codes(told.file(keys=(NEW,), rotations=(early,)), [key.verifier])
    between = write_rotation(
        KEY, NEW, told.size
    )  # it covers the closing, and not the entry that tells of the statement
    assert codes(told.file(keys=(NEW,), rotations=(between,)), [NEW.verifier]) == {"key-retired"}


def test_any_changed_byte_is_refused(told: Told) -> None:
    """600 changes of one byte, in the envelope and in the file."""
    rand = random.Random(15)
    for data, times in ((told.envelope, 300), (told.file(), 300)):
        for _ in range(times):
            place = rand.randrange(len(data))
            other = rand.choice([one for one in range(256) if one != data[place]])
            changed = data[:place] + bytes([other]) + data[place + 1 :]
            assert codes(changed), (place, data[place], other)
    assert codes(told.envelope[:-1])
    assert codes(told.envelope + b"\n") == {"not-as-written"}


def test_base64_in_the_other_alphabet_is_not_as_it_was_written(told: Told) -> None:
    payload = msgspec.json.decode(told.envelope)["payload"]
    other = payload.replace("+", "-").replace("/", "_")
    changed = told.envelope.replace(payload.encode(), other.encode())
    assert (codes(changed) == {"not-as-written"}) == (other != payload)


def test_its_lines_say_what_is_lacking(told: Told) -> None:
    part = predicate_of(TYPE)
    assert part is not None
    said = [(str(line.name), line.value) for line in part.look(msgspec.json.encode(told.run))]
    assert ("Not filled", "line-1") in said
