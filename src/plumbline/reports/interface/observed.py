"""What the parsers of observed calls share: careful looks into decoded JSON, and calls of one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.kernel import t
from plumbline.kernel.text import nt
from plumbline.model.report import Call, Defect
from plumbline.reports.interface.graphql import asked
from plumbline.reports.interface.routes import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.reports.parser import Marks

MOST_CALLS = 1_000_000  # of one file
LONGEST_TEST = 1000  # characters of a test's name


def inside(value: Any, *keys: str) -> dict[str, Any]:
    """The map behind some keys; empty where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def listed_at(value: Any, *keys: str) -> list[Any]:
    """The list behind some keys; empty where there is none."""
    found = inside(value, *keys[:-1]).get(keys[-1])
    return found if isinstance(found, list) else []


def text_at(value: Any, *keys: str) -> str:
    """The text behind some keys; empty where there is none."""
    found = inside(value, *keys[:-1]).get(keys[-1])
    return found if isinstance(found, str) else ""


def status_of(value: Any) -> int:
    """An HTTP status; 0 where it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599 else 0


def first_line(marks: Marks) -> dict[str, Any]:
    """The first object of a file of JSON lines, which may have one line only; empty where it is none."""
    found = marks.document
    if marks.shape == "jsonl":
        found = found[0] if isinstance(found, (list, tuple)) and found else None
    if isinstance(found, (bytes, str)):
        try:
            found = msgspec.json.decode(found)
        except (msgspec.DecodeError, RecursionError):
            return {}
    return found if isinstance(found, dict) and marks.shape in ("json", "jsonl") else {}


def lines(data: bytes) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Number and object of each line; None where a line is no object, as the last of a file that was cut off."""
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            found = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError):
            found = None
        yield number, found if isinstance(found, dict) else None


def calls_in(call: Call, body: str) -> list[Call]:
    """A request as a call, and each field that its body asks a GraphQL interface for as another."""
    return [call, *(msgspec.structs.replace(call, verb=verb, name=field) for verb, field in asked(body))]


def is_call(verb: str, name: str) -> bool:
    return 0 < len(verb) <= 32 and 0 < len(name) <= LONGEST and verb.isprintable() and name.isprintable()


def unread(count: int, where: str) -> tuple[Defect, ...]:
    """A defect where some entries of a file say of no call what it was."""
    if not count:
        return ()
    message = nt(
        "{count} entry does not say what was called, and is left out",
        "{count} entries do not say what was called, and are left out",
        count,
    )
    return (Defect(code="entries-unread", message=message, where=where),)


def too_many() -> Defect:
    return Defect(
        code="calls-cut", message=t("there are more than {count} calls; the rest is left out", count=MOST_CALLS)
    )
