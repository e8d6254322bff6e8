"""What there is at a node and below it, so that a line that nobody could ever fill is found when it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.contracts import Known, KnownSource
from plumbline.flow.pipelines.plan_cache import decode_plan
from plumbline.model.tree import INSTANCE, NodeKind, is_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.contracts.tools import ContractTools
    from plumbline.model.pipeline import Plan
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredPipeline

_MOST_PIPELINES = 200  # the newest ones, whose branches, reports, tiers and tags are what is known


def known_at(tx: Transaction, tools: ContractTools, node: int) -> Known:
    """Where nothing ran yet, nothing is known of branches, reports and tags, and nothing is said about them."""
    projects = _projects(tx, node)
    pipelines = tx.pipelines.newest(_MOST_PIPELINES, projects=projects) if projects else []
    plans = [decode_plan(tx.pipelines.plan(one.id)[0]) for one in _telling(pipelines)]
    jobs = [job for plan in plans for job in plan.jobs]
    environments = [job.environment for job in jobs if job.environment is not None]
    files = tools.files(projects) if projects else None
    return Known(
        sources=_sources(tx, tools, node),
        forges=tuple(sorted({found.kind for one in projects if (found := tx.bindings.get(one)) is not None})),
        reports=_reports(plans) if pipelines else None,
        branches=tuple(sorted({one.ref for one in pipelines})) if pipelines else None,
        tiers=tuple(sorted({one.tier for one in environments if one.tier})) if environments else None,
        paths=tuple(files) if files is not None else None,
        runner_tags=tuple(sorted({tag for job in jobs for tag in job.tags})) if jobs else None,
    )


def _telling(pipelines: Sequence[StoredPipeline]) -> list[StoredPipeline]:
    """The newest one of each branch and event, and what was triggered since: a pipeline that another one started to
    build its packages has none of the jobs of that one. ``pipelines``: the newest first."""
    newest: dict[tuple[int, str, str], StoredPipeline] = {}
    since: dict[tuple[int, str], int] = {}
    for one in pipelines:
        if not one.upstream and newest.setdefault((one.project, one.ref, one.event), one) is one:
            since[one.project, one.ref] = one.id
    triggered = [one for one in pipelines if one.upstream and one.id > since.get((one.project, one.ref), 0)]
    return [*newest.values(), *triggered]


def _projects(tx: Transaction, node: int) -> list[int]:
    every = tx.tree.all()
    if node == INSTANCE:
        return [one.id for one in every if one.kind is NodeKind.PROJECT]
    found = tx.tree.get(node)
    path = found.path if found is not None else ""
    return [one.id for one in every if path and one.kind is NodeKind.PROJECT and is_within(one.path, path)]


def _sources(tx: Transaction, tools: ContractTools, node: int) -> tuple[KnownSource, ...]:
    """Those that speak about the node or something below it."""
    above = {one.id for one in tx.tree.ancestors(node)} | {INSTANCE} if node else {INSTANCE}
    found = tx.tree.get(node) if node else None
    below = {one.id for one in tx.tree.all() if found is None or is_within(one.path, found.path)}
    return tuple(
        KnownSource(name=one.name, kinds=tuple(sorted(tools.may_tell(one))), revoked=bool(one.revoked))
        for one in tx.sources.all()
        if one.node in above | below
    )


def _reports(plans: Sequence[Plan]) -> tuple[str, ...]:
    """Keys of ``artifacts:reports`` that jobs have."""
    named = (job.artifacts.reports for plan in plans for job in plan.jobs if job.artifacts is not None)
    return tuple(sorted({one.kind for reports in named for one in reports}))
