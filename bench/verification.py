"""Verifying the ledger, against nothing but the SHA-256 that it takes."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from bench.measure import CommandError, Figure, against_peer, alternate
from plumbline.evidence import link, verify, write_event
from plumbline.evidence.vocabulary import Reference, cdevents_core, facts
from plumbline.model.event import NO_CHAIN, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENTRIES = 20_000


def of_entries(_scratch: Path) -> Iterator[Figure]:
    """The peer hashes what cannot be left out, with the same function, and does nothing else: the body of each entry,
    its link of the chain (80 bytes), its leaf (49) and the nodes over the leaves (65, about one for each entry). It is
    handed the numbers and times as bytes, compares nothing, and reads no JSON."""
    entries = _entries()
    records = [entry.seq.to_bytes(8, "big") + entry.received.to_bytes(8, "big") for entry in entries]

    def plain() -> None:
        chain = NO_CHAIN
        level = []
        for entry, record in zip(entries, records, strict=True):
            data = record + sha256(entry.body).digest()
            chain = sha256(chain + data).digest()
            level.append(sha256(b"\0" + data).digest())
        while len(level) > 1:
            pairs = zip(level[::2], level[1::2], strict=False)
            level = [sha256(b"\1" + left + right).digest() for left, right in pairs]

    def ours() -> None:
        report = verify(entries, [], [])
        if not report.intact or report.last != ENTRIES:
            raise CommandError(f"the ledger does not hold: {report.fault}")

    mine, peer = alternate([ours, plain], rounds=5)
    size = sum(len(entry.body) for entry in entries) / ENTRIES
    note = f"{ENTRIES / mine:,.0f} entries of {size:.0f} bytes a second, in memory, with chain, tree, columns and ids"
    yield against_peer("verification", "s", mine, peer, 1.3, "SHA-256 of bodies, links, leaves and nodes", note)


def _entries() -> list[Entry]:
    """Ends of jobs, as the server tells of them."""
    source = f"urn:plumbline:{'5f' * 8}"
    made, chain = [], NO_CHAIN
    for seq in range(1, ENTRIES + 1):
        run = f"{seq // 20:032x}"
        content = cdevents_core.TaskRunFinished(
            task_name="unit tests",
            uri=f"https://plumb.example/jobs/{seq}",
            pipeline_run=Reference(id=run, source=source),
            outcome="success",
        )
        more = facts.TaskFacts(
            attempt=1,
            stage="test",
            runner="b1e6a5d2c3f4/9a8b7c6d",
            exit_code=0,
            allowed_failure=False,
            commit="5e" * 20,
        )
        subject = f"{run}/{seq}"
        draft = write_event(content, id=f"{subject}:finished", source=source, subject=subject, time=seq, facts=more)
        chain = link(chain, seq, seq, draft.body)
        named = {name: getattr(draft, name) for name in ("source", "id", "type", "subject", "body")}
        made.append(Entry(seq=seq, received=seq, chain=chain, **named))
    return made
