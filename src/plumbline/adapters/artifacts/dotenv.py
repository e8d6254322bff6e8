"""The dotenv report: variables that a job hands to later ones."""

from __future__ import annotations

import re

from plumbline.kernel import Text, t
from plumbline.model.pipeline import Variable, VariableSource

MAX_BYTES = 5 * 1024
MAX_VARIABLES = 150
_KEY = re.compile(r"[A-Za-z0-9_]+")


class DotenvError(ValueError):
    """The file is not a dotenv report; ``message`` says why."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


def too_large(name: str, size: int) -> DotenvError:
    """For a report of so many bytes, which need not be read for that."""
    return DotenvError(
        t("{file}: a dotenv report may have {limit} bytes, this one has {size}", file=name, limit=MAX_BYTES, size=size)
    )


def parse_dotenv(data: bytes, name: str) -> tuple[Variable, ...]:
    """``KEY=value`` line by line, as GitLab reads it: no empty lines, no comments, quotes are part of the value, spaces
    around key and value are not; the last line of a key wins. Raises :class:`DotenvError`."""
    if len(data) > MAX_BYTES:
        raise too_large(name, len(data))
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise DotenvError(t("{file}: a dotenv report has to be UTF-8", file=name)) from None
    found: dict[str, str] = {}
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    for number, line in enumerate(lines, 1):
        key, equals, value = line.partition("=")
        key = key.strip()
        if not equals:
            raise DotenvError(t("{file}:{line}: not of the form KEY=value", file=name, line=number))
        if not _KEY.fullmatch(key):
            raise DotenvError(
                t("{file}:{line}: the key '{key}' may have letters, digits and _ only", file=name, line=number, key=key)
            )
        if "\0" in value:
            raise DotenvError(t("{file}:{line}: the value holds a NUL character", file=name, line=number))
        found[key] = value.strip()
    if len(found) > MAX_VARIABLES:
        raise DotenvError(
            t("{file}: a dotenv report may have {limit} variables, this one has {count}",
              file=name, limit=MAX_VARIABLES, count=len(found))
        )  # fmt: skip
    return tuple(Variable(key, value, VariableSource.DOTENV) for key, value in found.items())
