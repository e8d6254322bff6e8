"""What keys do on pages: one table, from which the scripts and what people read of it are made."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import Text, t
from plumbline.web.every_page import all_pages
from plumbline.web.rail import destinations

if TYPE_CHECKING:
    from plumbline.web.page import Ask


class Shortcut(NamedTuple):
    """``keys``: pressed one after the other; ``path``: where they lead, empty where a script of the page acts."""

    keys: str
    title: Text
    path: str = ""


class Part(NamedTuple):
    title: Text
    shortcuts: tuple[Shortcut, ...]


SHORTCUTS = (
    Part(
        t("Anywhere"),
        (
            Shortcut("/", t("Find anything")),
            Shortcut("Ctrl+K", t("Find anything, also while typing")),
            Shortcut("?", t("Show these shortcuts")),
            Shortcut("Esc", t("Close what is open")),
        ),
    ),
    Part(
        t("Go to"),
        (
            Shortcut("g h", t("Home"), "/"),
            Shortcut("g w", t("My work"), "/work"),
            Shortcut("g o", t("Organisation"), "/tree"),
            Shortcut("g p", t("Pipelines"), "/pipelines"),
            Shortcut("g a", t("Assessments"), "/assessments"),
            Shortcut("g l", t("Ledger"), "/ledger"),
            Shortcut("g r", t("Runners"), "/runners"),
            Shortcut("g i", t("Installation"), "/installation"),
            Shortcut("g m", t("Your account"), "/me"),
        ),
    ),
    Part(
        t("In lists"),
        (
            Shortcut("j", t("Next row")),
            Shortcut("k", t("Row before")),
            Shortcut("o", t("Open the row")),
        ),
    ),
    Part(
        t("In the log of a job"),
        (
            Shortcut("/", t("Search the log")),
            Shortcut("n", t("Next match")),
            Shortcut("N", t("Previous match")),
            Shortcut("e", t("First error")),
            Shortcut("Home", t("To the beginning")),
            Shortcut("End", t("To the end")),
        ),
    ),
)


def shortcuts(ask: Ask) -> tuple[Part, ...]:
    """Without those that lead where the reader may not go."""
    may = {link.path for link in destinations(ask)} | _for_all()
    return tuple(
        Part(part.title, tuple(one for one in part.shortcuts if not one.path or one.path in may)) for part in SHORTCUTS
    )


@cache
def _for_all() -> set[str]:
    """Pages that everybody has, and that stand in no rail."""
    return {"/", "/me", "/work"} & {page.path for page in all_pages()}
