"""Sources of evidence: those of a node, and one with what it told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from plumbline.access import use_cases
from plumbline.flow.sources import register, view_sources
from plumbline.flow.sources.kinds import KINDS
from plumbline.flow.tree.read_tree import view_ancestors
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.source import BYTES_A_DAY, EVENTS_A_DAY, Source, SourceKind
from plumbline.web.files import Moment
from plumbline.web.limits import checked_line
from plumbline.web.lists import Column, ListKind, listing_of
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import keeps
from plumbline.web.places import Entry, Group, Where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.tree import Node

_DRAWN = "M8 2v7M5 6.2L8 9.2l3-3M2.5 10.5v3h11v-3"
TITLES = {
    SourceKind.FORGE: t("forge"),
    SourceKind.CI_SERVER: t("CI server"),
    SourceKind.TRACKER: t("tracker"),
    SourceKind.SCANNER: t("scanner"),
    SourceKind.MONITORING: t("monitoring"),
    SourceKind.GENERIC: t("any tool"),
}
_KIND: ListKind[view_sources.SourceView] = ListKind(
    "sources",
    (
        Column("name", t("Name"), lambda one: one.source.name, sorts=True),
        Column("kind", t("Kind"), lambda one: str(TITLES[one.source.kind]), sorts=True),
        Column("node", t("Speaks about"), lambda one: one.node.path if one.node else "/", sorts=True),
        Column("events", t("Events"), lambda one: one.events, sorts=True, number=True),
        Column("late", t("Late"), lambda one: None if one.late_share is None else round(100 * one.late_share),
               sorts=True, number=True, unit="%"),
        Column("last", t("Last event"), lambda one: Moment(one.last) if one.last else None, sorts=True, number=True,
               unit="UTC"),
    ),
    key=lambda one: str(one.source.id),
)  # fmt: skip
_DAY = 86_400 * 1_000_000  # microseconds


def _ancestors(ask: Ask, node: int) -> Sequence[Node]:
    """From the top; empty for the whole installation."""
    return tuple(reversed(view_ancestors(ask.actor, ask.tools.tree, node))) if node else ()


@shows(
    "/nodes/{node:int}/sources",
    use_case=use_cases.LIST_SOURCES,
    entries=(
        Entry("sources", t("Sources"), Group.EVIDENCE, order=1, drawn=_DRAWN),
        Entry(
            "sources", t("Sources of evidence"), Group.EVIDENCE, Where.INSTALLATION, "/nodes/0/sources", drawn=_DRAWN
        ),
    ),
)
def sources(ask: Ask) -> Shown | Raw:
    node = ask.numbers["node"]
    found = view_sources.list_sources(ask.actor, ask.tools.sources, node)
    listing = listing_of(ask, _KIND)
    file = listing.file_of_all(ask, found)
    if file is not None:
        return file
    values = {
        "listing": listing.with_all(found),
        "titles": TITLES,
        "node": node,
        "ancestors": _ancestors(ask, node),
        "links_itself": True,
        "writes": view_sources.writes_sources(ask.actor, ask.tools.sources, node),
        "events_a_day": EVENTS_A_DAY,
        "bytes_a_day": BYTES_A_DAY,
        "command": api_command(f"/nodes/{node}/sources"),
    }
    return Shown("sources.html", values)


@does("/nodes/{node:int}/sources", use_case=use_cases.WRITE_SOURCE)
@keeps(sources)
def add_source(ask: Ask) -> Shown:
    node = ask.numbers["node"]
    given = msgspec.structs.replace(
        _written(ask),
        name=ask.text("name").strip(),
        node=node,
        signs=ask.text("proof") == "signature",
        expires=ask.now + days * _DAY if (days := ask.number("days")) else 0,
    )
    made = register.register_source(ask.actor, ask.tools.sources, given)
    return _once(made)


@shows("/sources/{source:int}", use_case=use_cases.LIST_SOURCES, inside="sources")
def source(ask: Ask) -> Shown:
    found = view_sources.view_source(ask.actor, ask.tools.sources, ask.numbers["source"])
    node = found.source.node
    values = {
        "view": found,
        "one": found.source,
        "titles": TITLES,
        "may_tell": found.source.kinds or KINDS[found.source.kind],
        "ancestors": _ancestors(ask, node),
        "links_itself": True,
        "writes": view_sources.writes_sources(ask.actor, ask.tools.sources, node) and not found.source.revoked,
        "command": api_command(f"/sources/{found.source.id}"),
    }
    return Shown("source.html", values)


@does("/sources/{source:int}", use_case=use_cases.WRITE_SOURCE)
@keeps(source)
def change_source(ask: Ask) -> Redirect:
    given = msgspec.structs.replace(_written(ask), id=ask.numbers["source"])
    register.change_source(ask.actor, ask.tools.sources, given)
    return Redirect(f"/sources/{given.id}")


@does("/sources/{source:int}/renew", use_case=use_cases.WRITE_SOURCE)
@keeps(source)
def renew_source(ask: Ask) -> Shown:
    return _once(register.renew_source(ask.actor, ask.tools.sources, ask.numbers["source"]))


@does("/sources/{source:int}/revoke", use_case=use_cases.REVOKE_SOURCE)
@keeps(source)
def revoke_source(ask: Ask) -> Redirect:
    register.revoke_source(ask.actor, ask.tools.sources, ask.numbers["source"], checked_line(ask.text("reason")))
    return Redirect(f"/sources/{ask.numbers['source']}")


def _once(made: register.Registered) -> Shown:
    values = {
        "title": t("Source '{name}'", name=made.source.name),
        "text": t("With this it proves itself. Keep it now: it is not shown again, and nobody can look it up."),
        "secret": made.secret,
        "back": f"/sources/{made.source.id}",
        "here": f"/sources/{made.source.id}",
    }
    return Shown("once.html", values)


def _written(ask: Ask) -> Source:
    """What the form of a source says of what may be changed."""
    try:
        kind = SourceKind(ask.text("kind"))
    except ValueError:
        raise PlumblineError("invalid-request", t("Choose a kind."), kind=ErrorKind.CONFIGURATION) from None
    return Source(
        name="",
        node=0,
        kind=kind,
        title=checked_line(ask.text("title")),
        speaks_as=_words(ask.text("speaks_as")),
        kinds=_words(ask.text("kinds")),
        projects=_projects(ask.text("projects")),
        events_a_day=ask.number("events_a_day", EVENTS_A_DAY),
        bytes_a_day=ask.number("bytes_a_day", BYTES_A_DAY),
        heartbeat=60 * ask.number("heartbeat"),
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.split(r"[\s,]+", text.strip()))) if text.strip() else ()


def _projects(text: str) -> dict[str, str]:
    """A line for each: the source's own name, `=`, the path of our node."""
    found = {}
    for line in text.splitlines():
        theirs, equals, path = line.rpartition("=")
        if not line.strip():
            continue
        if not equals or not theirs.strip() or not path.strip():
            raise PlumblineError(
                "source-wrong",
                t("'{line}' does not map a project.", line=line.strip()[:80]),
                t("Write a line for each: the source's own name = the path of a node here."),
                kind=ErrorKind.CONFIGURATION,
            )
        found[theirs.strip()] = path.strip().strip("/")
    return found


PART = (sources, add_source, source, change_source, renew_source, revoke_source)
