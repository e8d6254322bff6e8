"""Which of the comments at a merge request is ours: it begins with the marker, and we wrote it. Whoever copies the
marker into a comment of their own gets it neither edited nor counted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.adapters.forges.telling._asking import unreadable
from plumbline.kernel import t
from plumbline.model.telling import Hindrance, NotToldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PAGES = 200
_LONGEST = 60.0  # seconds that it is looked for; see the lease in plumbline.flow.gates.telling_turn


class Seen(NamedTuple):
    id: str
    author: str
    text: str


def first_of_ours(comments: Iterator[Seen], marker: str, author: str) -> str:
    """The oldest: should there be two ever, one is edited and no third written. Empty: there is none."""
    ours = [one.id for one in comments if one.author == author and one.text.lstrip().startswith(marker)]
    return min(ours, key=int, default="")


def paged(page: Callable[[int], list[Any]], size: int) -> Iterator[Any]:
    """All of a list that comes in pages. Raises NotToldError ``forge-too-many`` rather than to miss one."""
    end = time.monotonic() + _LONGEST
    for number in range(1, _PAGES + 1):
        found = page(number)
        if not isinstance(found, list):
            raise unreadable()
        yield from found
        if len(found) < size:
            return
        if time.monotonic() > end:
            break
    raise NotToldError(
        "forge-too-many",
        t("There are too many comments to look through."),
        t("The state of the commit is told all the same."),
        hindrance=Hindrance.ROW,
    )


def nobody() -> NotToldError:
    return NotToldError(
        "forge-nobody",
        t("The forge does not say whose token this is, so that no comment could be found again."),
        t("Use a token of a user, a project or a bot that may ask who it is. The state of the commit is told all the "
          "same."),
        hindrance=Hindrance.ROW,
    )  # fmt: skip


def named(value: object) -> str:
    """An id as a forge writes it: a whole number."""
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise unreadable()
    return str(value)


def seen(one: Any, author: str) -> Seen:
    """``author``: what the one who wrote it is called in a comment."""
    if not isinstance(one, dict):
        raise unreadable()
    writer = one.get(author)
    who = writer.get("id") if isinstance(writer, dict) else None  # one whose account is gone has none
    return Seen(named(one.get("id")), str(who) if isinstance(who, int) else "", str(one.get("body") or ""))
