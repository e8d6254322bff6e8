"""What assessments, statements and exemptions may touch, and how they read the ledger about a node and add to it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.access import allowed
from plumbline.evidence import write_event
from plumbline.evidence.origin import types_of
from plumbline.flow.assessments.as_called_now import filed, moves_among
from plumbline.flow.assessments.assess import Selector, seen_of
from plumbline.kernel import ErrorKind, PlumblineError
from plumbline.model.event import EntryText
from plumbline.model.tree import is_within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plumbline.access import UseCase
    from plumbline.evidence import Content, SigningKey
    from plumbline.flow.event_writer import EventWriter
    from plumbline.flow.unit_of_work import UnitOfWork, Units
    from plumbline.kernel import Text
    from plumbline.maturity import PackFile
    from plumbline.model.event import EventDraft
    from plumbline.model.moves import Moves
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.tree import Node
    from plumbline.trace import Seen


@dataclass(frozen=True, slots=True)
class AssessmentTools:
    """What these flows may touch."""

    units: Units
    ledger: Ledger
    signing_key: Callable[[], SigningKey | None]
    shipped: Callable[[], tuple[str, ...]]
    load_pack: Callable[[str], PackFile]
    keep_pack: Callable[[PackFile], None]
    kept_pack: Callable[[str], PackFile | None]  # by digest
    keep_file: Callable[[bytes], str]  # gives its digest
    file: Callable[[str], bytes | None]
    refresh: Callable[[str], None] = lambda _: None  # bring what the repositories tell into the ledger
    forge_tells: Callable[[str], frozenset[str]] = lambda _: (
        frozenset()
    )  # the kinds of event that a kind of forge tells


class ScopedEvent(msgspec.Struct, frozen=True, gc=False):
    entry: EntryText
    seen: Seen
    scope_path: str  # of the node that it is about


class Standing(NamedTuple):
    """What may be about every node, of the first ``size`` entries: read once, however many nodes are looked at; and the
    names that nodes had."""

    size: int
    events: tuple[ScopedEvent, ...]
    moves: Moves


def read_standing(ledger: Ledger, size: int) -> Standing:
    told = takewhile(lambda one: one.seq <= size, ledger.of_types(types_of(Selector.ANYWHERE)))
    entries = [EntryText(one.seq, one.received, one.body, one.sender) for one in told]
    read = [(one, seen) for one in entries if (seen := seen_of(one.body, one.sender, one.received)) is not None]
    moves = moves_among((one.seq, seen) for one, seen in read)
    return Standing(
        size, tuple(ScopedEvent(one, *filed(seen, one.sender, one.seq, moves)) for one, seen in read), moves
    )


def scoped_events(ledger: Ledger, path: str, upto: int, standing: Standing | None = None) -> Iterator[ScopedEvent]:
    """Those about a node, about what is below it and about the nodes above it, and those that may be about every node
    (see :class:`Selector`), in the order of the ledger up to an entry, all under the names that nodes have then. What
    is no event is left out. ``standing``: as of that entry; None: it is read."""
    standing = standing or read_standing(ledger, upto)
    everywhere, moves = iter(standing.events), standing.moves
    coming, last = next(everywhere, None), 0
    for entry in ledger.of_scope(path, upto, moves):
        while coming is not None and coming.entry.seq <= entry.seq:
            last = coming.entry.seq
            yield coming
            coming = next(everywhere, None)
        if entry.seq != last and (found := _scoped(entry, moves)) is not None:
            yield found
    if coming is not None:
        yield coming
        yield from everywhere


def _scoped(entry: EntryText, moves: Moves) -> ScopedEvent | None:
    seen = seen_of(entry.body, entry.sender, entry.received)
    return None if seen is None else ScopedEvent(entry, *filed(seen, entry.sender, entry.seq, moves))


def record_about(
    tx: Transaction, writer: EventWriter, path: str, subject: str, content: Content, id_: str = ""
) -> EventDraft:
    """Tell the ledger something about a node, with this transaction. ``id_``: of what is told once; empty: a new one.
    ValueError where the content is not as its type says."""
    draft = write_event(
        content, id=id_ or writer.new_id(), source=writer.source, subject=subject, time=writer.now, project=path
    )
    tx.record(draft)
    return draft


def require_where_it_stands(unit: UnitOfWork, use_case: UseCase, lists: UseCase, node: int, path: str) -> bool:
    """Whether what stands at the node ``path`` shows at ``node``: there, above it or below it. Where it stands decides
    who may, not where it shows; who may see that it shows at another node holds ``lists`` there.

    Raises PlumblineError as :meth:`UnitOfWork.require` does.
    """
    at = unit.tx.tree.at(path) if path else None
    if at is None or at.id != node:
        here = unit.require(lists, node)[0].path
        if at is None or not (is_within(path, here) or is_within(here, path)):
            return False
    unit.require(use_case, at.id)
    return True


def nodes_where(unit: UnitOfWork, use_case: UseCase) -> list[Node]:
    """The nodes at which the actor may do it, parents first."""
    assert use_case.permission is not None
    every = unit.tx.tree.all()
    inside = allowed(unit.actor, use_case.permission, every)
    return [node for node in every if node.id in inside]


def refused(code: str, message: Text, hint: Text | None = None) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.REFUSED)
