"""What the flows about people may touch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plumbline.flow.people.refusals import Refusals
from plumbline.flow.unit_of_work import Units
from plumbline.model.ports.people import Passwords


@dataclass(frozen=True, slots=True)
class PeopleTools:
    """Built by ``wiring`` alone; used from many threads."""

    units: Units
    passwords: Passwords
    refusals: Refusals
    secret: Callable[[int], bytes]  # random bytes
    url: str = ""  # how browsers reach the server; it stands in links that are handed on
