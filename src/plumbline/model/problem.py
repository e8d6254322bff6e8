"""A mistake in what a user wrote: what, where, and how to mend it. A value, not an exception; all are collected."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec

from plumbline.kernel import Text


class Mark(NamedTuple):
    """A place in a file. ``file`` is relative to its repository (a foreign one stands before it as ``project:``);
    ``line`` and ``column`` count from 1, and 0 means "not known"."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Severity(StrEnum):
    """An error keeps the pipeline from being created; a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a user should know about what they wrote."""

    code: str  # stable, kebab-case: "unknown-keyword"
    message: Text
    severity: Severity = Severity.ERROR
    where: Mark | None = None
    keyword: str = ""  # the keyword path it concerns: "build:artifacts:paths"
    hint: Text | None = None

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        subject = f"{self.keyword}: " if self.keyword else ""
        return f"{place}{self.severity}: {subject}{self.message}"
