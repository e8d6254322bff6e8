"""The search: what the palette finds while somebody types, and the same on a page that needs no script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.access import use_cases
from plumbline.flow.search.found import LONGEST, Found, FoundKind, Rank, Wanted
from plumbline.flow.search.search import search
from plumbline.kernel import LANGUAGES, t
from plumbline.web.page import Ask, Raw, Shown, api_command, shows
from plumbline.web.rail import destinations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.flow.search.found import Group

AT_ONCE = 6  # of each kind while somebody types
ON_PAGE = 25
KINDS = {
    FoundKind.PAGE: t("Pages"),
    FoundKind.PROJECT: t("Projects"),
    FoundKind.NODE: t("Organisation"),
    FoundKind.PIPELINE: t("Pipelines"),
    FoundKind.JOB: t("Jobs"),
    FoundKind.BRANCH: t("Branches"),
    FoundKind.TAG: t("Tags"),
    FoundKind.ARTIFACT: t("Artifacts"),
    FoundKind.COMMIT: t("Commits"),
    FoundKind.PERSON: t("People"),
    FoundKind.ITEM: t("Items of the model"),
    FoundKind.CRITERION: t("Criteria of the models"),
    FoundKind.SETTING: t("Settings"),
    FoundKind.EVENT: t("Ledger"),
}


@shows("/resolve", slow=True, use_case=use_cases.SEARCH)
def resolve(ask: Ask) -> Raw:
    text = ask.text("q").strip()
    found = [
        {"kind": str(KINDS[one.kind]), "title": one.title, "detail": one.detail, "path": one.path}
        for group in _groups(ask, text, AT_ONCE)
        for one in group.found
    ]
    return Raw(msgspec.json.encode(found), "application/json")


@shows("/search", slow=True, use_case=use_cases.SEARCH, inside="home")
def results(ask: Ask) -> Shown:
    text = ask.text("q").strip()[:LONGEST]
    groups = _groups(ask, text, ON_PAGE) if text else []
    values = {"groups": groups, "kinds": KINDS, "text": text, "most": ON_PAGE, "command": api_command("/resolve?q=…")}
    return Shown("search.html", values)


def _groups(ask: Ask, text: str, most: int) -> list[Group]:
    return search(ask.actor, ask.tools.search, text, most, _pages(ask, Wanted(text)))


def _pages(ask: Ask, wanted: Wanted) -> Iterator[Found]:
    """Those that the reader may open, in either language; all of them where nothing was typed."""
    for place in destinations(ask):
        names = [place.title.render(code) for code in LANGUAGES]
        rank = wanted.rank(*names, place.path) if wanted.text else Rank(0)
        if rank is not None:
            yield Found(FoundKind.PAGE, str(place.title), "", place.path, rank)


PART = (resolve, results)
