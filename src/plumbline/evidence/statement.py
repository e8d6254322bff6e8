"""In-toto statements (version 1): what is said, by the type of its predicate, of which digests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.evidence.names_once import NameTwiceError, check_names_once
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Iterable

TYPE = "https://in-toto.io/Statement/v1"
TYPES = (TYPE, "https://in-toto.io/Statement/v0.1")  # that are read
PAYLOAD_TYPE = "application/vnd.in-toto+json"
_MOST_SUBJECTS = 10_000


class Resource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A resource descriptor: something by its digest."""

    name: str = ""
    uri: str = ""
    digest: dict[str, str] = {}
    media_type: str = ""
    annotations: dict[str, Any] = {}

    @property
    def digests(self) -> tuple[str, ...]:
        return tuple(f"{algorithm}:{value}" for algorithm, value in sorted(self.digest.items()))


class Statement(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    type: str = msgspec.field(name="_type", default=TYPE)
    subject: tuple[Resource, ...]
    predicate_type: str
    predicate: msgspec.Raw

    def is_about(self, digest: str) -> bool:
        algorithm, _, value = digest.partition(":")
        return any(one.digest.get(algorithm, "") == value for one in self.subject)

    @property
    def digests(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(digest for one in self.subject for digest in one.digests))


def resource(digest: str, name: str = "", **more: Any) -> Resource:
    algorithm, _, value = digest.partition(":")
    return Resource(name=name, digest={algorithm: value}, **more)


def write_statement(subjects: Iterable[Resource], predicate_type: str, predicate: Any) -> bytes:
    """The payload of an envelope. ``predicate``: a value, or its JSON as ``msgspec.Raw``."""
    raw = predicate if isinstance(predicate, msgspec.Raw) else msgspec.Raw(msgspec.json.encode(predicate))
    return msgspec.json.encode(Statement(subject=tuple(subjects), predicate_type=predicate_type, predicate=raw))


def read_statement(payload: bytes) -> Statement:
    """Raises PlumblineError ``not-a-statement``."""
    try:
        check_names_once(payload)
        found = msgspec.json.decode(payload, type=ready(Statement))
    except NameTwiceError as error:
        raise _none(t("'{name}' stands in it twice", name=error.name)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _none(t("subject, predicateType and predicate are not what they should be")) from None
    if found.type not in TYPES:
        raise _none(t("its type is '{type}'", type=found.type[:200]))
    if not 0 < len(found.subject) <= _MOST_SUBJECTS or not all(one.digest for one in found.subject):
        raise _none(t("it is about nothing that has a digest, or about too much"))
    return found


def _none(reason: Text) -> PlumblineError:
    return PlumblineError(
        "not-a-statement",
        t("This is not an in-toto statement: {reason}.", reason=reason),
        t("A statement is JSON with _type, subject, predicateType and predicate."),
        kind=ErrorKind.REFUSED,
    )
