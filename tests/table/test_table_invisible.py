"""What somebody may not see is answered in the very words of what is not there, at every door: whether the address, the
query or what is sent names it. 403 is for what one may see and not do, and is then the same whatever there is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from table_actors import actors
from table_call import INSTALLATION, Call
from table_doors import DOORS
from table_expected import Answer, expected
from table_walk import is_api

from plumbline.access import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from table_actors import Actor
    from table_walk import Walker

NOWHERE, NO_PATH = 471147, "no/where"
_NUMBERED = re.compile(r"\{(node|project|pipeline|job|schedule|seq|source)(?::int)?\}")
_OF_INSTALLATION = re.compile(r"\{(person|seq)(?::int)?\}")
_NAMED = re.compile(r"\{(core|posting|path of core|path of posting)\}")  # in a query, or in what is sent
_OURS = re.compile(rb"\d+|[0-9a-f]{16}|bank(/core)?(/posting)?|no/where|name=\"csrf\" value=\"\w+\"")


def _names_it(door: str, call: Call) -> bool:
    said = [*call.query.values(), *call.form.values(), *(call.json or {}).values()]
    return bool(_NUMBERED.search(door)) or any(isinstance(one, str) and _NAMED.fullmatch(one) for one in said)


def _hidden() -> Iterator[tuple[str, Call]]:
    """Each question about something that not everybody who may ask sees."""
    for door, calls in DOORS.items():
        for call in calls:
            if call.about == INSTALLATION or call.use_case.at in (Place.ANYBODY, Place.WHERE_VISIBLE):
                continue
            if _names_it(door, call) and _strangers(door, call):
                yield door, call


def _strangers(door: str, call: Call) -> list[Actor]:
    return [one for one in actors(call, api=is_api(door)) if expected(call, one) is Answer.INVISIBLE]


HIDDEN = list(_hidden())
CLOSED = [(door, call) for door, calls in DOORS.items() for call in calls
          if _OF_INSTALLATION.search(door) and call.about == INSTALLATION
          and call.use_case.at is Place.INSTALLATION]  # fmt: skip


def _id(value: Any) -> str:
    return value if isinstance(value, str) else value.use_case.name


@pytest.mark.parametrize(("door", "call"), HIDDEN, ids=_id)
def test_what_one_may_not_see_is_not_there(door: str, call: Call, walker: Walker) -> None:
    strangers = _strangers(door, call)
    away = replace(
        call,
        numbers={**call.numbers, **dict.fromkeys(_NUMBERED.findall(door), NOWHERE)},
        query=_elsewhere(call.query),
        form=_elsewhere(call.form),
        json=_elsewhere(call.json) if call.json is not None else None,
    )
    _same(walker, door, (call, away), [strangers[0], strangers[-1]], 404)


@pytest.mark.parametrize(("door", "call"), CLOSED, ids=_id)
def test_who_may_not_look_is_not_told_what_there_is(door: str, call: Call, walker: Walker) -> None:
    away = replace(call, numbers={**call.numbers, **dict.fromkeys(_OF_INSTALLATION.findall(door), NOWHERE)})
    refused = [one for one in actors(call, api=is_api(door)) if expected(call, one) is Answer.FORBIDDEN]
    _same(walker, door, (call, away), [refused[0], refused[-1]], 403)


def _elsewhere(said: Any) -> Any:
    """The same, with what is named replaced by what is not there."""
    return {name: _missing(value) if isinstance(value, str) else value for name, value in said.items()}


def _missing(value: str) -> Any:
    if not (found := _NAMED.fullmatch(value)):
        return value
    return NO_PATH if found[1].startswith("path") else NOWHERE


def _same(walker: Walker, door: str, calls: tuple[Call, Call], who: list[Actor], status: int) -> None:
    here, there = (walker.ask(door, [(call, one) for one in who]) for call in calls)
    for (_, one), (_, other) in zip(here, there, strict=True):
        assert (one.status, other.status) == (status, status)
        assert _plain(one.body) == _plain(other.body)


def _plain(body: bytes) -> bytes:
    return _OURS.sub(b"", re.sub(rb'"instance":"\w+"', b"", body))


def test_every_kind_of_object_is_asked_for() -> None:
    asked = {name for door, _ in HIDDEN for name in _NUMBERED.findall(door)}
    assert asked == {"node", "project", "pipeline", "job", "schedule", "seq", "source"}
    assert {value for _, call in HIDDEN for value in call.query.values() if _NAMED.fullmatch(value)}
    assert any("parent" in (call.json or call.form) for _, call in HIDDEN)
    assert any(door.startswith("GET /jobs/{job:int}/live") for door, _ in HIDDEN)
