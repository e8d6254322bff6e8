"""How much may be typed: what fields say of themselves, and how large the forms are that hold them."""

from __future__ import annotations

from plumbline.flow.people.credentials import LONGEST_NAME
from plumbline.flow.tree.repository_credentials import LONGEST_KEY
from plumbline.flow.tree.variables import LONGEST_VALUE
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.web.words import size

LONGEST = {
    "line": 255,  # characters, as in the API
    "name": LONGEST_NAME,
    "value": LONGEST_VALUE,
    "key": LONGEST_KEY,
}
_MOST_BYTES = 12  # of one character, as a form is sent
_REST = 64 * 1024
LARGEST_FORM = _MOST_BYTES * max(LONGEST_VALUE, 2 * LONGEST_KEY) + _REST  # bytes: whatever the fields say goes through
LARGEST_AT_THE_DOOR = 16 * 1024  # of those who are not signed in


def checked_line(text: str) -> str:
    """Without space around it. Raises PlumblineError ``line-wrong``."""
    line = text.strip()
    if len(line) > LONGEST["line"] or not line.isprintable():
        raise PlumblineError(
            "line-wrong",
            t("'{text}' is longer than {count} characters, or has signs that no line has.", text=line[:50],
              count=LONGEST["line"]),
            kind=ErrorKind.CONFIGURATION,
        )  # fmt: skip
    return line


def too_large(most: int) -> PlumblineError:
    return PlumblineError(
        "body-too-large",
        t("This form is too large: at most {size} are taken here.", size=size(most)),
        t("Shorten what is in it."),
        kind=ErrorKind.REFUSED,
    )
