"""Collections that are closed, as the ledger tells of them, in a bank that builds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from tests.registry.build_world import ARCHIVE, REPORT, Builders

from plumbline.evidence import write_event
from plumbline.evidence.vocabulary import cdevents_core as core
from plumbline.evidence.vocabulary import own_delivery, own_gates
from plumbline.flow.contracts.statements import state_due
from plumbline.model.contract import (
    Collection,
    DueContract,
    DueNeed,
    Ending,
    Need,
    OccasionKind,
    Slot,
    SlotState,
    SubjectKind,
    Subjects,
)
from plumbline.model.gate import CheckResult, Evaluation, GateAct, Outcome, Waiver
from plumbline.model.words import Words

if TYPE_CHECKING:
    from plumbline.evidence import Content
    from plumbline.flow.pipelines.claim_jobs import Claim
    from plumbline.model.event import Entry
    from plumbline.model.server import StoredPipeline

DIGEST = f"sha256:{'e' * 64}"
DAY = 86_400_000_000


def words(text: str) -> Words:
    return Words(en=text, zh=text)


def need(name: str, of: SubjectKind = SubjectKind.COMMIT) -> DueNeed:
    line = Need(id=name, title=words(name), kinds=("test-report",), of=of)
    return DueNeed(need=line, contract="release", version=1, node="bank", digest=DIGEST)


class Stating(Builders):
    """``close`` closes a collection about a pipeline; ``state`` signs what is due."""

    def ran(self, *, pushes: bool = True) -> Claim:
        """A pipeline of which the first job ended well and the second one failed."""
        claim = self.begin()
        if pushes:
            self.push_from(claim)
        self.end(claim, ARCHIVE)
        self.end(self.claim(), REPORT)
        return claim

    def pipeline_of(self, claim: Claim) -> StoredPipeline:
        with self.view() as tx:
            found = tx.pipelines.get(claim.job.pipeline)
        assert found is not None
        return found

    def entries(self, type_: str) -> list[Entry]:
        return list(self.tools.ledger.ledger.of_types([type_]))

    def tell(self, content: Content, subject: str, name: str) -> str:
        with self.change() as tx:
            tx.record(
                write_event(
                    content,
                    id=name,
                    source=self.tools.units.source,
                    subject=subject,
                    time=self.tools.units.clock(),
                    project="bank/pay",
                )
            )
        return name

    def close(self, claim: Claim, uid: str = "col-1", *, artifacts: tuple[str, ...] = (), **more: Any) -> Collection:
        pipeline = self.pipeline_of(claim)
        came = self.entries(core.TaskRunFinished.TYPE)[0]
        slots = more.pop("slots", None) or (
            Slot(
                need="unit-tests",
                contract="release",
                subject=pipeline.sha,
                state=SlotState.FILLED,
                evidence=(came.id,),
                entries=(came.seq,),
                word="own",
                received=came.received,
            ),
            Slot(need="sast", contract="release", subject="", state=SlotState.MISSING),
        )
        subjects = Subjects(commit=pipeline.sha, artifacts=artifacts, pipeline=pipeline.id, run=pipeline.uid)
        now = self.tools.units.clock()
        collection = Collection(
            uid=uid,
            project=self.pay.id,
            path="bank/pay",
            occasion=OccasionKind.PIPELINE,
            subjects=subjects,
            due=DueContract(needs=(need("unit-tests"), need("sast")), grace_minutes=30, deadline_minutes=60,
                            digest=DIGEST),
            opened=pipeline.created,
            deadline=now + DAY,
            ended=pipeline.finished,
            ending=Ending.FINISHED,
            closed=now,
            slots=slots,
            event=f"closed:{uid}",
        )  # fmt: skip
        collection = msgspec.structs.replace(collection, **more)
        with self.change() as tx:
            made = tx.collections.add(collection)
        closed = own_gates.CollectionClosed(
            occasion="pipeline",
            contract=DIGEST,
            ending="finished",
            slots=tuple(
                own_gates.ClosedSlot(id=one.id, state=one.state.value, contract=one.contract)  # type: ignore[arg-type]
                for one in slots
            ),
        )
        self.tell(closed, uid, collection.event)
        return made

    def state(self) -> int:
        return sum(1 for _ in state_due(self.attestations))

    def stored(self, uid: str = "col-1") -> Collection:
        with self.view() as tx:
            found = tx.collections.of_uid(uid)
        assert found is not None
        return found

    def judge(self, claim: Claim, waiver: str = "") -> Evaluation:
        """A gate that failed in one line, which was waived."""
        pipeline = self.pipeline_of(claim)
        check = CheckResult(check="coverage", title=words("coverage"), outcome=Outcome.WAIVED, judged=Outcome.FAIL,
                            waiver=waiver)  # fmt: skip
        told = own_delivery.GateEvaluated(verdict="fail", rules=DIGEST, rests_on=(), waived=True)
        made = Evaluation(
            uid="eval-1",
            project=self.pay.id,
            path="bank/pay",
            act=GateAct.PIPELINE,
            subjects=Subjects(commit=pipeline.sha, pipeline=pipeline.id),
            policy="red-lines",
            version=3,
            policy_digest=DIGEST,
            node="bank",
            outcome=Outcome.WAIVED,
            checks=(check,),
            at=self.tools.units.clock(),
            event=self.tell(told, "eval-1", "eval-1:event"),
        )
        with self.change() as tx:
            return tx.evaluations.add(made)

    def waive(self) -> Waiver:
        now = self.tools.units.clock()
        made = Waiver(uid="waiver-1", node=self.bank.id, path="bank", rule_set="red-lines", line="coverage",
                      reason="r", asked_by="ada", asked=now, agreed_by="mei", agreed=now, ends=now + DAY)  # fmt: skip
        until = "2030-01-01T00:00:00Z"
        told = own_gates.WaiverDecided(rule_set="red-lines", line="coverage", decision="agreed", asked_by="ada",
                                       person="mei", until=until)  # fmt: skip
        self.tell(told, "waiver-1", "waiver-1:decided")
        with self.change() as tx:
            return tx.waivers.add(made)
