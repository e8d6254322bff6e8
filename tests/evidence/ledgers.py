"""Small ledgers for tests, made as a store makes them."""

from __future__ import annotations

from plumbline.evidence import MerkleTree, Sender, SigningKey, record, sent_by, sign_checkpoint, write_event
from plumbline.evidence.chain import chained
from plumbline.evidence.merkle import leaf_hashes
from plumbline.evidence.vocabulary import cdevents_core
from plumbline.model.event import NO_CHAIN, Checkpoint

KEY = SigningKey("ledger.example", bytes(range(32)))
OTHER = SigningKey("other.example", bytes(range(1, 33)))
SENDER = Sender(source="scanner", address="192.0.2.7", delivery="sha256:" + "ab" * 32)  # of every third
TIME = 1_760_000_000_000_000


def draft(number, word="success"):
    content = cdevents_core.TaskRunFinished(task_name=f"任务 {number}", outcome=word)
    told = write_event(
        content, id=f"id-{number}", source="/plumbline/test", subject=f"run/{number}", time=TIME + number
    )
    return told if number % 3 else sent_by(told, SENDER)


def ledger(size):
    return list(chained(0, NO_CHAIN, TIME, [draft(number) for number in range(1, size + 1)]))


def tree_of(entries):
    tree = MerkleTree()
    tree.extend(leaf_hashes(record(entry.seq, entry.received, entry.body, entry.sender) for entry in entries))
    return tree


def checkpoint(entries, size, *keys):
    """As it is made when the ledger has this size."""
    said = Checkpoint(
        origin=KEY.name,
        size=size,
        root=tree_of(entries[:size]).root,
        chain=entries[size - 1].chain if size else NO_CHAIN,
    )
    return sign_checkpoint(said, keys or (KEY,))


def node_of(entries):
    """The Merkle subtrees of a ledger, as a store answers for them."""
    leaves = leaf_hashes(record(entry.seq, entry.received, entry.body, entry.sender) for entry in entries)

    def node(level, index):
        tree = MerkleTree()
        tree.extend(leaves[index << level : (index + 1) << level])
        assert tree.size == 1 << level
        return tree.root

    return node
