"""When entries were received, as a range of their numbers: their times need no index, since they grow with them."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from plumbline.adapters.store.schema import ledger as tables

if TYPE_CHECKING:
    from sqlalchemy import Connection

_setbacks = tables.setback.c
_entries = tables.entry.c
_RECEIVED = select(_entries.received).where(_entries.seq >= bindparam("wanted")).order_by(_entries.seq).limit(1)


def numbers_between(connection: Connection, size: int, since: int, until: int) -> tuple[int, int]:
    """The smallest range of numbers with all entries in it that were received at ``since`` or later and before
    ``until``; 0: whenever."""
    first = _first_since(connection, size, since) if since else 1
    last = _last_before(connection, size, until) if until else size
    return first, last


def set_back_within(connection: Connection, first: int, last: int) -> bool:
    """Whether entries of other times stand among those of this range."""
    inside = select(_setbacks.seq).where(_setbacks.seq > first, _setbacks.seq <= last).limit(1)
    return connection.execute(inside).scalar() is not None


def _first_since(connection: Connection, size: int, since: int) -> int:
    """One more than there are entries where there is none."""
    ended = connection.execute(select(func.min(_setbacks.seq)).where(_setbacks.ended >= since)).scalar()
    end = (ended or size + 1) - 1
    begin = connection.execute(select(func.max(_setbacks.seq)).where(_setbacks.seq <= end)).scalar() or 1
    return _sought(connection, begin, end, since)


def _last_before(connection: Connection, size: int, until: int) -> int:
    """0 where there is none."""
    begin = connection.execute(select(func.max(_setbacks.seq)).where(_setbacks.began < until)).scalar() or 1
    after = connection.execute(select(func.min(_setbacks.seq)).where(_setbacks.seq > begin)).scalar()
    return _sought(connection, begin, (after or size + 1) - 1, until) - 1


def _sought(connection: Connection, begin: int, end: int, time: int) -> int:
    """The first of these entries, among which the clock was never set back, of this time or later; else the next."""

    def received(seq: int) -> int:
        """Of the next one where somebody took it away."""
        found = connection.execute(_RECEIVED, {"wanted": seq}).scalar()
        return found if isinstance(found, int) else 0

    return begin + bisect_left(range(begin, end + 1), time, key=received)
