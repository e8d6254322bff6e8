"""One way to write a list: what is chosen and how it is shown stands in its address; a row knows what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from plumbline.flow.people.saved_views import list_views
from plumbline.kernel import Text, t
from plumbline.model.person import SavedView, fold
from plumbline.web.files import FORMS, Cell, Length, Moment, list_file

if TYPE_CHECKING:
    from plumbline.web.page import Ask, Raw

R = TypeVar("R")
PAGE = 50  # rows
_OWN = ("sort", "columns")  # what an address says of how a list is shown; the rest of it is what is chosen


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """``cell``: what it holds of a row, for files and for sorting; a template draws it."""

    key: str
    title: Text
    cell: Callable[[R], Cell]
    sorts: bool = False
    shown: bool = True  # where nobody chose
    number: bool = False  # stands to the right
    unit: str = ""  # of what stands in files, where a page needs none


@dataclass(frozen=True, slots=True)
class ListKind(Generic[R]):
    """``name``: under which its views are saved, and its files. ``filters``: what its address may choose by."""

    name: str
    columns: tuple[Column[R], ...]
    filters: tuple[str, ...] = ()
    key: Callable[[R], str] = str  # tells a row from all others, where the whole list is at hand


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """A list as somebody asked for it, and then with its rows. A template shows it with the macros of `lists.html`."""

    kind: ListKind[R]
    path: str
    chosen: dict[str, str]  # filters that choose something
    sort: str = ""  # the key of a column; with a minus before it: the largest first
    columns: tuple[Column[R], ...] = ()
    views: Sequence[SavedView] = ()
    rows: Sequence[R] = ()
    count: int = 0
    counted: int = 0  # larger counts are only said to be larger; 0: all are counted
    before: int = 0  # rows on the parts before this one
    here: str = ""  # where this part begins; "": it is the first
    more: str = ""  # where the next part begins; "": there is none

    @property
    def narrowed(self) -> bool:
        return bool(self.chosen)

    @property
    def query(self) -> str:
        """What a saved view keeps."""
        return self._query({})

    @property
    def said(self) -> Text:
        """How many rows there are, and which of them are here."""
        first, last = f"{self.before + 1:,}", f"{self.before + len(self.rows):,}"
        if self.counted and self.count > self.counted:
            return t("{first}–{last} of more than {count}", first=first, last=last, count=f"{self.counted:,}")
        return t("{first}–{last} of {count}", first=first, last=last, count=f"{self.count:,}")

    @property
    def cleared(self) -> str:
        """The address of the same list with nothing chosen."""
        return replace(self, chosen={}).address()

    @property
    def own_address(self) -> str:
        return self._at(self.here, self.before) if self.here else self.address()

    @property
    def next_address(self) -> str:
        return self._at(self.more, self.before + len(self.rows))

    def address(self, **changes: str | int) -> str:
        """Of the same list with something else in its address; from its beginning."""
        query = self._query(changes)
        return f"{self.path}?{query}" if query else self.path

    def sorted_address(self, column: Column[R]) -> str:
        return self.address(sort=f"-{column.key}" if self.sort == column.key else column.key)

    def direction(self, column: Column[R]) -> str:
        """For ``aria-sort``; "": it is not sorted by this one."""
        return {column.key: "ascending", f"-{column.key}": "descending"}.get(self.sort, "")

    def kept(self, *without: str) -> dict[str, str]:
        """What a form of the list carries along, beside its own fields."""
        return {name: value for name, value in self._parts().items() if name not in without}

    def with_rows(self, rows: Sequence[R], count: int, more: str = "", counted: int = 0) -> Listing[R]:
        """``rows`` of this part only."""
        return replace(self, rows=rows, count=count, more=more, counted=counted)

    def with_all(self, rows: Iterable[R]) -> Listing[R]:
        """Of a list that is at hand as a whole: sorted, and cut to its part."""
        every = self._sorted(rows)
        keys = [self.kind.key(row) for row in every]
        first = keys.index(self.here) + 1 if self.here in keys else 0
        shown = every[first : first + PAGE]
        more = keys[first + PAGE - 1] if len(every) > first + PAGE else ""
        return replace(self, rows=shown, count=len(every), more=more, before=first, here=self.here if first else "")

    def file(self, ask: Ask, rows: Iterable[R]) -> Raw | None:
        """The list as a file, where the address asks for one. ``rows``: all of them, in their order."""
        form = ask.text("file")
        if form not in FORMS:
            return None
        heads = [f"{column.title} ({column.unit})" if column.unit else str(column.title) for column in self.columns]
        cells = ([column.cell(row) for column in self.columns] for row in rows)
        return list_file(form, self.kind.name, heads, cells, ask.now)

    def file_of_all(self, ask: Ask, rows: Iterable[R]) -> Raw | None:
        """The same of a list that is at hand as a whole."""
        return self.file(ask, self._sorted(rows)) if ask.text("file") in FORMS else None

    def _at(self, place: str, before: int) -> str:
        return f"{self.path}?{self._query({'after': place, 'from': before})}"

    def _sorted(self, rows: Iterable[R]) -> list[R]:
        column = next((one for one in self.kind.columns if one.key == self.sort.removeprefix("-")), None)
        if column is None or not column.sorts:
            return list(rows)
        cell = column.cell
        known: list[R] = []
        empty: list[R] = []
        for row in rows:
            (empty if cell(row) in (None, "") else known).append(row)
        return [*sorted(known, key=lambda row: _order(cell(row)), reverse=self.sort.startswith("-")), *empty]

    def _parts(self) -> dict[str, str]:
        shown = tuple(column for column in self.kind.columns if column.shown)
        columns = "" if self.columns == shown else ",".join(column.key for column in self.columns)
        parts = {**self.chosen, "sort": self.sort, "columns": columns}
        return {name: value for name, value in parts.items() if value}

    def _query(self, changes: dict[str, str | int]) -> str:
        parts = self._parts() | {name: str(value) for name, value in changes.items()}
        return urlencode({name: value for name, value in parts.items() if value})


def listing_of(ask: Ask, kind: ListKind[R], path: str = "") -> Listing[R]:
    """What the address asks for. ``path``: of the list, where it is not the page's own."""
    chosen = {name: ask.query.get(name, "").strip() for name in kind.filters}
    wanted = set(_columns_in(ask))
    known = {column.key for column in kind.columns}
    columns = tuple(column for column in kind.columns if (column.key in wanted if wanted & known else column.shown))
    sort = ask.query.get("sort", "")
    sorts = any(column.sorts and column.key == sort.removeprefix("-") for column in kind.columns)
    here = ask.query.get("after", "")
    before = ask.query.get("from", "")
    return Listing(
        kind=kind,
        path=path or ask.path,
        chosen={name: value for name, value in chosen.items() if value},
        sort=sort if sorts else "",
        columns=columns,
        views=list_views(ask.actor, ask.tools.people, kind.name),
        before=int(before) if here and before.isascii() and before.isdecimal() and len(before) < 12 else 0,
        here=here,
    )


def _columns_in(ask: Ask) -> list[str]:
    """A form sends one field for each, a link all in one."""
    given = ask.query.getlist("columns") if isinstance(ask.query, QueryParams) else [ask.query.get("columns", "")]
    return [key for one in given for key in one.split(",")]


def _order(cell: Cell) -> tuple[str, float]:
    if isinstance(cell, str):
        return fold(cell), 0
    if isinstance(cell, (Moment, Length)):
        return "", cell.micros
    return "", cell or 0
