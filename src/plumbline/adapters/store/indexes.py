"""Indexes of the ledger as lists of numbers: of entries of some types, about a part of the tree, ... An index has few
values, however many entries, and one step finds the next of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, true

from plumbline.adapters.store.schema import ledger as tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import CTE, ColumnElement, Connection, Select, Table

    Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Index:
    """Of a column: each value, and behind it the numbers of its entries in order, where it is ``ordered``."""

    table: Table
    column: str
    within: tuple[Condition, ...] = ()  # a range of its values
    fits: Callable[[ColumnElement[str]], Condition] | None = None  # which of those; None: all
    also: tuple[Condition, ...] = ()  # of an entry
    ordered: bool = True

    def values(self, connection: Connection) -> list[str]:
        values = self._values()
        return list(connection.execute(select(values.c.value).where(*self._fitting(values))).scalars())

    def nearest(self, connection: Connection, low: int, high: int, *, newest: bool) -> list[tuple[int, str]]:
        """Each value that there is from ``low`` to ``high``, and before it the number of its newest or oldest entry."""
        values = self._values()
        number = (func.max if newest else func.min)(self.table.c.seq)
        near = select(number).where(*self._of(values.c.value, low, high)).scalar_subquery()
        found = connection.execute(select(near, values.c.value).where(*self._fitting(values)))
        return [(number, value) for number, value in found if number is not None]

    def one(self, value: str, low: int, high: int, *, newest: bool) -> Select[Any]:
        """The numbers of the entries with a value, in order."""
        number = self.table.c.seq
        return select(number).where(*self._of(value, low, high)).order_by(number.desc() if newest else number)

    def all(self, connection: Connection, low: int, high: int, most: int) -> Select[Any]:
        """At most so many numbers of entries, in no order."""
        values = self._values()
        here = select(self.table.c.seq).where(*self._of(values.c.value, low, high))
        if connection.dialect.name == "sqlite":
            joined = values.join(self.table, self.table.c[self.column] == values.c.value)
            return here.select_from(joined).where(*self._fitting(values)).limit(most)
        each = here.limit(
            most
        ).lateral()  # so that PostgreSQL, which cannot guess how few, steps into the index for each
        return select(each.c.seq).select_from(values.join(each, true())).where(*self._fitting(values)).limit(most)

    def _of(self, value: Any, low: int, high: int) -> tuple[Condition, ...]:
        return (self.table.c[self.column] == value, self.table.c.seq.between(low, high), *self.also)

    def _fitting(self, values: CTE) -> list[Condition]:
        return [values.c.value.is_not(None), *([self.fits(values.c.value)] if self.fits else [])]

    def _values(self) -> CTE:
        """Each value once, and a null behind them."""
        column = self.table.c[self.column]
        values = select(func.min(column).label("value")).where(*self.within).cte(recursive=True)
        following = select(func.min(column)).where(column > values.c.value, *self.within).scalar_subquery()
        return values.union_all(select(following).where(values.c.value.is_not(None)))


TYPES = Index(tables.entry, "type")
