"""The pages on their shelf."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from plumbline.kernel import shelf

if TYPE_CHECKING:
    from plumbline.web.page import Page


@cache
def all_pages() -> tuple[Page, ...]:
    """Every page on the shelf; literal addresses before those with parameters."""
    found = [page for part in shelf("plumbline.web.pages").values() for page in part]
    return tuple(sorted(found, key=lambda page: (page.path.count("{"), page.path, page.method)))


def page_at(path: str) -> Page:
    """What is shown at an address, by which the parts of the shelf know each other's pages."""
    return next(page for page in all_pages() if page.path == path and page.method == "GET")
