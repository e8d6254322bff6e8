"""Whether a report says of itself that it is about something else than what it was brought for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plumbline.flow.reports.subject import Subject
    from plumbline.model.ports.transaction import Transaction

OTHER_COMMIT = "other-commit"
OTHER_REPOSITORY = "other-repository"
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://|git@|ssh@)(?:[^/@]*@)?[^/:]+[/:]+(.+?)(?:\.git)?/*\Z", re.IGNORECASE)


def foreign(tx: Transaction, subject: Subject, about: str) -> str:
    """A word for what it is about instead; empty: it is not, or names nothing."""
    if _COMMIT.match(about):
        return OTHER_COMMIT if subject.commit and about != subject.commit else ""
    named = _ADDRESS.match(about)
    if named is None:
        return ""
    binding = tx.bindings.get(subject.project)
    ours = _ADDRESS.match(binding.url) if binding is not None else None
    known = {subject.path.casefold(), ours[1].casefold() if ours is not None else ""}
    return "" if ours is None or named[1].casefold() in known else OTHER_REPOSITORY
