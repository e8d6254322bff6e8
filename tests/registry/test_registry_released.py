"""Whose word says that an artifact is released: this server's, and that of a source of its project or above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plumbline.evidence import Sender, write_event, write_sender
from plumbline.evidence.vocabulary import own_delivery as own
from plumbline.flow.artifacts.evidence_of import record_of
from plumbline.model.artifact import Artifact, Kind
from plumbline.model.event import Entry

if TYPE_CHECKING:
    from tests.registry.registry_world import Bank

DIGEST = f"sha256:{'a' * 64}"


def released(source: str, sender: Sender | None) -> Entry:
    said = own.ReleaseReleased(version="1", artifacts=(DIGEST,))
    draft = write_event(said, id="1", source=source, subject="1", time=1)
    return Entry(
        seq=7, source=source, id="1", type=own.ReleaseReleased.TYPE, subject="1", received=1, body=draft.body,
        chain=b"", sender=write_sender(sender) if sender else b"",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sender", "counts"),
    [
        (Sender(source="releases", scope="bank/pay"), True),
        (Sender(source="releases", scope="bank"), True),
        (Sender(source="releases", scope="bank/other"), False),
        (Sender(source="releases", scope="bank/pa"), False),
        (Sender(source="releases"), False),
        (Sender(person="mei", scope="bank/pay"), False),
        (None, False),
    ],
)
def test_who_may_say_that_it_is_released(bank: Bank, sender: Sender | None, *, counts: bool) -> None:
    artifact = Artifact(project=bank.pay.id, repository="bank/pay", kind=Kind.OCI, digest=DIGEST, size=1)
    with bank.view() as tx:
        found = record_of(tx, artifact, [released("https://releases.example/", sender)])
    assert bool(found.released) is counts


def test_this_server_may(bank: Bank) -> None:
    artifact = Artifact(project=bank.pay.id, repository="bank/pay", kind=Kind.OCI, digest=DIGEST, size=1)
    with bank.view() as tx:
        assert record_of(tx, artifact, [released(bank.server.server.source, None)]).released == (7,)
