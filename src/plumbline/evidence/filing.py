"""Under what an entry is filed, so that it is found: the node that it is about, and who did what it tells. Both follow
from its bytes and its sender alone.

1. The node is the one that a source's mapping gave, else the one in the event's customData, else the one that the
   content of an event of this server names.
2. Who did it is a person of this server by their name, or an account at a forge as ``forge:login``. Where a registered
   source told it, it is whom the source names, or else the source. What nobody vouches for was done by whoever sent it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from plumbline.evidence.nesting import near_the_top
from plumbline.evidence.origin import OWN_TYPES, forge_of, is_own
from plumbline.evidence.sender import Sender, read_sender, write_sender
from plumbline.evidence.vocabulary import contents
from plumbline.model.event import LONGEST_NAME, EventDraft
from plumbline.model.person import fold
from plumbline.model.tree import LONGEST_PATH

_NAMING = ("by", "person", "user", "triggeredBy")  # fields of a content that name who did it, the surest first
_ABOUT_THEMSELVES = f"{OWN_TYPES}person."  # these say by whom, or were done by the person whom they are about
_NOT_DONE = f"{OWN_TYPES}person.signInFailed."


class Filed(NamedTuple):
    scope: str  # path of the node; empty: nobody said
    who: str  # empty: nobody said, or nobody did


def sent_by(draft: EventDraft, sender: Sender) -> EventDraft:
    """With its sender, and so with who did what it tells."""
    written = write_sender(sender)
    return msgspec.structs.replace(draft, sender=written, who=filed_under(draft.body, written).who)


class _Context(msgspec.Struct, gc=False):
    source: Any = ""
    type: Any = ""


class _Subject(msgspec.Struct, gc=False):
    id: Any = ""
    content: Any = None


class _Event(msgspec.Struct, gc=False):
    context: _Context = msgspec.field(default_factory=_Context)
    subject: _Subject = msgspec.field(default_factory=_Subject)
    customData: Any = None  # noqa: N815


_decode = msgspec.json.Decoder(_Event).decode


def filed_under(body: bytes, sender: bytes = b"") -> Filed:
    """Of any entry. What cannot be read is filed by its sender alone."""
    said = read_sender(sender)
    try:
        event = near_the_top(_decode, body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Filed(said.scope, _usable(said.source or said.person))
    source, kind = str(event.context.source), str(event.context.type)
    content = event.subject.content if isinstance(event.subject.content, dict) else {}
    custom = event.customData if isinstance(event.customData, dict) else {}
    scope = said.scope or scope_of(custom) or (_place_in(kind, content) if is_own(source) else "")
    who = _who(source, kind, event.subject.id, content, custom) if is_own(source) or said.source else ""
    return Filed(scope, _usable(who or said.source or said.person))


def scope_of(custom: Any) -> str:
    """The path of the project or node that an event is about, from its customData; empty where nobody said, and for
    what cannot be one."""
    return _path(custom.get("project") if isinstance(custom, dict) else getattr(custom, "project", None))


def _place_in(kind: str, content: dict[str, Any]) -> str:
    """``/`` stands for the installation, which is no node."""
    found = contents().get(kind)
    return _path(content.get(found.PLACE)).strip("/") if found is not None and found.PLACE else ""


def _path(found: Any) -> str:
    return found if isinstance(found, str) and len(found) <= LONGEST_PATH and found.isprintable() else ""


def _who(source: str, kind: str, subject: Any, content: dict[str, Any], custom: dict[str, Any]) -> Any:
    forge = forge_of(source)
    before = f"{forge.forge}:" if forge else ""
    for told in (custom.get("account"), content.get("by"), custom.get("by")):
        if isinstance(told, dict) and (name := told.get("login") or told.get("name")):
            return f"{before}{fold(str(name))}"
        if isinstance(told, dict) and (address := told.get("email")):
            return fold(str(address))
    for told in (*(content.get(name) for name in _NAMING), custom.get("person")):
        if isinstance(told, str) and told:
            return f"{before}{fold(told)}" if forge else told
    about_themselves = kind.startswith(_ABOUT_THEMSELVES) and not kind.startswith(_NOT_DONE)
    return subject if about_themselves and not forge else ""


def _usable(name: Any) -> str:
    """A name that an index can take."""
    if not isinstance(name, str) or not name.isprintable() or len(name) > LONGEST_NAME // 4:
        return ""
    return name
