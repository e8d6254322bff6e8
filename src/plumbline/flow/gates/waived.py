"""Which waivers hold for one thing now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.contracts.waived import active_names
from plumbline.flow.gates.subjects import pushed_by
from plumbline.gates import Scope, waived
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.contract import Subjects
    from plumbline.model.gate import Waiver
    from plumbline.model.ports.transaction import Transaction


def waived_for(tx: Transaction, project: int, subjects: Subjects, at: int) -> dict[tuple[str, str], str]:
    """Policy and line of all that is set aside here now, with the uid of its waiver."""
    waivers = waivers_above(tx, project, at)
    if not waivers:
        return {}
    digests = subjects.artifacts or (_made(tx, subjects) if any(one.digest for one in waivers) else ())
    path = tx.tree.ancestors(project)[0].path
    scope = Scope(path=path, commit=subjects.commit, change=subjects.change, digests=tuple(digests))
    return waived(waivers, scope, at=at, active=active_names(tx, waivers))


def waivers_above(tx: Transaction, project: int, since: int) -> Sequence[Waiver]:
    """Of the project and the nodes above it, that end later."""
    return tx.waivers.of_nodes([INSTANCE, *(one.id for one in tx.tree.ancestors(project))], since=since)


def _made(tx: Transaction, subjects: Subjects) -> Sequence[str]:
    pipeline = tx.pipelines.get(subjects.pipeline) if subjects.pipeline else None
    return pushed_by(tx, pipeline) if pipeline is not None else ()
