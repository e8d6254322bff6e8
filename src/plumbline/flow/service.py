"""What the server's flows about people, their tree and the ledger are handed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from plumbline.evidence import VerifyingKey
from plumbline.flow.assessments.tools import AssessmentTools
from plumbline.flow.event_writer import EventWriter
from plumbline.flow.ledger.tools import LedgerTools
from plumbline.flow.ledger.verify_onwards import Verification, verify_onwards
from plumbline.flow.people.refusals import Refusals
from plumbline.flow.people.tools import PeopleTools
from plumbline.flow.pipelines.tools import Server
from plumbline.flow.tree.tools import TreeTools, no_hook
from plumbline.flow.unit_of_work import Units
from plumbline.model.assessment import Assessment
from plumbline.model.health import Check
from plumbline.model.ports.ledger import Ledger
from plumbline.model.ports.people import Passwords
from plumbline.model.ports.transaction import Store
from plumbline.model.ports.vault import Vault
from plumbline.model.server import Binding, StoredJob, Webhook


class FigureNow(NamedTuple):
    """A number as it is now, for those who watch the server."""

    name: str
    text: str
    value: float
    state: str = ""  # label


@dataclass(frozen=True, slots=True)
class Service:
    """What the doors hand to use cases: one value of tools for each subject. Built by ``wiring`` alone."""

    units: Units
    people: PeopleTools
    tree: TreeTools
    pipelines: Server
    ledger: LedgerTools
    assessments: AssessmentTools
    refusals: Refusals
    read_webhook: Callable[[str, Mapping[str, str], bytes, bytes], Webhook]  # forge, headers, body, secret
    render_assessment: Callable[[Assessment, str, str], bytes]  # language; "html" or "pdf"
    readiness: Callable[[], Sequence[Check]]  # what has to work before requests are welcome
    figures: Callable[[], list[FigureNow]]  # PlumblineError where the store does not answer
    secure_cookies: bool = False  # browsers reach it by https


@dataclass(frozen=True, slots=True)
class ServerTools:
    """Everything that the server may touch. Built by ``wiring_server`` alone; used from many threads."""

    store: Store
    ledger: Ledger
    passwords: Passwords
    vault: Vault
    refusals: Refusals
    pipelines: Server
    read_webhook: Callable[[str, Mapping[str, str], bytes, bytes], Webhook]  # forge, headers, body, secret
    log_of: Callable[[StoredJob], str | None]  # the file with what a job printed
    file_of: Callable[[StoredJob, str], str | None]  # what a job left under a name
    source: str
    clock: Callable[[], int]  # microseconds since the epoch
    secret: Callable[[int], bytes]  # random bytes
    new_id: Callable[[], str]
    readiness: Callable[[], Sequence[Check]]  # what has to work before requests are welcome
    assessments: AssessmentTools
    render_assessment: Callable[[Assessment, str, str], bytes]  # language; "html" or "pdf"
    service: Service
    figures: Callable[[], list[FigureNow]]  # PlumblineError where the store does not answer
    keys: Callable[[], Sequence[VerifyingKey]] = tuple  # by which this server signs its ledger
    install_hook: Callable[[Binding, bytes, str], str] = no_hook  # into its repository: secret, address; its path
    secure_cookies: bool = False  # browsers reach it by https

    def moment(self, now: int) -> EventWriter:
        return EventWriter(now, self.source, self.new_id)

    def verify(self, *, whole: bool = False) -> Verification:
        """Of the ledger: what is new, or all of it."""
        return verify_onwards(self.store, self.ledger, self.keys(), self.clock(), whole=whole)
