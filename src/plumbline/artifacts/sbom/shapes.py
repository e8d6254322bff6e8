"""Values of a decoded document, taken as what they should be; what is of another shape counts as not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.artifacts.sbom.lockfile import LockError
from plumbline.artifacts.sbom.plain_toml import read_plain
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Iterator


def as_json(text: str) -> dict[str, Any]:
    """Raises LockError ``malformed``."""
    import msgspec

    try:
        found = msgspec.json.decode(text.encode())
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        raise LockError("malformed", t("It is not JSON: {reason}", reason=str(error))) from None
    return _object(found)


def as_toml(text: str) -> dict[str, Any]:
    """Raises LockError ``malformed``."""
    import tomllib

    plain = read_plain(text)
    if plain is not None:
        return plain
    try:
        found = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise LockError("malformed", t("It is not TOML: {reason}", reason=str(error))) from None
    return _object(found)


def _object(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise LockError("malformed", t("There should be an object with names."))
    return found


def text_at(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def table_at(value: Any, name: str) -> dict[str, Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def items_at(value: Any, name: str) -> list[Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def tables_at(value: Any, name: str) -> list[dict[str, Any]]:
    return [one for one in items_at(value, name) if isinstance(one, dict)]


def texts_in(value: Any) -> Iterator[str]:
    yield from (one for one in (value if isinstance(value, list) else ()) if isinstance(one, str))
