"""What the events about a repository are named by; its own names may hold any bytes, those of events may not."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import quote


def source_of(project: str) -> str:
    """What the events of a project's repository name as their source; ``project`` is its path."""
    return "urn:plumbline:repository:" + quote(clean(project), safe="/~")


def clean(text: str) -> str:
    """A file name may have any bytes; an event is UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def short(name: str) -> str:
    """Fit to be a name in the ledger."""
    return name if len(name) <= 120 else f"{name[:100]}~{sha256(name.encode()).hexdigest()[:16]}"
