"""Register a source of evidence at a node, change it, renew what it proves itself by, revoke it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import UNSET

from plumbline.access import SECRET_BYTES, TOKEN_ID_BYTES, digest, use_cases, write_secret, write_source_token
from plumbline.evidence import timestamp
from plumbline.evidence.origin import is_own, looks_like, pretends, told_by_tools
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.sources.names import check_never_anothers
from plumbline.flow.sources.prove import source_place
from plumbline.flow.tree.read_tree import place_of
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.tree import is_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.sources.tools import SourceTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.source import Source
    from plumbline.model.tree import Node

NAME = r"^[a-z0-9][a-z0-9._-]{0,62}$(?!\n)"
MOST_NAMES = 20  # that one source speaks as
MOST_PROJECTS = 2000  # that one source maps
_NAME = re.compile(NAME)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/*")  # alone it is the beginning of everybody's names
_SAID = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]{1,300}")  # a URI reference


class Registered(NamedTuple):
    source: Source
    secret: str  # what the tool shows, or signs with; shown once


def register_source(actor: Actor, tools: SourceTools, given: Source) -> Registered:
    """Add a source; ``speaks_as`` empty: ``/<name>``. Raises PlumblineError ``not-found``, ``not-allowed``,
    ``source-wrong``, ``name-taken``."""
    with tools.units.change(actor) as unit:
        ancestors = unit.require(use_cases.WRITE_SOURCE, given.node)
        if not _NAME.fullmatch(given.name):
            raise _wrong(t("'{name}' cannot be the name of a source.", name=given.name[:80]),
                         t("Small letters, digits, '.', '_' and '-'; at most 63."))  # fmt: skip
        wanted = msgspec.structs.replace(given, id=0, speaks_as=given.speaks_as or (f"/{given.name}",))
        _check(unit, wanted, ancestors)
        check_never_anothers(tools.ledger, wanted.name, wanted.speaks_as)
        proving, secret = _with_secret(tools, wanted)
        source = unit.tx.sources.add(
            msgspec.structs.replace(proving, created=unit.now, created_by=actor.person.id, revoked=0, version=0)
        )
        unit.record(source.name, events.SourceRegistered(
            kind=source.kind.value, node=place_of(ancestors), speaks_as=source.speaks_as,
            kinds=source.kinds or UNSET, projects=source.projects or UNSET, signs=source.signs or UNSET,
            by=actor.name))  # fmt: skip
        return Registered(source, secret)


def change_source(actor: Actor, tools: SourceTools, given: Source) -> Source:
    """Replace what may be changed of a source: all but its name, its node and what it proves itself by. Raises
    PlumblineError ``not-found``, ``not-allowed``, ``source-wrong``, ``source-changed-meanwhile``."""
    with tools.units.change(actor) as unit:
        before = unit.tx.sources.get(given.id)
        ancestors = unit.require(use_cases.WRITE_SOURCE, before.node if before else None, _missing(given.id))
        assert before is not None
        wanted = msgspec.structs.replace(
            before, title=given.title, kind=given.kind, speaks_as=given.speaks_as or before.speaks_as,
            kinds=given.kinds, projects=given.projects, events_a_day=given.events_a_day,
            bytes_a_day=given.bytes_a_day, heartbeat=given.heartbeat,
        )  # fmt: skip
        _check(unit, wanted, ancestors)
        check_never_anothers(tools.ledger, before.name, set(wanted.speaks_as) - set(before.speaks_as))
        fields = [name for name in wanted.__struct_fields__ if getattr(wanted, name) != getattr(before, name)]
        if not fields:
            return before
        _save(unit, wanted)
        unit.record(before.name, events.SourceChanged(
            fields=tuple(fields), speaks_as=wanted.speaks_as, kinds=wanted.kinds or UNSET,
            projects=wanted.projects or UNSET, by=actor.name))  # fmt: skip
        return msgspec.structs.replace(wanted, version=wanted.version + 1)


def renew_source(actor: Actor, tools: SourceTools, source: int, expires: int = 0) -> Registered:
    """Give it another token or secret; the one before is worth nothing from then on. ``expires``: microseconds since
    the epoch, 0: not by itself. Raises PlumblineError ``not-found``, ``not-allowed``, ``source-wrong``."""
    with tools.units.change(actor) as unit:
        before = unit.tx.sources.get(source)
        unit.require(use_cases.WRITE_SOURCE, before.node if before else None, _missing(source))
        assert before is not None
        if before.revoked:
            raise _wrong(t("The source {name} is revoked.", name=before.name), t("Register another one."))
        renewed, secret = _with_secret(tools, msgspec.structs.replace(before, expires=expires))
        _save(unit, renewed)
        unit.record(before.name, events.SourceRenewed(
            expires=timestamp(expires) if expires else UNSET, by=actor.name))  # fmt: skip
        return Registered(renewed, secret)


def revoke_source(actor: Actor, tools: SourceTools, source: int, reason: str = "") -> bool:
    """False where it was revoked already. What it told before still counts. Raises PlumblineError ``not-found``,
    ``not-allowed``."""
    with tools.units.change(actor) as unit:
        before = unit.tx.sources.get(source)
        unit.require(use_cases.REVOKE_SOURCE, before.node if before else None, _missing(source))
        assert before is not None
        if before.revoked:
            return False
        _save(unit, msgspec.structs.replace(before, revoked=unit.now, digest=b"", sealed=b""))
        unit.record(before.name, events.SourceRevoked(by=actor.name, reason=reason or UNSET))
        return True


def _with_secret(tools: SourceTools, source: Source) -> tuple[Source, str]:
    text, parts = write_source_token(tools.secret(TOKEN_ID_BYTES), tools.secret(SECRET_BYTES))
    if not source.signs:
        return msgspec.structs.replace(source, token=parts.id, digest=digest(parts.secret), sealed=b""), text
    assert tools.vault is not None
    secret = write_secret(tools.secret(SECRET_BYTES))
    sealed = tools.vault.seal(secret.encode(), source_place(source.name))
    return msgspec.structs.replace(source, token=parts.id, digest=b"", sealed=sealed), secret


def _save(unit: UnitOfWork, source: Source) -> None:
    if not unit.tx.sources.change(source):
        raise PlumblineError(
            "source-changed-meanwhile",
            t("Somebody else changed the source {name} meanwhile.", name=source.name),
            t("Look at it again, and repeat what you wanted."),
            kind=ErrorKind.REFUSED,
        )


def _check(unit: UnitOfWork, source: Source, ancestors: Sequence[Node]) -> None:
    _check_names(source, unit.tx.sources.all())
    _check_kinds(source.kinds)
    _check_projects(unit, source, ancestors[0].path if ancestors else "")
    if source.events_a_day < 1 or source.bytes_a_day < 1 or source.heartbeat < 0:
        raise _wrong(t("A quota is at least 1, and a heartbeat no negative time."), t("Write other numbers."))


def _check_kinds(kinds: Sequence[str]) -> None:
    known = {*told_by_tools(), "*"}
    known |= {f"{kind.partition('.')[0]}.*" for kind in known}
    for kind in kinds:
        if kind not in known:
            raise _wrong(
                t("No tool may tell events of the kind '{kind}'.", kind=kind[:80]),
                t("Take one that the reference page of sources lists, or a subject with '.*'."),
            )


def _check_projects(unit: UnitOfWork, source: Source, root: str) -> None:
    if len(source.projects) > MOST_PROJECTS:
        raise _wrong(
            t("A source maps at most {count} projects.", count=MOST_PROJECTS),
            t("Register a source for each part of the tree."),
        )
    for theirs, path in source.projects.items():
        if not theirs or len(theirs) > 300 or not theirs.isprintable():
            raise _wrong(
                t("'{name}' cannot be the name of a project.", name=theirs[:80]), t("Write it as the tool does.")
            )
        if (root and not is_within(path, root)) or unit.tx.tree.at(path) is None:
            raise _wrong(
                t("There is no node {path} at or below {root}.", path=path[:200], root=root or "/"),
                t("A source speaks about the node it is registered at, and those below."),
            )


def _check_names(source: Source, every: Sequence[Source]) -> None:
    """What it speaks as belongs to it alone, and nobody takes it for ours or for another's."""
    if len(source.speaks_as) > MOST_NAMES:
        raise _wrong(
            t("A source speaks as at most {count} names.", count=MOST_NAMES), t("Name their common beginning.")
        )
    taken = [(other, name) for other in every if other.id != source.id for name in other.speaks_as]
    for name in source.speaks_as:
        fits = _SAID.fullmatch(name) and not name.endswith("/") and not _SCHEME.fullmatch(name)
        if not fits or is_own(name) or pretends(name, ""):
            raise _wrong(
                t("A source cannot speak as '{name}'.", name=name[:80]),
                t("Write a URI, or a path such as /{tool}, without a slash at its end.", tool=source.name),
            )
        for other, theirs in taken:
            if looks_like(name, theirs):
                raise _wrong(
                    t("'{name}' belongs to the source {other}.", name=name[:80], other=other.name),
                    t("Each context.source belongs to one source; also one that is revoked keeps its names."),
                )


def _missing(source: int) -> Text:
    return t("There is no source {source}.", source=source)


def _wrong(message: Text, hint: Text) -> PlumblineError:
    return PlumblineError("source-wrong", message, hint, kind=ErrorKind.CONFIGURATION)
