"""A project with contracts, whose pipelines end without being run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository
from report_world import finish, ran, read, run, scan
from tests.crash.world import World, ahead

from plumbline.flow.contracts.closing import close_due
from plumbline.flow.contracts.late import mark_late
from plumbline.flow.contracts.save import save_contract
from plumbline.flow.contracts.status import evidence_of_pipeline, view_collection
from plumbline.flow.pipelines.cancel_retry_play import cancel_pipeline, retry_pipeline
from plumbline.model.forge_news import ChangeAct, ChangeNews

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.flow.contracts.save import KeptContract
    from plumbline.flow.contracts.status import SeenCollection

GRACE, DEADLINE = 31 * 60, 24 * 3600 + 60  # seconds, a little more than what the contract says
UNIT = "{id: unit, title: {en: Unit tests, zh: 单元测试}, kind: test-report, of: commit, min: {cases: 1}}"
SAST = "{id: sast, title: {en: Static analysis, zh: 静态分析}, kind: scan.sast, of: commit}"


def contract(*needs: str, name: str = "payments", occasion: str = "{occasion: pipeline}", more: str = "") -> str:
    lines = "\n".join(f"  - {one}" for one in needs)
    return (
        f"contract: {name}\ntitle: {{en: Payments, zh: 支付}}\nowner: payments\nfor: {occasion}\nneed:\n{lines}\n"
        f"window: {{grace: 30m, deadline: 24h}}\n{more}"
    )


class Due(World):
    """``files``: of the repository, beside its configuration."""

    def __init__(self, folder: Path, address: str = "", files: Mapping[str, str] | None = None) -> None:
        super().__init__(folder / "data", address)
        jobs = {".gitlab-ci.yml": "test: {script: [make]}\n"}
        self.home = make_repository(folder / "home", {**jobs, **(files or {})})
        self.project = self.add_project(self.home)
        self.ada = self.actor()

    def save(self, *needs: str, node: int | None = None, **how: Any) -> KeptContract:
        text = contract(*needs, **how)
        return save_contract(self.ada, self.contracts, self.project if node is None else node, text, "because")

    def ran(self, *files: Any, **how: Any) -> int:
        """A pipeline whose job left these reports."""
        return run(self, self.project, *files, **how)

    def seen(self, pipeline: int) -> SeenCollection:
        """Its newest collection."""
        return evidence_of_pipeline(self.ada, self.contracts, pipeline)[-1]

    def of_uid(self, uid: str) -> SeenCollection:
        return view_collection(self.ada, self.contracts, uid)

    def slots(self, pipeline: int) -> dict[str, str]:
        return {one.need: one.state.value for one in self.seen(pipeline).slots}

    def turn(self, seconds: float = 0) -> int:
        """What the server does now and then; how many collections it looked at."""
        ahead(self, seconds)
        count = len(list(close_due(self.contracts)))
        for _ in mark_late(self.contracts):
            pass
        return count

    def closed(self) -> list[Any]:
        return self.events("collection.closed")

    def tell_change(self, act: ChangeAct, head: str, number: int = 7) -> None:
        told = ChangeNews(act=act, number=number, action=act.value, head=head, branch="fix", target="main")
        with self.store.change() as tx:
            self.server.occasions.told(tx, self.project, [told])

    def cancel(self, pipeline: int) -> None:
        cancel_pipeline(self.ada, self.server, pipeline)

    def retry(self, pipeline: int) -> None:
        retry_pipeline(self.ada, self.server, pipeline)


def unit_of(**outcomes: str) -> Any:
    return read(ran(**outcomes))


def sast_of(*found: str, **fields: Any) -> Any:
    return read(scan(*found, **fields), "sast", "sast.sarif")


__all__ = ["DEADLINE", "GRACE", "SAST", "UNIT", "Due", "contract", "finish", "sast_of", "unit_of"]
