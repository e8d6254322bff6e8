"""A server whose gates judge: projects with real repositories, policies at its nodes, people who waive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.crash.world import World
from tests.flow.report_world import OK

from plumbline.facts import Evidence
from plumbline.flow.contracts.now import collection_now
from plumbline.flow.gates.evaluate import evaluate_gates
from plumbline.flow.gates.policies import save_policy
from plumbline.flow.gates.tools import GateTools
from plumbline.flow.gates.turns import judge_due
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job
from plumbline.flow.reports.sign import sign
from plumbline.model.gate import GateAct
from plumbline.model.person import Role
from plumbline.model.reported import ReadReports
from plumbline.model.tree import INSTANCE
from plumbline.wiring.artifacts import artifact_tools
from plumbline.wiring.blobs import open_blobs

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.gates.answer import GateAnswer
    from plumbline.model.job import JobResult
    from plumbline.model.reported import ReadFile
    from plumbline.model.server import StoredJob

DAY = 86_400 * 1_000_000
_ALWAYS = "script: [make], rules: [{when: on_success}]"
CI = f"test: {{{_ALWAYS}}}\nscan: {{{_ALWAYS}}}\n"


class GateWorld(World):
    """``told``: what forges would be told, in order."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.told: list[GateAnswer] = []
        self.claimed: list[StoredJob] = []

    @property
    def gates(self) -> GateTools:
        units = self.server.units
        return GateTools(
            units=units,
            server=self.server,
            ledger=self.store.ledger,
            artifacts=artifact_tools(units, self.store.ledger, open_blobs(self.data), self.vault, ""),
            evidence=lambda _path: Evidence([], self.clock()),
            slots_now=lambda tx, one: collection_now(tx, self.contracts, one, at=self.clock()).slots,
            tell=lambda _tx, answer: self.told.append(answer),
        )

    def writer(self) -> Actor:
        return self.actor("wu", Role.SECURITY)

    def policy(self, text: str, node: int = INSTANCE, reason: str = "first") -> None:
        save_policy(self.writer(), self.gates, node, text, reason)

    def judged(self, project: int, act: GateAct = GateAct.PIPELINE, **about: Any) -> GateAnswer:
        return evaluate_gates(self.actor("ada", Role.ADMIN), self.gates, project, act=act, **about)

    def turn(self) -> int:
        """What gates judge by themselves; how many steps."""
        return sum(1 for _ in judge_due(self.gates))


def finish(world: GateWorld, *files: ReadFile, job: str = "test", result: JobResult = OK) -> int:
    """The job of this name that was claimed last, or waits, ends with these reports; its id."""
    world.claimed += [one.job for one in claim_jobs(world.server, "test/1", 10, 30_000_000)]
    found = next(one for one in reversed(world.claimed) if one.name == job)
    world.claimed.remove(found)
    reports = sign(ReadReports(tuple(files), None), b"k" * 32, None)
    assert finish_job(world.server, found.id, found.lease_owner, found.fence, result, reports)
    return found.id


def policy(name: str, *checks: str, act: str = "pipeline", **more: str) -> str:
    """``tests.failed == 0``: a check of this one fact, called t1, t2, ..."""
    lines = [
        f"policy: {name}",
        f"title: {{en: {name}, zh: 策略}}",
        "owner: quality",
        f"for: {{act: [{act}]{more.get('selecting', '')}}}",
        "checks:",
    ]
    for at, when in enumerate(checks, 1):
        fact = when.split()[0]
        lines += [
            f"  - id: t{at}",
            f"    title: {{en: Check {at}, zh: 检查}}",
            "    reason: {en: It does not hold., zh: 不成立。}",
            "    remedy: {en: Mend it., zh: 修复。}",
            f"    needs: [{fact}]",
            f'    when: "{when}"',
        ]
    return "\n".join(lines) + "\n"
