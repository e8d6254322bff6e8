"""What is asked of a door: the use case, the object it is about, and how the question is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from plumbline.access import Permission, UseCase

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT, NODE, INSTALLATION = "project", "node", "installation"  # what a call is about
SESSION, TOKEN = "session", "token"
ROLES_OF_OBJECT = {
    PROJECT: ("own", "above", "sibling", "installation"),
    NODE: ("own", "above", "below", "sibling", "installation"),
    INSTALLATION: ("installation", "below"),
}


@dataclass(frozen=True, slots=True)
class Call:
    """One question. Texts may name a number or a text of the world in braces; one that is nothing but a name becomes
    the value itself.

    ``met``: the conditions of the use case that hold, by their permission. ``passed``: words that only whoever passed
    the check is answered, where the status alone would not say so. ``shows``: marks in the answer, each with the use
    case that decides who sees it, and the conditions of it that hold. ``again``: what the call uses up, and the world
    makes anew.
    """

    use_case: UseCase
    about: str = INSTALLATION
    query: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    numbers: Mapping[str, object] = field(default_factory=dict)  # of the address, in place of those of the world
    met: tuple[Permission, ...] = ()
    passed: tuple[str, ...] = ()
    shows: tuple[tuple[str, UseCase, *tuple[Permission, ...]], ...] = ()
    besides: tuple[UseCase, ...] = ()  # what the answer shows, and no mark tells
    again: str = ""
    by: str = ""  # SESSION or TOKEN, where the door takes nothing else
    scopes: tuple[Permission, ...] = ()  # that a token needs besides

    def address(self, path: str, values: Mapping[str, object]) -> str:
        """``path`` with its numbers, and the query."""
        own = {**values, **filled(self.numbers, values)}
        whole = "/".join(_part(part, own) for part in path.split("/"))
        return f"{whole}?{urlencode(filled(self.query, values))}" if self.query else whole


def _part(part: str, values: Mapping[str, object]) -> str:
    return str(values[part[1:-1].partition(":")[0]]) if part.startswith("{") else part


def filled(template: Any, values: Mapping[str, object]) -> Any:
    """A template with what the world has."""
    if isinstance(template, str):
        name = template[1:-1]
        if template == f"{{{name}}}" and name in values:
            return values[name]
        return template.format_map(values) if "{" in template else template
    if hasattr(template, "items"):
        return {key: filled(value, values) for key, value in template.items()}
    return [filled(each, values) for each in template] if isinstance(template, list) else template
