"""One run and what was due of it, as this server states it when its collection is closed: what came and what did not,
by ids and digests alone. The same records give the same bytes."""

from __future__ import annotations

import msgspec

from plumbline.evidence.predicate import Line, Predicate, decoded
from plumbline.kernel import t

TYPE = "urn:plumbline:run:v1"


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", gc=False):
    """A piece of it."""


class Cited(_Part, frozen=True, kw_only=True):
    """An event that something rests on, by the number of its entry; what proves it stands in :class:`Ledger`."""

    entry: int
    id: str


class DueLine(_Part, frozen=True, kw_only=True):
    """``at``: path of the node that its contract stands at; empty: the installation."""

    id: str
    contract: str
    version: int
    digest: str  # of the contract's text
    of: str
    each: bool = False
    at: str = ""
    by_repository: bool = False


class Contract(_Part, frozen=True, kw_only=True):
    """All that was due. ``digest``: of it as it was kept with the collection; ``broken``: names of contracts that held
    and could not be read, so that nobody knows what they asked for."""

    digest: str
    due: tuple[DueLine, ...]
    broken: tuple[str, ...] = ()


class Condition(_Part, frozen=True, kw_only=True):
    """As it was asked. ``result`` None: nobody could tell, and the slot stayed due."""

    when: str
    result: bool | None = None


class RunSlot(_Part, frozen=True, kw_only=True):
    id: str
    need: str
    contract: str
    state: str
    subject: str = ""
    evidence: tuple[Cited, ...] = ()
    word: str = ""
    received: str = ""
    digest: str = ""
    rule: str = ""
    why: str = ""


class Job(_Part, frozen=True, kw_only=True):
    """One attempt. ``image_digest`` only where the configuration pinned it."""

    id: int
    name: str
    stage: str
    attempt: int
    state: str
    image: str = ""
    image_digest: str = ""
    runner: str = ""
    exit_code: int | None = None
    reason: str = ""
    may_fail: bool = False
    started: str = ""
    finished: str = ""


class Review(_Part, frozen=True, kw_only=True):
    """Who it was stands in the event."""

    event: Cited
    decision: str
    revision: str
    word: str


class GateCheck(_Part, frozen=True, kw_only=True):
    id: str
    outcome: str
    advisory: bool = False
    waiver: str = ""


class Gate(_Part, frozen=True, kw_only=True):
    id: str
    act: str
    policy: str
    version: int
    digest: str  # of the policy's text
    outcome: str
    at: str
    checks: tuple[GateCheck, ...] = ()
    event: Cited | None = None
    reason: str = ""


class RunWaiver(_Part, frozen=True, kw_only=True):
    """Which two persons agreed on it stands in its events."""

    id: str
    rule_set: str
    line: str
    ends: str
    events: tuple[Cited, ...] = ()


class Proved(_Part, frozen=True, kw_only=True):
    """An entry of the ledger: the hash of its leaf and the path from there to the root, both hexadecimal."""

    entry: int
    source: str
    id: str
    leaf: str
    path: tuple[str, ...]


class Ledger(_Part, frozen=True, kw_only=True):
    """The ledger as it was with the entry that tells of the closing: its size, root and chain value. ``first`` to
    ``last``: the entries in which all lies that is cited."""

    origin: str
    first: int
    last: int
    size: int
    root: str
    chain: str
    entries: tuple[Proved, ...]


class Run(_Part, frozen=True, kw_only=True):
    """``lacking``: ids of the slots that nothing filled in time; ``failed`` and ``not_run``: names of jobs, by their
    newest attempts."""

    server: str
    collection: str
    project: str
    occasion: str
    ending: str
    opened: str
    closed: str
    complete: bool
    contract: Contract
    slots: tuple[RunSlot, ...]
    ledger: Ledger
    run: str = ""
    ref: str = ""
    change: str = ""
    environment: str = ""
    lacking: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    jobs: tuple[Job, ...] = ()
    reviews: tuple[Review, ...] = ()
    gates: tuple[Gate, ...] = ()
    waivers: tuple[RunWaiver, ...] = ()

    @property
    def cited(self) -> tuple[Cited, ...]:
        """Every event that something in it rests on."""
        return (
            *(one for slot in self.slots for one in slot.evidence),
            *(one.event for one in self.reviews),
            *(one.event for one in self.gates if one.event is not None),
            *(one for waiver in self.waivers for one in waiver.events),
        )


def read_run(predicate: bytes) -> Run:
    """Raises ``msgspec.DecodeError``, ValueError."""
    found: Run = decoded(predicate, Run)
    return found


def _look(predicate: bytes) -> tuple[Line, ...]:
    found = read_run(predicate)
    return (
        Line(t("Project"), found.project),
        Line(t("Run"), found.run),
        Line(t("Ended"), found.ending),
        *(Line(t("Not filled"), one) for one in found.lacking),
        *(Line(t("Failed job"), one) for one in found.failed),
        *(Line(t("Job that did not run"), one) for one in found.not_run),
        *(Line(t("Gate: {policy}", policy=one.policy), one.outcome) for one in found.gates),
    )


PART = Predicate(
    title=t("Statement about a run"), types=(TYPE,), look=_look, reference="https://in-toto.io/Statement/v1"
)
