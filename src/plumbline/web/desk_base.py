"""What all parts of the server's own desk stand on: its tools, and one way to ask whether somebody may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import Permission, allows, may
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from plumbline.flow.event_writer import EventWriter
    from plumbline.flow.service import ServerTools
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredJob, StoredPipeline
    from plumbline.model.tree import Node
    from plumbline.web.desk import Visitor


class DeskBase:
    def __init__(self, tools: ServerTools, url: str = "") -> None:
        """``url``: how browsers reach the server; it stands in links that are handed on."""
        self._tools = tools
        self._url = url

    def clock(self) -> int:
        return self._tools.clock()

    @property
    def readers(self) -> int:
        return self._tools.store.readers

    def one_moment(self) -> AbstractContextManager[None]:
        return self._tools.store.one_moment()

    def _moment(self) -> EventWriter:
        return self._tools.moment(self._tools.clock())

    def _require(self, tx: Transaction, visitor: Visitor, permission: Permission, node: int) -> Sequence[Node]:
        """The line of the node. One that the visitor may not see is as one that is not there."""
        ancestors = tx.tree.ancestors(node)
        if node != INSTANCE and (not ancestors or not allows(visitor.standing, Permission.PROJECT_VIEW, ancestors)):
            raise not_found(t("There is no node {node}.", node=node))
        decision = may(visitor.standing, permission, ancestors)
        if not decision:
            raise PlumblineError("not-allowed", decision.reason, kind=ErrorKind.REFUSED)
        return ancestors

    def _pipeline(
        self, tx: Transaction, visitor: Visitor, pipeline: int, permission: Permission = Permission.PIPELINE_VIEW
    ) -> StoredPipeline:
        found = tx.pipelines.get(pipeline)
        if found is None or not self._sees(tx, visitor, found):
            raise not_found(t("There is no pipeline {pipeline}.", pipeline=pipeline))
        self._require(tx, visitor, permission, found.project)
        return found

    def _job(
        self, tx: Transaction, visitor: Visitor, job: int, permission: Permission = Permission.PIPELINE_VIEW
    ) -> StoredJob:
        found = tx.jobs.get(job)
        pipeline = tx.pipelines.get(found.pipeline) if found else None
        if found is None or pipeline is None or not self._sees(tx, visitor, pipeline):
            raise not_found(t("There is no job {job}.", job=job))
        self._require(tx, visitor, permission, pipeline.project)
        return found

    def _sees(self, tx: Transaction, visitor: Visitor, pipeline: StoredPipeline) -> bool:
        return allows(visitor.standing, Permission.PIPELINE_VIEW, tx.tree.ancestors(pipeline.project))


def nothing_to_run() -> PlumblineError:
    return PlumblineError(
        "nothing-to-run",
        t("The rules of the configuration leave no job for this pipeline."),
        t("`plumb why` says which rule decided for each job."),
        kind=ErrorKind.REFUSED,
    )


def not_found(message: Text) -> PlumblineError:
    return PlumblineError("not-found", message, kind=ErrorKind.REFUSED)
