"""The console of the API: its document, and every call tried out as whoever is signed in."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.kernel import t
from plumbline.web.page import Ask, Raw, shows
from plumbline.web.places import Entry, Group, Where
from plumbline.web.rendering import render

# As for other pages; besides, the console's style sheet has a few small images in itself.
_CONTENT_SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)

_DRAWN = "M5 4.5L1.8 8 5 11.5M11 4.5L14.2 8 11 11.5"


@shows("/api/console", use_case=use_cases.USE_API_CONSOLE, entries=(
    Entry("console", t("API"), Group.OWN, Where.INSTALLATION, drawn=_DRAWN),))  # fmt: skip
def console(ask: Ask) -> Raw:
    page = render("console.html", {}, ask)
    return Raw(page.encode(), "text/html; charset=utf-8", {"Content-Security-Policy": _CONTENT_SECURITY})


PART = (console,)
