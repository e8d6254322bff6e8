"""Copies of the CDEvents specification, which are no part of this repository.

``CDEVENTS_SPEC`` names a folder that has ``schemas`` and ``conformance``, or one with folders named by their version
(``v0.5.1``) that have them. Without it, a place beside the repository is looked at.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
_GIVEN = Path(os.environ.get("CDEVENTS_SPEC") or ROOT.parent / "shared" / "data" / "cdevents")
CURRENT = "v0.5.1"  # what is written here


def specification(version: str = CURRENT) -> Path | None:
    """The folder of a version; None where there is none."""
    for folder in (_GIVEN / version, _GIVEN if version == CURRENT else None):
        if folder is not None and (folder / "schemas").is_dir() and (folder / "conformance").is_dir():
            return folder
    return None
