"""What a decoded document has at a place, in the type that is asked for: what is of another type is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 4096  # characters kept of a text
LARGEST = 2**31 - 1  # line numbers and counts beyond are nonsense


def text(value: Any, most: int = LONGEST) -> str:
    """A text or a number as text, its first ``most`` characters; no NUL, which no database keeps."""
    if type(value) is not str:
        if type(value) is not int and type(value) is not float:
            return ""
        value = str(value)
    kept: str = value if len(value) <= most else value[:most]
    return kept.replace("\x00", "\ufffd") if "\x00" in kept else kept


def secret(value: Any) -> str:
    """The value of a secret; empty where the tool put ``REDACTED`` or stars in its place: two of them are not one."""
    said = text(value).strip()
    return "" if said.strip("*.") in ("", "REDACTED") else said


def whole(value: Any) -> int:
    """A whole number from 0 to :data:`LARGEST`, also one written as text; 0 where there is none."""
    if type(value) is int:
        return value if 0 <= value <= LARGEST else 0
    if type(value) is str and value.isascii() and value.isdigit() and len(value) < 11:
        return whole(int(value))
    return int(value) if type(value) is float and 0 <= value <= LARGEST else 0


def real(value: Any) -> float | None:
    """A finite number, also one written as text."""
    if type(value) is str:
        try:
            value = float(value)
        except ValueError:
            return None
    if type(value) is int:
        return float(value) if abs(value) <= LARGEST else None
    return value if type(value) is float and abs(value) <= LARGEST else None


def listed(value: Any) -> list[Any]:
    return value if type(value) is list else []


def mapped(value: Any) -> dict[str, Any]:
    return value if type(value) is dict else {}


def maps(value: Any) -> Iterator[dict[str, Any]]:
    """The objects of a list; what else is in it is passed over."""
    return (entry for entry in listed(value) if type(entry) is dict)


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list; one text alone is a list of one."""
    if type(value) is str:
        return (text(value),)
    return tuple(text(entry) for entry in listed(value) if type(entry) is str)


def at(document: Any, *keys: str) -> Any:
    """What lies below these keys, one after the other; None where the way ends."""
    for key in keys:
        if type(document) is not dict:
            return None
        document = document.get(key)
    return document
