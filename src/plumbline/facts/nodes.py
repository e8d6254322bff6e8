"""The organisation tree as the ledger tells it: the projects that there are, their repositories, what is set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.model.tree import paths_above

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.model.fact import Cited
    from plumbline.trace import Seen


class Nodes:
    """``events``: of this server about nodes. By path: ``projects`` that are not archived, with the newest event of
    each; ``hosts`` of their repositories, empty where only that there is one was told."""

    def __init__(self, events: Iterable[Seen] = ()) -> None:
        self.projects: dict[str, Cited] = {}
        self.hosts: dict[str, str] = {}
        self._archived: dict[str, Cited] = {}
        self._settings: dict[str, dict[str, Any]] = {}
        for one in sorted(events, key=lambda one: one.time):
            self._take(one, str(one.content.get("path", "")))

    def _take(self, one: Seen, path: str) -> None:
        fields = one.content.get("fields", ())
        if one.what == "repository.bound":
            self.hosts[path] = str(one.content.get("host", ""))
        elif "repository" in fields:
            self.hosts.setdefault(path, "")
        elif one.what == "node.archived" and path in self.projects:
            self._archived[path] = self.projects.pop(path)
        elif one.what == "node.deleted":
            self.projects.pop(path, None)
            return
        elif one.what == "node.changed" and "archived" in fields and path in self._archived:
            self.projects[path] = self._archived.pop(path)
        if one.content.get("kind") == "project" or path in self.projects:
            self.projects[path] = one.cited
        for change in one.content.get("settings", ()):
            self._settings.setdefault(path, {})[str(change.get("key"))] = change.get("after")

    def setting(self, path: str, key: str) -> Any:
        """What is set at a node, or at the nearest above it; None where nothing is."""
        for place in (path, *reversed(paths_above(path))):
            found = self._settings.get(place, {}).get(key)
            if found is not None:
                return found
        return None

    def names(self, path: str, key: str) -> tuple[str, ...]:
        """A setting that is a list of names."""
        found = self.setting(path, key)
        return tuple(map(str, found)) if isinstance(found, list) else ()
