"""Assessments as people on the server see and make them: every look and every act held against their roles."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from plumbline.access import Permission, may
from plumbline.flow.assessments import assess_ledger, exemptions, statements
from plumbline.flow.assessments.assess_ledger import Record
from plumbline.flow.assessments.exemptions import ExemptionOnFile
from plumbline.flow.assessments.statements import StatementOnFile
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.maturity import ItemChange, PackFile, Proof, RuleChange, proofs
from plumbline.model.tree import Node, NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.assessments.assess_ledger import AssessmentTools
    from plumbline.flow.service import ServerTools
    from plumbline.model.assessment import Assessment

__all__ = [
    "LARGEST_FILE",
    "ExemptionOnFile",
    "Grades",
    "Heat",
    "ItemChange",
    "Record",
    "RuleChange",
    "StatementOnFile",
]

LARGEST_FILE = 5 << 20  # bytes of a document that is attached to a statement
MOST_ROWS = 60  # of a heat map
_KEPT = 64  # assessments that are kept in memory: each is a function of what stands in its record
_HOUR = 3_600_000_000
_P = Permission


@dataclass(frozen=True, slots=True)
class Heat:
    """A node and what it would be graded now."""

    node: Node
    grade: Assessment


class Grades:
    """Every method asks whether ``who`` may. What somebody may not see is as what is not there."""

    def __init__(self, tools: ServerTools) -> None:
        self._server = tools
        self._tools = tools.assessments

    # packs
    def packs(self) -> tuple[PackFile, ...]:
        return tuple(self._tools.load_pack(name) for name in self._tools.shipped())

    def pack(self, name: str) -> PackFile:
        """One that comes with the product; never a file that somebody names."""
        if name not in self._tools.shipped():
            raise _not_found(t("There is no pack '{name}'.", name=name))
        return self._tools.load_pack(name)

    # records and what follows from them
    def node(self, who: Actor, node: int, permission: Permission = _P.ASSESSMENT_VIEW) -> Node:
        with self._server.store.view() as tx:
            ancestors = tx.tree.ancestors(node)
        if not ancestors or not may(who, _P.PROJECT_VIEW, ancestors):
            raise _not_found(t("There is no node {node}.", node=node))
        decision = may(who, permission, ancestors)
        if not decision:
            raise PlumblineError("not-allowed", decision.reason, kind=ErrorKind.REFUSED)
        return ancestors[0]

    def records(self, who: Actor, path: str = "", standard: str = "") -> tuple[Record, ...]:
        """Those that somebody may see, of a node and of what is below it, the newest first."""
        found = assess_ledger.records(self._tools, path)
        seen = self._seen(who, {one.path for one in found})
        return tuple(one for one in found if one.path in seen and (not standard or one.standard == standard))

    def record(self, who: Actor, seq: int) -> Record:
        found = next((one for one in self.records(who) if one.seq == seq), None)
        if found is None:
            raise _not_found(t("There is no assessment {seq}.", seq=seq))
        return found

    def assessment(self, who: Actor, seq: int) -> tuple[Record, Assessment]:
        record = self.record(who, seq)
        return record, _computed(self._tools, record)

    def pack_of(self, record: Record) -> PackFile | None:
        """The pack of then; None where it is gone."""
        return self._tools.kept_pack(record.pack)

    def proofs(self, who: Actor, seq: int) -> tuple[Proof, ...]:
        """What assessors ask to see; empty where the pack of then is gone."""
        record, made = self.assessment(who, seq)
        pack = self.pack_of(record)
        return proofs(pack.pack, made) if pack is not None else ()

    def assess(self, who: Actor, node: int, pack: str, *, refresh: bool = True) -> Record:
        path = self.node(who, node, _P.ASSESSMENT_RUN).path
        self.pack(pack)
        return assess_ledger.assess_now(self._tools, path, pack, who.person.name, refresh=refresh)[1]

    def compare(
        self, who: Actor, before: int, after: int
    ) -> tuple[Record, Record, tuple[ItemChange, ...], tuple[RuleChange, ...]]:
        old, new = self.record(who, before), self.record(who, after)
        items, rules = assess_ledger.compare(self._tools, old, new)
        return old, new, items, rules

    def heat(self, who: Actor, node: int, pack: str) -> tuple[Heat, ...]:
        """What the systems and projects below a node would be graded now; the node alone where there are none."""
        top = self.node(who, node)
        self.pack(pack)
        kinds = (NodeKind.SYSTEM, NodeKind.PROJECT)
        with self._server.store.view() as tx:
            every = [one for one in tx.tree.all() if one.path.startswith(f"{top.path}/") and one.kind in kinds]
            below = [one for one in every if may(who, _P.ASSESSMENT_VIEW, tx.tree.ancestors(one.id))]
        age = (self._server.ledger.size(), self._server.clock() // _HOUR)
        return tuple(Heat(one, _graded(self._tools, one.path, pack, age)) for one in (below or [top])[:MOST_ROWS])

    def bundle(self, who: Actor, seq: int) -> bytes:
        record = self.record(who, seq)
        self.node_at(who, record.path, _P.LEDGER_EXPORT)
        file = io.BytesIO()
        assess_ledger.export(self._tools, record, file)
        return file.getvalue()

    # statements
    def statements(self, who: Actor, node: int) -> tuple[StatementOnFile, ...]:
        return statements.statements_on_file(self._tools, self.node(who, node).path)

    def attest(
        self, who: Actor, node: int, topic: str, text: str, files: Sequence[bytes] = (), until: int | None = None
    ) -> str:
        """The id of the statement."""
        path = self.node(who, node, _P.STATEMENT_WRITE).path
        if topic not in {signal.fact for pack in self.packs() for signal in pack.signals}:
            raise _wrong("no-such-topic", t("No pack asks for '{topic}'.", topic=topic))
        if any(len(one) > LARGEST_FILE for one in files):
            message = t("At most {count} bytes are taken here.", count=LARGEST_FILE)
            raise PlumblineError("body-too-large", message, kind=ErrorKind.REFUSED)
        kept = [self._tools.keep_file(one) for one in files]
        return statements.attest(self._tools, path, topic, text, who.person.name, tuple(kept), until)

    def review(self, who: Actor, node: int, statement: str, decision: str, reason: str = "") -> None:
        """Who withdraws needs to be its author, not a reviewer; where it stands decides who may, not where it shows."""
        found = next((one for one in self.statements(who, node) if one.id == statement), None)
        if found is not None:
            own = decision == "withdrawn"
            self.node_at(who, found.path, _P.STATEMENT_WRITE if own else _P.STATEMENT_REVIEW)
        path = self.node(who, node).path
        statements.review(self._tools, path, statement, decision, who.person.name, reason)

    def file(self, who: Actor, node: int, digest: str) -> bytes:
        """A document of a statement that stands at the node, below it or above it."""
        known = {name for one in self.statements(who, node) for name in one.files}
        data = self._tools.file(digest) if digest in known else None
        if data is None:
            raise _not_found(t("There is no file {digest}.", digest=digest))
        return data

    # exemptions
    def exemptions(self, who: Actor, node: int) -> tuple[ExemptionOnFile, ...]:
        return exemptions.exemptions_on_file(self._tools, self.node(who, node).path)

    def waive(self, who: Actor, node: int, rule: str, reason: str, until: int | None = None) -> None:
        path = self.node(who, node, _P.EXCEPTION_GRANT).path
        if not any(rule in pack.criteria or pack.pack.item(rule) for pack in self.packs()):
            raise _wrong("no-such-rule", t("No pack has the criterion or item '{rule}'.", rule=rule))
        if until is not None and until <= self._server.clock():
            raise _wrong("waiver-expired", t("This waiver has expired already."))
        exemptions.exempt(self._tools, path, rule, reason, who.person.name, until=until)

    def confirm(self, who: Actor, node: int, seq: int) -> None:
        """Agree, as a second person, that what was waived does not apply at all."""
        found = exemptions.confirm(self._tools, self.node(who, node).path, seq, who.person.name)
        self.node_at(who, found.path, _P.EXCEPTION_GRANT)
        second = who.person.name
        until = found.until or None
        exemptions.exempt(
            self._tools, found.path, found.rule, found.reason, found.person, second, "notApplicable", until
        )

    def node_at(self, who: Actor, path: str, permission: Permission) -> Node:
        with self._server.store.view() as tx:
            found = tx.tree.at(path)
        if found is None:
            raise _not_found(t("There is no node '{path}'.", path=path))
        return self.node(who, found.id, permission)

    def _seen(self, who: Actor, paths: set[str]) -> set[str]:
        with self._server.store.view() as tx:
            found = {path: tx.tree.at(path) for path in paths}
            return {
                path for path, node in found.items()
                if node is not None and may(who, _P.ASSESSMENT_VIEW, tx.tree.ancestors(node.id))
            }  # fmt: skip


@lru_cache(_KEPT)
def _computed(tools: AssessmentTools, record: Record) -> Assessment:
    return assess_ledger.assessment_of(tools, record)


@lru_cache(_KEPT * 2)
def _graded(tools: AssessmentTools, path: str, pack: str, _age: tuple[int, int]) -> Assessment:
    return assess_ledger.grade_now(tools, path, pack)


def _wrong(code: str, message: Text) -> PlumblineError:
    hint = t("GET {path} lists what there is.", path="/api/v1/packs")
    return PlumblineError(code, message, hint, kind=ErrorKind.CONFIGURATION)


def _not_found(message: Text) -> PlumblineError:
    return PlumblineError("not-found", message, kind=ErrorKind.REFUSED)
