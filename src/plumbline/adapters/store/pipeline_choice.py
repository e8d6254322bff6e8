"""Which pipelines are listed: the conditions of a filter, as statements that are made once for each form of it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, bindparam, func, select, union

from plumbline.adapters.store.schema import pipelines as tables
from plumbline.kernel import legible
from plumbline.model.change import Event
from plumbline.model.person import fold

if TYPE_CHECKING:
    from sqlalchemy import Select

    from plumbline.model.change import Change
    from plumbline.model.server import PipelineFilter

_columns = tables.pipeline.c
_MANY = 20  # projects of which some pipeline is among the newest ones of all
_LONGEST_WHO = 500  # characters; a database does not index much more
_ESCAPE = "/"
_LIKE = _columns.who.like(bindparam("words"), escape=_ESCAPE)
_ASKED = _columns.by.in_(bindparam("people", expanding=True))


def who(change: Change) -> str:
    """What is known of those who wrote the commit or brought it, for finding them by a part of it."""
    known = (change.author, change.user_login, change.user_name, change.user_email)
    return fold(legible("\n".join(dict.fromkeys(part for part in known if part))))[:_LONGEST_WHO]


def values_of(chosen: PipelineFilter) -> dict[str, object]:
    """Of the parameters of a statement; those that choose nothing are not there."""
    values: dict[str, object] = {}
    if chosen.projects is not None:
        values["projects"] = list(chosen.projects)
    if chosen.states:
        values["states"] = [state.value for state in chosen.states]
    if chosen.ref:
        values["ref"] = chosen.ref
    if chosen.event is not None:
        values["event"] = chosen.event.value
    if chosen.words:
        values["words"] = f"%{_escaped(chosen.words)}%"
    if chosen.people:
        values["people"] = list(chosen.people)
    if not chosen.children:
        values["child"] = Event.PARENT.value
    return values


def many(chosen: PipelineFilter) -> bool:
    return chosen.projects is not None and len(chosen.projects) > _MANY


@cache
def choosing(given: frozenset[str], *, many: bool) -> Select[Any]:
    """The ids of the newest ``limit`` pipelines for these parameters; ``many`` projects."""
    # Adding nothing keeps a database from taking the index of a column where that of another is better.
    project = _columns.project + 0 if many else _columns.project
    conditions = {
        "projects": project.in_(bindparam("projects", expanding=True)),
        "states": _columns.state.in_(bindparam("states", expanding=True)),
        "ref": _columns.ref == bindparam("ref"),
        "event": _columns.event == bindparam("event"),
        "child": _columns.event != bindparam("child"),
        "before": _columns.id < bindparam("before"),
    }
    wanted = [condition for name, condition in conditions.items() if name in given]
    persons = [select(_columns.id).where(each) for name, each in _PERSONS.items() if name in given]
    if persons:
        wanted.append(_columns.id.in_(union(*persons) if len(persons) > 1 else persons[0]))
    return select(_columns.id).where(*wanted).order_by(_columns.id.desc()).limit(bindparam("limit", type_=Integer))


@cache
def counting(given: frozenset[str], *, many: bool) -> Select[Any]:
    """How many :func:`choosing` finds."""
    return select(func.count()).select_from(choosing(given, many=many).order_by(None).subquery())


_PERSONS = {"words": _LIKE, "people": _ASKED}


def _escaped(words: str) -> str:
    for sign in (_ESCAPE, "%", "_"):
        words = words.replace(sign, _ESCAPE + sign)
    return words
