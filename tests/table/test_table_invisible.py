"""What somebody may not see is answered in the very words of what is not there, at every door that takes a number."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from table_actors import actors
from table_call import INSTALLATION
from table_doors import DOORS, STREAMS
from table_expected import Answer, expected
from table_walk import is_api

from plumbline.access import Place

if TYPE_CHECKING:
    from table_walk import Walker

NOWHERE = 471147
_NUMBERED = re.compile(r"\{(node|project|pipeline|job|schedule|assessment)(?::int)?\}")
_OURS = re.compile(rb"\d+|[0-9a-f]{16}|name=\"csrf\" value=\"\w+\"")  # numbers, and what is new with each answer
HIDDEN = {
    door: call
    for door, calls in DOORS.items()
    for call in calls
    if call.about != INSTALLATION
    and _NUMBERED.search(door)
    and door not in STREAMS
    and call.use_case.at is not Place.ANYBODY
}


@pytest.mark.parametrize("door", HIDDEN)
def test_what_one_may_not_see_is_not_there(door: str, walker: Walker) -> None:
    call = HIDDEN[door]
    strangers = [one for one in actors(call, api=is_api(door)) if expected(call, one) is Answer.INVISIBLE]
    if not strangers:  # what is below may be seen from everywhere
        pytest.skip("nobody who may ask does not see it")
    away = replace(call, numbers={**call.numbers, **dict.fromkeys(_NUMBERED.findall(door), NOWHERE)})
    who = [strangers[0], strangers[-1]]
    hidden = walker.ask(door, [(call, one) for one in who])
    missing = walker.ask(door, [(away, one) for one in who])
    for (_, here), (_, there) in zip(hidden, missing, strict=True):
        assert (here.status, there.status) == (404, 404)
        assert _plain(here.body) == _plain(there.body)


def _plain(body: bytes) -> bytes:
    return _OURS.sub(b"", re.sub(rb'"instance":"\w+"', b"", body))
