"""What assessments, statements and exemptions may touch, and how they read the ledger about a node and add to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence import write_event
from plumbline.flow.assessments.assess import seen_of
from plumbline.kernel import ErrorKind, PlumblineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.evidence import Content, SigningKey
    from plumbline.kernel import Text
    from plumbline.maturity import PackFile
    from plumbline.model.event import Entry
    from plumbline.model.ports.ledger import Ledger
    from plumbline.trace import Seen


@dataclass(frozen=True, slots=True)
class AssessmentTools:
    """What these flows may touch."""

    ledger: Ledger
    clock: Callable[[], int]  # microseconds since the epoch
    source: str
    new_id: Callable[[], str]
    signing_key: Callable[[], SigningKey | None]
    shipped: Callable[[], tuple[str, ...]]
    load_pack: Callable[[str], PackFile]
    keep_pack: Callable[[PackFile], None]
    kept_pack: Callable[[str], PackFile | None]  # by digest
    keep_file: Callable[[bytes], str]  # gives its digest
    file: Callable[[str], bytes | None]
    refresh: Callable[[str], None] = lambda _: None  # bring what the repositories tell into the ledger


class ScopedEvent(msgspec.Struct, frozen=True):
    entry: Entry
    seen: Seen
    scope_path: str  # of the node that it is about


def scoped_events(ledger: Ledger, path: str, upto: int) -> list[ScopedEvent]:
    """Those about a node, about what is below it and about the nodes above it, in the order of the ledger up to an
    entry. What is no event is left out."""
    found = []
    for entry in ledger.of_scope(path, upto):
        seen = seen_of(entry.body)
        if seen is not None:
            found.append(ScopedEvent(entry, seen, str(seen.custom.get("project", ""))))
    return found


def append_event(tools: AssessmentTools, path: str, content: Content, *, subject: str) -> Entry:
    """Tell the ledger something about a node. ValueError where the content is not as its type says."""
    draft = write_event(
        content, id=tools.new_id(), source=tools.source, subject=subject, time=tools.clock(), project=path
    )
    [entry] = tools.ledger.append([draft])
    return entry


def refused(code: str, message: Text, hint: Text | None = None) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.REFUSED)
