"""What a server says of itself: whether it is ready, what it refused, and what it found broken."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec

from plumbline.adapters.store.schema import REVISION
from plumbline.evidence import write_event
from plumbline.evidence.vocabulary import own_platform
from plumbline.kernel import PlumblineError, t
from plumbline.model.health import Check, Health
from plumbline.wiring.moment import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.adapters.store import Store
    from plumbline.flow.people.refusals import Refusal
    from plumbline.model.event import EventDraft

_log = logging.getLogger(__name__)


def readiness_of(store: Store) -> Sequence[Check]:
    """The store answers, its tables are today's, and the ledger's end can be read."""
    try:
        revision, size = store.revision(), store.ledger.size()
    except PlumblineError as error:
        return [Check(name="store", health=Health.PROBLEM, message=error.message, cure=error.hint)]
    good = revision == REVISION
    return [
        Check(
            name="store",
            health=Health.OK if good else Health.PROBLEM,
            message=t("The tables have revision {revision}.", revision=revision or "-"),
            cure=None if good else t("Run the version of Plumbline that these tables belong to."),
        ),
        Check(name="ledger", health=Health.OK, message=t("The ledger has {count} entries.", count=size)),
    ]


def record(store: Store, draft: EventDraft) -> None:
    store.ledger.append([draft])


def corrupted(store: Store, source: str, digest: str) -> None:
    """Tell everybody; that the ledger could not be told must not hide it from whoever reads the bytes."""
    _log.error("a stored artifact has other bytes by now", extra={"fields": {"digest": digest}})
    draft = write_event(
        own_platform.StorageCorrupted(digest=digest), id=new_id(), source=source, subject=digest, time=store.clock()
    )
    try:
        record(store, draft)
    except PlumblineError as error:
        _log.error("the ledger could not be told: %s", error.message, extra={"fields": error.fields})


def refusal_event(refusal: Refusal, source: str, at: int) -> EventDraft:
    content = own_platform.AccessRefused(
        permission=refusal.operation or "several",
        reason=refusal.code,
        person=refusal.person or msgspec.UNSET,
        address=refusal.address or msgspec.UNSET,
    )
    subject = refusal.person or refusal.address or "unknown"
    facts = {"times": refusal.times}
    return write_event(content, id=new_id(), source=source, subject=subject, time=at, facts=facts)
