"""Whose word an event is, and which kind it counts as.

1. A kind that this server writes counts only from this server, in exactly the type that is registered.
2. A tool tells such a kind under its own name (``dev.cdeventsx.<tool>-measurement.recorded.0.1.0``), and only those of
   which the vocabulary says that tools may.
3. A type of CDEvents counts from anybody, in a version of the series 0.
4. Whatever else is kept as it came, and is no fact; so is what nobody vouches for: what a person or a tool sent that is
   no registered source.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from plumbline.evidence.sender import read_sender
from plumbline.evidence.vocabulary import contents
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from plumbline.model.event import EventDraft

OWN, FILE, TOLD_BY_FORGE, REGISTERED = "own", "file", "forge:", "source:"  # whose word; a name follows the last two
_REMEMBERED = 2048  # names; the same few come again and again
OWN_TYPES = "dev.cdeventsx.plumbline-"
STANDARD_TYPES = "dev.cdevents."
_OWN_SOURCE = "/plumbline"  # of what pipelines and jobs tell
_FORGES = ":forge:"  # stands after the source of the server that a forge told something
_OWN_SOURCES = ("urn:plumbline:", "/projects/", f"{_OWN_SOURCE}{_FORGES}")  # beginnings of the others
_OWN_NAMES = (_OWN_SOURCE, "urn:plumbline", "/projects")  # and what follows them and a slash
_OF_FORGE = re.compile(rf"(?:{_OWN_SOURCE}|urn:plumbline:[^:/]+){_FORGES}([a-z][a-z0-9_]{{0,39}}):(\d+)")
_STANDARD = re.compile(r"dev\.cdevents\.([a-z]+\.[a-z]+)\.0\.\d{1,2}\.\d{1,2}(-draft)?")
_TOOLS = re.compile(r"dev\.cdeventsx\.(?!plumbline-)[a-zA-Z0-9]+-([a-zA-Z]+\.[a-zA-Z]+\.\d\.\d\.\d)")


def is_own(source: str) -> bool:
    """Whether events of this source are written by this server alone: nobody else's are taken in under it."""
    return source == _OWN_SOURCE or source.startswith(_OWN_SOURCES)


@lru_cache(maxsize=_REMEMBERED)
def word_of(source: str, sender: bytes | None) -> str:
    """Whose word an event is.

    ``own``: this server's. ``forge:<kind>``: this server wrote down what a forge told that proved itself.
    ``source:<name>``: a registered source, which proved itself. ``file``: it stands in a file that whoever asks named
    (``sender`` None: nobody kept senders there). Empty: nobody knows.
    """
    if is_own(source):
        told = forge_of(source)
        return f"{TOLD_BY_FORGE}{told.forge}" if told else OWN
    if sender is None:
        return FILE
    name = read_sender(sender).source
    return f"{REGISTERED}{name}" if name else ""


class ForgeWord(NamedTuple):
    """Whose word an event is that a forge told this server: which kind of forge, of which project."""

    forge: str
    project: int


def forge_source(server: str, forge: str, project: int) -> str:
    """What events name as their source that a forge told of a project. ``server``: the source of this server."""
    return f"{server}{_FORGES}{forge}:{project}"


def forge_of(source: str) -> ForgeWord | None:
    """The forge that an event rests on, where this server wrote down what one told it; None for all others."""
    found = _OF_FORGE.fullmatch(source)
    return ForgeWord(found[1], int(found[2])) if found else None


@lru_cache(maxsize=_REMEMBERED)
def pretends(source: str, type_: str) -> bool:
    """Whether a name looks like one of ours to people: in other letters, with blanks or signs that nobody sees."""
    plain = _plain(source)
    ours = plain in _OWN_NAMES or plain.startswith((*_OWN_SOURCES, *(f"{name}/" for name in _OWN_NAMES)))
    return ours or _plain(type_).startswith(OWN_TYPES)


def looks_like(name: str, other: str) -> bool:
    """Whether two sources are the same to people, or one begins as the other does."""
    one, two = _plain(name), _plain(other)
    return one == two or one.startswith(f"{two}/") or two.startswith(f"{one}/")


def check_origin(draft: EventDraft) -> None:
    """Events in our own name, or in one that looks like it, are written here alone: grades rest on them. Raises
    PlumblineError ``event-reserved``."""
    if pretends(draft.source, draft.type):
        raise PlumblineError(
            "event-reserved",
            t("Events of this type or source are written by this server alone."),
            t("Use the name of your own tool in the source and in the type."),
            kind=ErrorKind.REFUSED,
        )


@lru_cache(maxsize=_REMEMBERED)
def kind_of(type_: str, source: str = "") -> str:
    """Subject and predicate (``taskrun.finished``) that an event counts as; empty: it is no fact."""
    own = is_own(source)
    if type_.startswith(OWN_TYPES):
        return _kinds().get(type_, "") if own else ""
    if standard := _STANDARD.fullmatch(type_):
        return standard[1] if standard[1] in _standard_kinds() else ""
    if not own and (told := _TOOLS.fullmatch(type_)):
        ours = f"{OWN_TYPES}{told[1]}"
        return _kinds()[ours] if ours in contents() and contents()[ours].TOLD_BY_TOOLS else ""
    return ""


def claimed_kind(type_: str) -> str:
    """The kind that an event seems to be by its name, whether it counts as one or not; empty: none that is known."""
    parts = type_.casefold().split(".")
    if len(parts) < 4:
        return ""
    claimed = f"{parts[2].rpartition('-')[2]}.{parts[3]}"
    return _by_small_letters().get(claimed, "")


@cache
def _by_small_letters() -> Mapping[str, str]:
    return {kind.casefold(): kind for kind in _kinds().values()}


def told_by_tools() -> frozenset[str]:
    """The kinds that others may tell: those of CDEvents, and ours of which the vocabulary says so."""
    ours = (kind for type_, kind in _kinds().items() if contents()[type_].TOLD_BY_TOOLS)
    return _standard_kinds() | frozenset(ours)


@cache
def written_here() -> frozenset[str]:
    """The kinds that this server writes of what happens here, with nothing connected."""
    return frozenset(kind for type_, kind in _kinds().items() if contents()[type_].WRITTEN_HERE)


@cache
def shown_by_repositories() -> frozenset[str]:
    """The kinds that a repository shows to whoever looks at it."""
    return frozenset(kind for type_, kind in _kinds().items() if contents()[type_].SHOWN_BY_REPOSITORY)


@cache
def _kinds() -> Mapping[str, str]:
    return {type_: ".".join(type_.split(".")[2:4]).removeprefix("plumbline-") for type_ in contents()}


@cache
def _standard_kinds() -> frozenset[str]:
    return frozenset(kind for type_, kind in _kinds().items() if type_.startswith(STANDARD_TYPES))


def types_of(kinds: Collection[str]) -> tuple[str, ...]:
    """The types of event that count as one of these kinds where this server tells them."""
    return tuple(type_ for type_, kind in _kinds().items() if kind in kinds)


def _plain(name: str) -> str:
    """Without what people do not see."""
    seen = (sign for sign in unicodedata.normalize("NFKC", name) if unicodedata.category(sign)[0] not in "CZ")
    return "".join(seen).casefold()
