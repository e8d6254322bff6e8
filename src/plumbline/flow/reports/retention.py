"""Let go what reports said when its time is over, in small steps; open findings again whose acceptance has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from plumbline.access import settings
from plumbline.evidence import timestamp, write_event
from plumbline.evidence.vocabulary import own_delivery
from plumbline.flow.reports.decide import expire_findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.ports.transaction import Store
    from plumbline.model.tree import Node

AT_ONCE = 200  # reports that one transaction removes
_DAY = 86_400_000_000  # microseconds


class Tools(Protocol):
    @property
    def store(self) -> Store: ...
    @property
    def server(self) -> Server: ...


def old_reports(tools: Tools, ancestors: Sequence[Node]) -> Iterator[None]:
    """Of one project, with the nodes above it. Stops after each step; each has its event in its transaction."""
    project, now = ancestors[0], tools.server.clock()
    with tools.store.view() as tx:
        over = bool(tx.findings.over(project.id, now))
    if over:
        with tools.store.change() as tx:
            expire_findings(tx, project.id, now)
        yield
    days = settings.REPORTS_DAYS.at(ancestors)
    while days:
        with tools.store.view() as tx:
            reports = tx.reports.over(project.id, now - days * _DAY, AT_ONCE)
        if not reports:
            return
        with tools.store.change() as tx:
            gone = tx.reports.remove(reports)
            there = tx.tree.get(project.id)  # it may have been moved, or deleted
            if gone and there is not None:
                content = own_delivery.ReportExpired(count=gone, before=timestamp(now - days * _DAY))
                tx.record(
                    write_event(
                        content, id=tools.server.new_uid(), source=tools.server.source, subject=there.path, time=now,
                        project=there.path,
                    )
                )  # fmt: skip
        yield
