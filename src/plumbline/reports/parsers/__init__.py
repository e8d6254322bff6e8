"""The formats of reports that are read. To add one, add one file with its ``PART``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from plumbline.kernel import shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.reports.parser import Parser


@cache
def parsers() -> Mapping[str, Parser]:
    """Every format by its name."""
    return dict(shelf(__name__).items())
