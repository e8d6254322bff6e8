"""Remove what need not be kept any longer, in small steps, so that others come between them.

What goes is written down first, with its event in the same transaction, and removed then. So it goes whatever happens
in between, and nothing is wrong where two servers remove it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec

from plumbline.access import archived
from plumbline.evidence import write_event
from plumbline.evidence.vocabulary import own_platform
from plumbline.flow.pipelines.artifacts import SECOND
from plumbline.flow.pipelines.runner_heartbeats import runner_statuses
from plumbline.flow.reports.retention import old_reports
from plumbline.flow.storage.registry_retention import old_registry, unused_bytes
from plumbline.flow.storage.retention import AT_ONCE, CleanupTools, Deletion, Step, old_artifacts, old_caches, old_logs
from plumbline.kernel import PlumblineError
from plumbline.model.tree import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.model.event import EventDraft
    from plumbline.model.keeping import KeptKind, PendingDeletion
    from plumbline.model.tree import Node

__all__ = ["MOST", "Cleanup", "CleanupTools"]

MOST = 5000  # things that one round removes, or a few more
_TOLD = 2000  # jobs that one event names: it has only so much room
_AGAIN = 3600 * SECOND  # after which what could not be removed is tried again
_log = logging.getLogger(__name__)


class Cleanup:
    """Goes through the projects in turn: a round that had enough to do is gone on with by the next one."""

    def __init__(self, tools: CleanupTools) -> None:
        self._tools = tools
        self._last = 0  # the project that was looked at last
        self._left = 0  # things that this round may still remove

    def round(self) -> Iterator[None]:
        """Stops after each step. PlumblineErrors of the store."""
        self._left = MOST
        self._tools.folder.keep_room()
        yield from self._clear()
        for line in self._projects():
            if self._left <= 0:
                return
            self._last = line[0].id
            yield from self._look_at(line)
        self._last = 0
        self._tools.folder.tidy(self._servers())
        yield from self._without_node()
        if self._tools.blobs is not None:
            yield from unused_bytes(self._tools, self._tools.blobs)

    def _projects(self) -> list[Sequence[Node]]:
        """Each with the nodes above it, beginning after the last one. What is archived stays as it is."""
        with self._tools.store.view() as tx:
            nodes = {node.id: node for node in tx.tree.all()}
        lines = [_line(nodes, node) for node in nodes.values() if node.kind is NodeKind.PROJECT]
        wanted = [line for line in lines if not archived(line)]
        return sorted(wanted, key=lambda line: (line[0].id <= self._last, line[0].id))

    def _without_node(self) -> Iterator[None]:
        """What projects have left that were deleted. A node is there before any file of it."""
        left = self._tools.folder.projects()
        with self._tools.store.view() as tx:
            gone = set(left) - {node.id for node in tx.tree.all()}
        for project in sorted(gone):
            self._tools.folder.remove_project(project)
            yield

    def _look_at(self, ancestors: Sequence[Node]) -> Iterator[None]:
        yield from old_reports(self._tools, ancestors)
        for look in (old_artifacts, old_logs, old_caches, old_registry):
            for step in look(self._tools, ancestors):
                if step is not None:
                    self._let_go(ancestors[0], step)
                    yield
                    yield from self._clear()
                if self._left <= 0:
                    return
                yield

    def _let_go(self, project: Node, step: Step) -> None:
        """Write down what goes. Where the disk is full there is room kept for this."""
        try:
            size = self._write(project, step)
        except PlumblineError as error:
            if error.code != "disk-full" or not self._tools.folder.make_room():
                raise
            size = self._write(project, step)
        self._tools.freed(step.kind, size)

    def _write(self, project: Node, step: Step) -> int:
        with self._tools.store.change() as tx:
            there = tx.tree.get(project.id)  # it may have been moved, or deleted
            if there is None:
                return 0
            deletion = step.note(tx)
            new = tx.keeping.put(deletion.pending)
            if new:
                tx.record(self._event(there, step.kind, deletion, new))
        return sum(one.size for one in new)

    def _event(self, project: Node, kind: KeptKind, deletion: Deletion, new: Sequence[PendingDeletion]) -> EventDraft:
        server = self._tools.server
        content = own_platform.StorageFreed(
            what=kind,
            count=len(new),
            bytes=sum(one.size for one in new),
            jobs=tuple(deletion.jobs[:_TOLD]) or msgspec.UNSET,
        )
        return write_event(
            content,
            id=server.new_uid(),
            source=server.source,
            subject=project.path,
            time=server.clock(),
            project=project.path,
        )

    def _clear(self) -> Iterator[None]:
        """Remove what is written down."""
        store, clock, folder = self._tools.store, self._tools.server.clock, self._tools.folder
        while self._left > 0:
            with store.view() as tx:
                due = tx.keeping.due(clock(), AT_ONCE)
            if not due:
                return
            there = {one.id: one.name for one in due if not folder.remove(one)}
            with store.change() as tx:
                tx.keeping.done([one.id for one in due if one.id not in there])
                tx.keeping.put_off(list(there), clock() + _AGAIN)
            if there:
                fields = {"count": len(there), "first": next(iter(there.values()))}
                _log.warning("what nobody needs could not be removed", extra={"fields": fields})
            self._left -= len(due)
            yield

    def _servers(self) -> set[str]:
        """The names of those that may be at work."""
        since = self._tools.server.clock() - _AGAIN
        known = runner_statuses(self._tools.server)
        alive = {one.heartbeat.replica for one in known if one.alive or one.jobs or one.heartbeat.seen > since}
        return alive | {self._tools.replica}


def _line(nodes: dict[int, Node], node: Node) -> list[Node]:
    line = [node]
    while line[-1].parent is not None:
        line.append(nodes[line[-1].parent])
    return line
