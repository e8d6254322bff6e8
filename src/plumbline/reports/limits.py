"""How much of a file is read and kept: every limit in one place."""

from __future__ import annotations

from hashlib import sha256

LARGEST = 64 << 20  # bytes of one file
CONTAINERS = 2_000_000  # objects and lists of one JSON file: each takes far more memory than its bytes
VALUES = 8_000_000  # values of one JSON file
DEPTH = 200  # elements inside each other
CASES = 1_000_000  # test cases of one file
FILES = 200_000  # source files of one coverage report
LINE = 1_000_000  # a line number above is none
NAME = 1_000  # characters of a name, a path, a label
MESSAGE = 4 << 10  # characters of what a failure says
DETAILS = 16 << 10  # characters of a stack trace or an output
PROPERTIES = 50  # properties of one case
VALUE = 1_000  # characters of one property
DEFECTS = 50  # defects that are listed; more are counted
LONGEST = 30 * 86_400.0  # seconds: a case that took longer did not

_CUT = " …"


def kept(text: str, most: int = MESSAGE) -> str:
    """The beginning of a text without what no database takes (NUL); a cut one ends with an ellipsis."""
    if len(text) > most:
        text = text[: most - len(_CUT)] + _CUT
    return text.replace("\0", "\ufffd") if "\0" in text else text


def name(text: str) -> str:
    """A name: one that is too long is cut, and ends with digits of its digest, so that two stay two."""
    if len(text) > NAME:
        digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        text = f"{text[: NAME - 14]}…{digest}"
    return text.replace("\0", "\ufffd") if "\0" in text else text
