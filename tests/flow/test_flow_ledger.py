"""Checkpoints, bundles, proofs and imports over a ledger in memory."""

from __future__ import annotations

import io
import itertools

import msgspec
import pytest
from tests.evidence.ledgers import KEY, OTHER, TIME, draft, node_of

from plumbline.evidence import verify_bundle, verify_consistency
from plumbline.evidence.chain import chained
from plumbline.flow.ledger.checkpoints import Head, export_ledger, make_checkpoint, prove_growth, verify_ledger
from plumbline.flow.ledger.tell_checkpoint import checkpoint_and_tell
from plumbline.kernel import PlumblineError
from plumbline.model.event import NO_CHAIN

KEYS = [KEY.verifier]


class MemoryLedger:
    """What a store does, without one."""

    def __init__(self, size=0):
        self.entries, self.notes = [], []
        self.append([draft(number) for number in range(1, size + 1)])

    def append(self, drafts):
        there = {(one.source, one.id): one.body for one in [*reversed(drafts), *self.entries]}
        if any(there[one.source, one.id] != one.body for one in drafts):
            raise PlumblineError("event-id-reused", "reused", "mend")
        found = []
        for one in drafts:
            same = self.find(one.source, one.id)
            if not same:
                size, head = self.head()
                [same] = chained(size, head, TIME, [one])
                self.entries.append(same)
            found.append(same)
        return found

    def read(self, from_seq=1, limit=None):
        return itertools.islice(self.entries, from_seq - 1, None if limit is None else from_seq - 1 + limit)

    def of_types(self, types, from_seq=1, limit=None):
        return (entry for entry in self.read(from_seq, limit) if entry.type in types)

    def size(self):
        return len(self.entries)

    def head(self):
        return (self.size(), self.entries[-1].chain) if self.entries else (0, NO_CHAIN)

    def find(self, source, id):
        return next((entry for entry in self.entries if (entry.source, entry.id) == (source, id)), None)

    def node(self, level, index):
        return node_of(self.entries)(level, index)

    def checkpoints(self):
        return list(self.notes)

    def add_checkpoint(self, checkpoint):
        self.notes.append(checkpoint)


def code_of(call, *arguments):
    with pytest.raises(PlumblineError) as caught:
        call(*arguments)
    assert caught.value.hint is not None
    return caught.value.code


def grown(*sizes):
    """A ledger with a checkpoint at each of these sizes but the last."""
    ledger = MemoryLedger()
    for size in sizes:
        ledger.append([draft(number) for number in range(ledger.size() + 1, size + 1)])
        if size != sizes[-1]:
            make_checkpoint(ledger, KEY, TIME)
    return ledger


def test_a_checkpoint_is_made_once_for_each_size():
    ledger = grown(3, 7, 9)
    first = make_checkpoint(ledger, KEY, TIME)
    assert make_checkpoint(ledger, KEY, TIME + 1) is first
    assert [found.size for found in ledger.notes] == [3, 7, 9]
    report = verify_ledger(ledger, KEYS)
    assert (report.intact, report.signed, report.checkpoints) == (True, 9, 3)


@pytest.mark.parametrize(
    "changes", [{"note": b""}, {"note": b"text"}, {"size": 7}, {"root": bytes(32)}, {"chain": bytes(32)}]
)
def test_a_note_that_was_changed_where_it_is_kept_is_not_handed_out_again(changes):
    ledger = grown(5, 8)
    ledger.notes[-1] = msgspec.structs.replace(ledger.notes[-1], **changes)
    assert code_of(make_checkpoint, ledger, KEY, TIME) == "ledger-rewritten"
    ledger.notes[-1] = make_checkpoint(grown(8), OTHER, TIME)
    ledger.notes[-1] = msgspec.structs.replace(ledger.notes[-1], origin=KEY.name)
    assert code_of(make_checkpoint, ledger, KEY, TIME) == "ledger-rewritten"


def test_nobody_vouches_for_nothing_or_for_what_was_rewritten():
    assert code_of(make_checkpoint, MemoryLedger(), KEY, TIME) == "nothing-to-sign"
    ledger = grown(5, 8)
    ledger.entries = list(chained(0, NO_CHAIN, TIME, [draft(number, "failure") for number in range(1, 9)]))
    assert code_of(make_checkpoint, ledger, KEY, TIME) == "ledger-rewritten"
    shorter = grown(5, 8)
    shorter.entries = shorter.entries[:4]
    assert code_of(make_checkpoint, shorter, KEY, TIME) == "ledger-rewritten"


def test_a_checkpoint_kept_elsewhere_shows_a_dropped_tail():
    ledger = grown(5, 9)
    kept = make_checkpoint(ledger, KEY, TIME).note
    ledger.entries, ledger.notes = ledger.entries[:6], ledger.notes[:1]
    assert verify_ledger(ledger, KEYS).intact  # what is here agrees with itself
    report = verify_ledger(ledger, KEYS, [kept])
    assert (report.fault.seq, report.fault.code) == (7, "truncated")
    assert code_of(verify_ledger, ledger, [OTHER.verifier], [kept]) == "no-known-signature"


@pytest.mark.parametrize(("first", "last"), [(1, None), (1, 3), (4, 4), (3, 8), (9, 9)])
def test_what_is_exported_proves_itself(first, last):
    ledger = grown(3, 7, 9, 12)
    file = io.BytesIO()
    count = export_ledger(ledger, file, KEY.name, first, last)
    report = verify_bundle(io.BytesIO(file.getvalue()), KEYS)
    assert (report.intact, report.first, report.last) == (True, first, last or 9)
    assert count == report.last - first + 1


def test_what_cannot_be_exported():
    assert code_of(export_ledger, MemoryLedger(3), io.BytesIO(), KEY.name) == "no-checkpoint"
    ledger = grown(3, 7)
    for first, last in ((1, 4), (3, 2), (4, None)):
        assert code_of(export_ledger, ledger, io.BytesIO(), KEY.name, first, last) == "no-entry"


def test_growth_is_proved_from_a_checkpoint_kept_elsewhere():
    ledger = grown(3, 7, 9)
    kept = ledger.notes[0].note
    growth = prove_growth(ledger, kept, KEY.verifier)
    old, new = growth.older, growth.newer
    assert (old.size, new.size) == (3, 7)
    assert verify_consistency(old.size, old.root, new.size, new.root, growth.path)
    ledger.notes = ledger.notes[:1]
    other = grown(5, 6)
    other.entries = list(chained(0, NO_CHAIN, TIME, [draft(number, "failure") for number in range(1, 7)]))
    other.notes = []
    make_checkpoint(other, KEY, TIME)
    assert code_of(prove_growth, other, kept, KEY.verifier) == "ledger-rewritten"
    assert code_of(prove_growth, MemoryLedger(3), kept, KEY.verifier) == "no-checkpoint"


def test_that_a_checkpoint_was_made_is_told_and_makes_no_other():
    ledger = grown(3)

    def look(at):
        found = verify_ledger(ledger, KEYS)
        head = Head(ledger.size(), found.chain, found.root)
        return checkpoint_and_tell(ledger, KEY, "urn:plumbline:test", TIME + at, head)

    assert look(0).size == 3
    assert [entry.type for entry in ledger.read(4)] == ["dev.cdeventsx.plumbline-ledger.checkpointed.0.1.0"]
    assert look(1) is None
    assert look(2) is None
    ledger.append([draft(9)])
    assert look(3).size == 5
    assert look(4) is None
    assert ledger.size() == 6
    assert verify_ledger(ledger, KEYS).intact
