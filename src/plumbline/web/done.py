"""What is said once on the page that follows a form: that it was carried out. One way for all forms, without a script.

The answer to a form sets a cookie with one of these words for a few seconds; the next page says its sentence and takes
the cookie back. Nothing that somebody typed or may send is shown, so a link from elsewhere can make no page say it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from plumbline.kernel import Text, t

if TYPE_CHECKING:
    from collections.abc import Mapping

COOKIE = "plumbline_done"
SECONDS = 20  # that a browser keeps it, where no page follows


class Done(StrEnum):
    SAVED = "saved"
    ADDED = "added"
    REMOVED = "removed"
    STARTED = "started"
    CANCELED = "canceled"
    NOTHING = ""  # the page itself shows what came of it

    @property
    def sentence(self) -> Text | None:
        return _SENTENCES.get(self)


_SENTENCES = {
    Done.SAVED: t("Saved."),
    Done.ADDED: t("Added."),
    Done.REMOVED: t("Removed."),
    Done.STARTED: t("Started."),
    Done.CANCELED: t("Canceled: what runs is being stopped."),
}
_BY_END = {
    "tree": Done.ADDED,
    "people": Done.ADDED,
    "schedules": Done.ADDED,
    "sources": Done.ADDED,
    "remove": Done.REMOVED,
    "revoke": Done.REMOVED,
    "unlink": Done.REMOVED,
    "run": Done.STARTED,
    "retry": Done.STARTED,
    "play": Done.STARTED,
    "cancel": Done.CANCELED,
    **dict.fromkeys(("setup", "welcome", "sign-in", "sign-out", "language", "password"), Done.NOTHING),
}


def done_by(path: str) -> Done:
    """What a form that is sent to this address has done, by how the address ends."""
    return _BY_END.get(path.rpartition("/")[2], Done.SAVED)


def said_by(cookies: Mapping[str, str]) -> Text | None:
    """The sentence of what was done just now; None: nothing, or nothing that is known."""
    try:
        return Done(cookies.get(COOKIE, "")).sentence
    except ValueError:
        return None
