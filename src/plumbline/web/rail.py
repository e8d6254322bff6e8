"""The rail: which pages somebody may open from here. The same entries, in the same order, at every level."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from plumbline.access import Place as Held
from plumbline.access import granted
from plumbline.flow.tree.read_tree import permitted
from plumbline.kernel import t
from plumbline.model.tree import INSTANCE
from plumbline.web.every_page import all_pages
from plumbline.web.places import Entry, Group, Where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor, UseCase
    from plumbline.kernel import Text
    from plumbline.model.tree import Node
    from plumbline.web.page import Ask, Page


class Link(NamedTuple):
    title: Text
    path: str
    drawn: str
    current: bool


class Section(NamedTuple):
    title: Text | None
    links: tuple[Link, ...]


class Rail(NamedTuple):
    """``of``: whose it is; None: of the estate or the installation, by its ``title``."""

    of: Node | None
    title: Text | str
    sections: tuple[Section, ...]
    where: Where

    @property
    def is_estate(self) -> bool:
        return self.where is Where.ESTATE

    @property
    def is_installation(self) -> bool:
        return self.where is Where.INSTALLATION

    @property
    def current(self) -> Text | None:
        """What the page that is open is called here."""
        return next((link.title for section in self.sections for link in section.links if link.current), None)


def rail_of(ask: Ask, ancestors: Sequence[Node]) -> Rail | None:
    """``ancestors``: the way from the top to the node that the page is about; empty: it is about none. None: a page
    that stands in no rail."""
    if not ask.actor.signed_in:
        return None
    if ancestors:
        node = ancestors[-1]
        return Rail(node, node.title or node.name, _sections(ask, Where.NODE, node), Where.NODE)
    where = _where_of(ask.within)
    if where is None:
        return None
    title = t("The whole estate") if where is Where.ESTATE else t("Installation")
    return Rail(None, title, _sections(ask, where, None), where)


def installation_path(ask: Ask) -> str:
    """Of the first page of the installation that somebody may open; empty: there is none."""
    return next((entry.address or page.path for page, entry in _entries(Where.INSTALLATION)
                 if _open(ask, page, entry.where)), "")  # fmt: skip


def destinations(ask: Ask) -> list[Link]:
    """All pages that are about no node and that somebody may open."""
    found = (*_sections(ask, Where.ESTATE, None), *_sections(ask, Where.INSTALLATION, None))
    return [link for section in found for link in section.links]


def _sections(ask: Ask, where: Where, node: Node | None) -> tuple[Section, ...]:
    links: dict[Group, list[Link]] = {}
    wanted = [(page, entry) for page, entry in _entries(where) if _fits(entry, node)]
    if node is not None:
        may = permitted(ask.actor, ask.tools.tree, node.id, *(page.use_cases[0] for page, _ in wanted))
    else:
        may = tuple(_open(ask, page, where) for page, _ in wanted)
    for (page, entry), opens in zip(wanted, may, strict=True):
        if opens:
            link = Link(entry.title, _address(page, entry, node), entry.drawn, entry.name == ask.within)
            links.setdefault(entry.group, []).append(link)
    return tuple(Section(group.heading, tuple(links[group])) for group in Group if group in links)


def _fits(entry: Entry, node: Node | None) -> bool:
    return node is None or entry.kinds is None or node.kind in entry.kinds


def _open(ask: Ask, page: Page, where: Where) -> bool:
    return _held(ask.actor, page.use_cases[0], where)


def _held(actor: Actor, use_case: UseCase, where: Where) -> bool:
    """Whether somebody may do it somewhere; what is about the installation, there."""
    if use_case.permission is None:
        return True
    given = granted(actor, use_case.permission)
    about_all = use_case.at is Held.INSTALLATION or (where is Where.INSTALLATION and use_case.at is Held.NODE)
    return INSTANCE in given if about_all else bool(given)


def _address(page: Page, entry: Entry, node: Node | None) -> str:
    address = entry.address or page.path.replace("{node:int}", "{node}")
    return address.format(node=node.id, path=quote(node.path)) if node is not None else address


@cache
def _entries(where: Where) -> tuple[tuple[Page, Entry], ...]:
    found = [(page, entry) for page in all_pages() for entry in page.entries if entry.where is where]
    order = list(Group)
    return tuple(sorted(found, key=lambda one: (order.index(one[1].group), one[1].order)))


@cache
def _where_of(name: str) -> Where | None:
    """Of an entry that is about no node."""
    for where in (Where.ESTATE, Where.INSTALLATION):
        if any(entry.name == name for _, entry in _entries(where)):
            return where
    return None
