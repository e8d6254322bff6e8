"""The list of pipelines, which is the same for a project, a node, and all that somebody may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.flow.pipelines.list_pipelines import COUNTED, PipelineChoice, PipelineRow, pipeline_rows
from plumbline.kernel import t
from plumbline.model.change import Event
from plumbline.model.job import State
from plumbline.web.begun import begun
from plumbline.web.files import FORMS, Length, Moment
from plumbline.web.labels import labels
from plumbline.web.lists import PAGE, Column, ListKind, listing_of
from plumbline.web.page import Raw
from plumbline.web.stages import stage_said
from plumbline.web.states import look_of, title
from plumbline.web.tree import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from enum import StrEnum
    from typing import TypeVar

    from plumbline.web.page import Ask

    E = TypeVar("E", bound=StrEnum)

_REF_ROOM = 130  # pixels
_AT_ONCE = 500  # rows that are read together for a file


def _took(row: PipelineRow) -> Length | None:
    one = row.pipeline
    return Length(one.finished - one.started) if one.started and one.finished else None


def _columns(*, project: bool) -> tuple[Column[PipelineRow], ...]:
    made: tuple[Column[PipelineRow], ...] = (
        Column("state", t("State"), lambda row: title(look_of(row.pipeline))),
        Column("pipeline", t("Pipeline"), lambda row: row.pipeline.iid),
        Column("project", t("Project"), lambda row: row.project.path),
        Column("stages", t("Stages"), lambda row: "; ".join(stage_said(stage) for stage in row.stages)),
        Column("ref", t("Ref"), lambda row: row.pipeline.ref),
        Column("commit", t("Commit"), lambda row: row.pipeline.sha),
        Column("subject", t("Message"), lambda row: row.pipeline.change.message.partition("\n")[0]),
        Column("author", t("Author"), lambda row: row.pipeline.change.author, shown=False),
        Column("source", t("Source"), lambda row: str(EVENTS[row.pipeline.event]), shown=False),
        Column("person", t("Started by"), lambda row: str(begun(row.pipeline, row.whence))),
        Column("took", t("Start to end"), _took, number=True, unit="s"),
        Column("created", t("When"), lambda row: Moment(row.pipeline.created), number=True, unit="UTC"),
    )
    return made if project else tuple(column for column in made if column.key != "project")


_FILTERS = ("state", "ref", "source", "who")
_OF_MANY = ListKind("pipelines", _columns(project=True), (*_FILTERS, "project"))
_OF_ONE = ListKind("pipelines", _columns(project=False), _FILTERS)


def pipeline_list(ask: Ask, node: int, *, many: bool) -> dict[str, Any] | Raw:
    """What the template `pipeline_list.html` takes, or the list as a file. ``many``: it is of several projects."""
    kind = _OF_MANY if many else _OF_ONE
    listing = listing_of(ask, kind)
    chosen = listing.chosen
    choice = PipelineChoice(
        node=node,
        project=chosen.get("project", ""),
        ref=chosen.get("ref", ""),
        state=_one(State, chosen.get("state", "")),
        event=_one(Event, chosen.get("source", "")),
        who=chosen.get("who", ""),
    )
    if ask.text("file") in FORMS:
        found = listing.file(ask, _all(ask, choice))
        assert found is not None
        return found
    before = int(listing.here) if listing.here.isascii() and listing.here.isdecimal() and len(listing.here) < 19 else 0
    page = pipeline_rows(ask.actor, ask.tools.pipelines, PAGE, choice, before=before)
    more = str(page.more) if page.more else ""
    shown = [row for top in page.rows for row in _with_children(top)]
    return {
        "refs_shown": labels((row.pipeline.ref for row in shown), _REF_ROOM),
        "listing": listing.with_rows(page.rows, page.total, more, counted=COUNTED),
        "states": [(state.value, title(state)) for state in State],
        "sources": [(event.value, name) for event, name in EVENTS.items()],
    }


def _all(ask: Ask, choice: PipelineChoice) -> Iterator[PipelineRow]:
    """Every row, child pipelines behind their parents; read in parts, each at its own moment."""
    before = 0
    while True:
        page = pipeline_rows(ask.actor, ask.tools.pipelines, _AT_ONCE, choice, before=before, counted=False)
        for row in page.rows:
            yield from _with_children(row)
        if not page.more:
            return
        before = page.more


def _with_children(row: PipelineRow) -> Iterator[PipelineRow]:
    yield row
    for child in row.children:
        yield from _with_children(child)


def _one(kind: type[E], text: str) -> E | None:
    """What the address says, where there is such a one."""
    return next((one for one in kind if one.value == text), None)
