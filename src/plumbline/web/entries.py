"""An entry of the ledger in a line that people understand: what it is about, where, who did it, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.evidence import filed_under, read_event
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from plumbline.model.event import Entry

# Where events have it, the best first; a dot leads into what is inside.
_ABOUT = ("taskName", "key", "permission", "topic", "environment.id", "standard", "artifactId", "name")
_PLACE = ("path", "node", "pipelineName", "repository.id")
_HOW = ("outcome", "state", "decision", "reason", "grade")
_LONGEST = 200  # characters
_WORDS = {
    "created": t("created"),
    "waiting_for_resource": t("waiting for resource"),
    "manual": t("manual"),
    "scheduled": t("scheduled"),
    "running": t("running"),
    "success": t("passed"),
    "failure": t("failed"),
    "error": t("error"),
    "cancel": t("canceled"),
    "skipped": t("skipped"),
    "pending": t("pending"),
    "accepted": t("accepted"),
    "rejected": t("rejected"),
    "withdrawn": t("withdrawn"),
}


class EntryRow(NamedTuple):
    """``place``, ``who`` and ``how`` are empty where the event does not tell."""

    entry: Entry
    about: str
    place: str
    who: str
    how: str

    @property
    def said(self) -> str:
        """How it ended, in the reader's language where it is a word that events use."""
        return str(_WORDS.get(self.how, self.how))


def row_of(entry: Entry) -> EntryRow:
    """Of any event, also of one that somebody else sent: what cannot be read is shown by its subject."""
    who = filed_under(entry.body, entry.sender).who
    try:
        view = read_event(entry.body)
    except PlumblineError:
        return EntryRow(entry, entry.subject, "", who, "")
    custom = view.custom if isinstance(view.custom, dict) else {}
    place = _first(custom, ("project",)) or _first(view.content, _PLACE)
    about = _first(view.content, _ABOUT) or _inside(view.content) or _first(custom, ("ref",))
    if _first(view.content, ("environment.id",)) == about:
        about = about.rpartition("/")[2]
    if role := _first(view.content, ("role",)):
        about = f"{_first(view.content, ('person',))}: {role}"
    return EntryRow(entry, about or entry.subject, place, who, _first(view.content, _HOW))


def _inside(content: dict[str, Any]) -> str:
    """What was changed, of something that has many parts."""
    changes = content.get("settings")
    if isinstance(changes, list):
        return ", ".join(_first(one, ("key",)) for one in changes if isinstance(one, dict))[:_LONGEST]
    fields = content.get("fields")
    return ", ".join(one for one in fields if isinstance(one, str))[:_LONGEST] if isinstance(fields, list) else ""


def _first(content: dict[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        found: Any = content
        for part in name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        if isinstance(found, str) and found:
            return found[:_LONGEST]
    return ""
