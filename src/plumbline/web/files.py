"""A list as a file to take along: CSV, or a workbook of a spreadsheet. No cell of it is ever a formula."""

from __future__ import annotations

import csv
import io
import unicodedata
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import t
from plumbline.kernel.text import in_language, language
from plumbline.web.page import Raw
from plumbline.web.words import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MOST = 50_000  # rows of a file
FORMS = ("csv", "xlsx")
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORMULAS = frozenset("=+-@\t\r\n")  # what spreadsheets take for the beginning of one
_LONGEST_CELL = 32_767  # letters, in a workbook
_PIECE = 64 * 1024
_MOMENTS, _LENGTHS = "yyyy-mm-dd hh:mm:ss", "0.0"


class Moment(NamedTuple):
    """UTC, microseconds since the epoch; 0: none."""

    micros: int


class Length(NamedTuple):
    """Microseconds; it stands in seconds in a file."""

    micros: int


Cell = str | int | float | Moment | Length | None


def list_file(form: str, name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], now: int) -> Raw:
    """``form``: one of FORMS. ``rows`` are read while the file is sent; it ends after MOST of them, and says so."""
    said = str(
        t("The list goes on. A file holds at most {count} rows: narrow the list down for the rest.", count=f"{MOST:,}")
    )
    day = datetime.fromtimestamp(now / SECOND, UTC).strftime("%Y-%m-%d")
    disposition = {"Content-Disposition": f'attachment; filename="{name}-{day}.{form}"'}
    write = _csv if form == "csv" else _workbook
    return Raw(write(heads, _ending(_said_in(language(), rows), said)), _MEDIA[form], disposition)


def guarded(text: str) -> bool:
    """Whether a spreadsheet might take it for a formula."""
    first = text.lstrip(" \0")[:1]
    return first in _FORMULAS or unicodedata.normalize("NFKC", first)[:1] in _FORMULAS if first else False


def _said_in(code: str, rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    """Rows are read when the answer is on its way, where the language of who asked is no longer set."""
    each = iter(rows)
    while True:
        with in_language(code):
            row = next(each, None)
        if row is None:
            return
        yield row


def _ending(rows: Iterable[Sequence[Cell]], said: str) -> Iterator[Sequence[Cell]]:
    for number, row in enumerate(rows):
        if number == MOST:
            yield (said,)
            return
        yield row


def _csv(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    held = io.StringIO()
    writer = csv.writer(held)
    held.write("\ufeff")  # by which spreadsheets know UTF-8
    writer.writerow([_plain(head) for head in heads])
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])
        if held.tell() >= _PIECE:
            yield held.getvalue().encode("utf-8", "replace")
            held.seek(0)
            held.truncate()
    yield held.getvalue().encode("utf-8", "replace")


def _plain(cell: Cell) -> str | int | float:
    if isinstance(cell, str):
        return f"'{cell}" if guarded(cell) else cell
    if isinstance(cell, Moment):
        return f"{_utc(cell).isoformat()}Z" if cell.micros else ""
    if isinstance(cell, Length):
        return round(cell.micros / SECOND, 1)
    return "" if cell is None else cell


def _workbook(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    import xlsxwriter  # noqa: PLC0415 - it takes a moment, and few ask for it

    with TemporaryFile(prefix="plumbline-list-") as file:
        book = xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": _MOMENTS})
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        text, seconds = book.add_format({"quote_prefix": True}), book.add_format({"num_format": _LENGTHS})
        sheet.freeze_panes(1, 0)
        for place, head in enumerate(heads):
            sheet.write_string(0, place, head, bold)
        for number, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell[:_LONGEST_CELL], text if guarded(cell) else None)
                elif isinstance(cell, Moment):
                    if cell.micros:
                        sheet.write_datetime(number, place, _utc(cell))
                elif isinstance(cell, Length):
                    sheet.write_number(number, place, cell.micros / SECOND, seconds)
                elif cell is not None:
                    sheet.write_number(number, place, cell)
        book.close()
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _utc(moment: Moment) -> datetime:
    """Without a time zone, which workbooks do not know, and to the second."""
    return datetime.fromtimestamp(moment.micros // SECOND, UTC).replace(tzinfo=None)
