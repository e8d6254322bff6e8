"""Which files of a repository are its contracts, by their names; what they are in truth, their content decides."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 20  # of one repository
LARGEST = 4 << 20  # bytes of one
_NAMES = re.compile(
    r"(?:^|/)(?:[^/]*(?:openapi|swagger|asyncapi)[^/]*\.(?:ya?ml|json)|schema\.graphqls?|[^/]*\.proto)$", re.IGNORECASE
)
_OTHERS = re.compile(r"(?:^|/)(?:node_modules|vendor|third_party|testdata|fixtures|examples?)/")


def contract_paths(paths: Iterable[str]) -> list[str]:
    """Those nearest to the top first; what others made, and what tests are fed with, is left out."""
    found = [path for path in paths if _NAMES.search(path) and not _OTHERS.search(path)]
    return sorted(found, key=lambda path: (path.count("/"), path))[:MOST]
