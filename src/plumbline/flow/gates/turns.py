"""What gates do by themselves: judge anew whatever the ledger tells of, announce the end of waivers, end them.

1. What is due follows from the ledger: from the entry after the last one that was dealt with. That number goes on with
   what an entry asked for, so whatever is killed when, nothing is left out; the same judgement twice is one.
2. A pipeline that ended is judged when what it made was attested, or nobody attested it for a while: a policy that asks
   for bills of materials would find none before.
3. Several servers may do this at once.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from plumbline.evidence.origin import OWN, word_of
from plumbline.evidence.vocabulary import cdevents_core as core
from plumbline.evidence.vocabulary import own_delivery, own_gates
from plumbline.flow.dealt_with import dealt_with, went_on
from plumbline.flow.gates.due import Due, due_of
from plumbline.flow.gates.evaluate import busy, conclude, prepare
from plumbline.flow.gates.subjects import collection_of
from plumbline.kernel import ErrorKind, PlumblineError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.flow.gates.tools import GateTools
    from plumbline.model.event import Entry

_UPTO = "gates.upto"  # setting: number of the last entry that was dealt with
ATTESTED = "attested"  # that of whoever attests builds
TYPES = (
    core.PipelineRunFinished.TYPE,
    core.ChangeCreated.TYPE,
    core.ChangeUpdated.TYPE,
    core.ChangeReviewed.TYPE,
    own_delivery.FindingDecided.TYPE,
    own_gates.CollectionClosed.TYPE,
    own_gates.WaiverDecided.TYPE,
    own_gates.WaiverEnded.TYPE,
    own_gates.RuleSetSaved.TYPE,
    own_gates.RuleSetRetired.TYPE,
)
_AT_ONCE = 100  # entries that are looked at in one go
_PATIENCE = 120_000_000  # microseconds that a pipeline waits for its attestations
_TRIES = 3
_log = logging.getLogger(__name__)


def judge_due(tools: GateTools) -> Iterator[None]:
    """Whatever is due, little at each step. PlumblineErrors of the store: it is tried again then."""
    while entries := list(tools.ledger.of_types(TYPES, dealt_with(tools.units.store, _UPTO) + 1, _AT_ONCE)):
        for entry in entries:
            if _waits(tools, entry):
                return
            for due in due_of(tools, entry) if _counts(entry) else ():
                _judge(tools, due)
                yield
            went_on(tools.units.store, _UPTO, entry.seq)
        yield


def _counts(entry: Entry) -> bool:
    word = word_of(entry.source, entry.sender)
    return word == OWN or word.startswith("forge:")


def _waits(tools: GateTools, entry: Entry) -> bool:
    if entry.type != core.PipelineRunFinished.TYPE or tools.units.clock() - entry.received > _PATIENCE:
        return False
    with tools.units.store.view() as tx:
        return tools.attests and int(tx.settings.get(ATTESTED) or 0) < entry.seq


def _judge(tools: GateTools, due: Due) -> None:
    try:
        for _ in range(_TRIES):
            prepared = prepare(tools, due.project, due.act, due.subjects)
            with tools.units.store.view() as tx:  # without a policy, what is due may be told all the same
                due_there = collection_of(tx, due.project, prepared.subjects, due.act) is not None
            if not prepared.policies and not due_there:
                return
            with tools.units.store.change() as tx:
                if conclude(tx, tools.units.writer(), tools, prepared, quiet=not due_there) is not None:
                    return
        raise busy()  # it stays due
    except PlumblineError as error:
        if error.kind is ErrorKind.ENVIRONMENT:
            raise
        _log.warning("%s", error.message, extra={"fields": error.fields})
