"""The server's own desk: the ledger, and the whole of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import Permission
from plumbline.evidence import Outcome
from plumbline.flow.ledger.find_entries import find_entries
from plumbline.flow.ledger.prove_entry import entry_at, prove_entry
from plumbline.flow.ledger.verify_onwards import last_verification
from plumbline.flow.ledger.view_ledger import verify_newest
from plumbline.flow.search import resolve
from plumbline.flow.service import ServerTools
from plumbline.kernel import t
from plumbline.model.tree import INSTANCE
from plumbline.web.desk import LedgerState, Proof
from plumbline.web.desk_base import DeskBase, not_found
from plumbline.web.desk_people import PeopleDesk
from plumbline.web.desk_pipelines import PipelinesDesk
from plumbline.web.desk_schedules import SchedulesDesk
from plumbline.web.desk_tree import TreeDesk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.ledger.find_entries import Search
    from plumbline.flow.search import Found
    from plumbline.model.event import EntryFilter
    from plumbline.web.desk import Visitor

_VERIFIED = 200  # entries recomputed for the page


class LedgerDesk(DeskBase):
    def head(self) -> int:
        return self._tools.ledger.size()

    def ledger(self, visitor: Visitor) -> LedgerState:
        self._may_read(visitor)
        ledger = self._tools.ledger
        report, kept = verify_newest(ledger, _VERIFIED), last_verification(self._tools.store)
        made = ledger.checkpoints()
        return LedgerState(
            size=ledger.size(),
            checkpoint=made[-1] if made else None,
            verified=report.last - report.first + 1 if report.first else 0,
            broken=Outcome.BROKEN in (report.outcome, kept.outcome),
            fault=(report.fault.seq if report.fault else 0) or kept.fault,
            held=kept.size,
            looked=kept.at,
        )

    def entries(
        self, visitor: Visitor, wanted: EntryFilter, text: str, limit: int, *, before: int, part: bool
    ) -> Search:
        self._may_read(visitor)
        return find_entries(self._tools.ledger, wanted, text, limit, before=before, part=part)

    def entry_types(self, visitor: Visitor) -> Sequence[str]:
        self._may_read(visitor)
        return self._tools.ledger.types()

    def proof(self, visitor: Visitor, seq: int) -> Proof:
        self._may_read(visitor)
        ledger = self._tools.ledger
        entry = entry_at(ledger, seq)
        if entry is None:
            raise not_found(t("There is no entry {seq}.", seq=seq))
        covering = [made for made in ledger.checkpoints() if made.size >= seq]
        return Proof(entry, ledger.size(), prove_entry(ledger, entry), covering[-1] if covering else None)

    def _may_read(self, visitor: Visitor) -> None:
        with self._tools.store.view() as tx:
            self._require(tx, visitor, Permission.LEDGER_READ, INSTANCE)


class ServerDesk(PeopleDesk, TreeDesk, PipelinesDesk, SchedulesDesk, LedgerDesk):
    """The whole desk over the server's tools."""

    def resolve(self, visitor: Visitor, text: str) -> Sequence[Found]:
        return resolve(visitor.standing, self._tools.service.ledger, text)


def server_desk(tools: ServerTools, url: str = "") -> ServerDesk:
    return ServerDesk(tools, url)
