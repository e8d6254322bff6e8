"""A store with a project at a forge, and what gates say of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec
from tests.adapters.forges.forge_servers import CHANGE, COMMIT, PROJECT, TOKEN

from plumbline.adapters.forges.telling import tellers
from plumbline.adapters.secrets import KeyVault
from plumbline.adapters.store import StoreSettings, open_store
from plumbline.flow.gates.answer import GateAnswer
from plumbline.flow.gates.telling import Outbox
from plumbline.flow.gates.telling_turn import TellingTools, tell_due
from plumbline.flow.tree.repository_credentials import credential_place
from plumbline.model.contract import Subjects
from plumbline.model.gate import CheckResult, Evaluation, GateAct, Outcome
from plumbline.model.repository_credential import RepositoryCredential, remote_of
from plumbline.model.server import Binding
from plumbline.model.tree import Node, NodeKind
from plumbline.model.words import Words

if TYPE_CHECKING:
    from pathlib import Path

    from tests.adapters.forges.forge_servers import ForgeServer

    from plumbline.model.telling import Telling


def check(name: str = "scan", outcome: Outcome = Outcome.FAIL, **fields: Any) -> CheckResult:
    made = CheckResult(
        check=name,
        title=Words("No severe findings", "无严重问题"),
        outcome=outcome,
        judged=outcome,
        reason=Words("There are 3 severe findings.", "有 3 个严重问题。"),
        remedy=Words("Mend them.", "修复它们。"),
    )
    return msgspec.structs.replace(made, **fields)


class TellingWorld:
    """Opened again, it is the same server after a death, or another replica."""

    def __init__(self, folder: Path, forge: ForgeServer, address: str = "") -> None:
        self.forge = forge
        self.late = 0  # microseconds that the clock is ahead
        self.folder, self.address = folder, address
        self.store = open_store(StoreSettings(data=str(folder), address=address), self.clock)
        self.vault = KeyVault(folder / "keys", create=True)
        self.outbox = Outbox(kinds=tellers().keys(), source="/plumb", url="https://plumb.example", clock=self.clock)
        self.project = 0

    def clock(self) -> int:
        return time.time_ns() // 1000 + self.late

    def wait(self, seconds: float) -> None:
        self.late += int(seconds * 1_000_000)

    def make(self, *, token: str = TOKEN, **settings: object) -> int:
        known: dict[str, object] = {"repository.hosts": [self.forge.host], **settings}
        with self.store.change() as tx:
            node = tx.tree.add(Node(id=0, kind=NodeKind.PROJECT, name="posting", path="posting", settings=known))
            url = f"{self.forge.url}/{PROJECT}.git"
            tx.bindings.put(Binding(project=node.id, kind=self.forge.kind, url=url))
        self.project = node.id
        if token:
            self.credential(token)
        return node.id

    def credential(self, token: str) -> None:
        remote = remote_of(self.forge.url)
        assert remote is not None
        made = RepositoryCredential(
            node=self.project, scheme=remote.scheme, host=remote.host, sealed=b"", changed=self.clock()
        )
        sealed = self.vault.seal(token.encode(), credential_place(made))
        with self.store.change() as tx:
            tx.repository_credentials.put(msgspec.structs.replace(made, sealed=sealed))

    def says(
        self, outcome: Outcome, *checks: CheckResult, act: GateAct = GateAct.MERGE, commit: str = COMMIT,
        change: str = CHANGE, pipeline: int = 3, **fields: Any,
    ) -> None:  # fmt: skip
        """A judgement, and what is put down of it."""
        subjects = Subjects(commit=commit, change=change, pipeline=pipeline)
        evaluation = Evaluation(
            project=self.project, path="posting", act=act, subjects=subjects, policy="red-lines", version=2,
            policy_digest="sha256:0", node="", outcome=outcome, checks=checks or (check(outcome=outcome),),
        )  # fmt: skip
        made = GateAnswer(
            outcome=outcome, act=act, project=self.project, path="posting", subjects=subjects,
            evaluations=(evaluation,), page=f"/pipelines/{pipeline}/gates",
        )  # fmt: skip
        with self.store.change() as tx:
            self.outbox.put(tx, msgspec.structs.replace(made, **fields))

    def tools(self, owner: str = "one") -> TellingTools:
        return TellingTools(store=self.store, vault=self.vault, tellers=tellers(), clock=self.clock, owner=owner)

    def tell(self, owner: str = "one") -> int:
        return sum(1 for _ in tell_due(self.tools(owner)))

    def rows(self) -> list[Telling]:
        with self.store.view() as tx:
            return list(tx.tellings.of_project(self.project, 100))

    def close(self) -> None:
        self.store.close()
