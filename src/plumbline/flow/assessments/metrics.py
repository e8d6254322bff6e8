"""Metrics of each project, computed from its records by the clock, once a day (UTC), and told to the ledger; and what
they were told to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import UNSET

from plumbline.access import use_cases
from plumbline.evidence import timestamp
from plumbline.evidence.vocabulary import own_operations as own
from plumbline.facts import compute_metrics
from plumbline.flow.assessments.assess import seen_of
from plumbline.flow.assessments.assess_ledger import evidence_of, standing_now
from plumbline.flow.assessments.tools import record_about
from plumbline.flow.tree.former_names import read_moves
from plumbline.model.event import EntryFilter
from plumbline.model.tree import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.access import Actor
    from plumbline.facts import Computed
    from plumbline.flow.assessments.tools import AssessmentTools, Standing
    from plumbline.model.moves import Stretch
    from plumbline.model.ports.ledger import Ledger

_FIRST = "requirement-lead-time"  # that it is told says that all are
_DAY = 86_400_000_000  # microseconds


class MetricPoint(NamedTuple):
    """``value`` None: there was no data."""

    seq: int  # of its entry in the ledger
    time: int
    value: float | None
    numerator: float | None
    denominator: float | None
    definition: str  # its version


def view_metrics(
    actor: Actor, tools: AssessmentTools, node: int, metrics: Sequence[str], days: int
) -> Sequence[Sequence[MetricPoint]]:
    """What was told of these metrics of a project under every name that it had, the oldest first, at most one a day.

    Raises PlumblineError ``not-found``, ``not-allowed``.
    """
    with tools.units.view(actor) as unit:
        path = unit.require(use_cases.VIEW_NODE, node)[0].path
    size = tools.ledger.size()
    names = read_moves(tools.ledger).names(path, size)
    return [_points(tools.ledger, names, metric, days) for metric in metrics]


def _points(ledger: Ledger, names: Sequence[Stretch], metric: str, days: int) -> Sequence[MetricPoint]:
    found = [
        entry
        for part in names
        for entry in ledger.look(EntryFilter(subject=_subject(part.path, metric)), days).entries
        if part.after < entry.seq <= part.upto
    ]
    told = ((entry, seen_of(entry.body, entry.sender)) for entry in sorted(found, key=lambda one: one.seq)[-days:])
    return [
        MetricPoint(
            entry.seq,
            seen.time,
            seen.content.get("value"),
            seen.content.get("numerator"),
            seen.content.get("denominator"),
            str(seen.content.get("definition", "")),
        )
        for entry, seen in told
        if seen is not None and seen.own and seen.what == "metric.computed"
    ]


def compute_due(tools: AssessmentTools) -> Iterator[None]:
    """Of each project that is not archived and whose day has none yet; one project at each step."""
    with tools.units.store.view() as tx:
        paths = {node.path: node.id for node in tx.tree.all() if node.kind is NodeKind.PROJECT and not node.archived}
    standing: Standing | None = None
    for path in sorted(paths):
        if not _told_today(tools, path):
            standing = standing or standing_now(tools)
            compute_now(tools, path, standing, paths[path])
        yield


def compute_now(tools: AssessmentTools, path: str, standing: Standing, node: int) -> None:
    """All metrics of a project, with those that have no data; nothing where it is at that path no more."""
    found = compute_metrics(evidence_of(tools, path, standing))
    with tools.units.store.change() as tx:
        if (there := tx.tree.at(path)) is None or there.id != node:
            return
        writer = tools.units.writer()
        for one in found:
            record_about(tx, writer, path, _subject(path, one.metric), _content(one, standing.size))


def _told_today(tools: AssessmentTools, path: str) -> bool:
    began = tools.units.clock() // _DAY * _DAY
    of_today = EntryFilter(subject=_subject(path, _FIRST), since=began, until=began + _DAY)
    return bool(tools.ledger.look(of_today, 1).entries)


def _subject(path: str, metric: str) -> str:
    return f"{path}:{metric}"


def _content(one: Computed, as_of: int) -> own.MetricComputed:
    def told(value: float | None) -> Any:
        return UNSET if value is None else value

    return own.MetricComputed(
        metric=one.metric,
        definition=one.version,
        begin=timestamp(one.window.begin),
        end=timestamp(one.window.end),
        as_of=as_of,
        value=told(one.value),
        numerator=told(one.numerator),
        denominator=told(one.denominator),
    )
