"""Which node of the tree an event of a source is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.tree import INSTANCE, is_within

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.model.ports.tree import Tree
    from plumbline.model.source import Source


MOST_KNOWN = 10_000


def root_of(tree: Tree, source: Source) -> str:
    """The path of the node that a source was registered at; empty: the whole installation."""
    ancestors = tree.ancestors(source.node) if source.node != INSTANCE else ()
    return ancestors[0].path if ancestors else ""


class Places:
    """The nodes that a source speaks about, by the names it may give them. A node that was found once is not looked for
    again: nodes are never removed, and keep their path. Safe to use from several threads where ``is_there`` is."""

    def __init__(self, is_there: Callable[[str], bool], source: Source, root: str) -> None:
        """``is_there``: whether there is a node at a path."""
        self._is_there = is_there
        self._source = source
        self._known: dict[str, str] = {}
        self.root = root

    def of(self, custom: Any) -> str:
        """The path of the node that an event with this customData is about; empty: the whole installation.

        Raises PlumblineError ``source-foreign-project``.
        """
        said = custom.get("project") if isinstance(custom, dict) else None
        if said is None or said == "":
            return self.root
        if not isinstance(said, str):
            raise self._foreign(str(said))
        path = self._known.get(said)
        if path is None:
            path = self._find(said)
            if len(self._known) >= MOST_KNOWN:
                self._known = {}
            self._known[said] = path
        return path

    def _find(self, said: str) -> str:
        path = self._source.projects.get(said, said)
        inside = not self.root or is_within(path, self.root)
        if not inside or len(path) > 600 or not self._is_there(path):
            raise self._foreign(said)
        return path

    def _foreign(self, said: str) -> PlumblineError:
        return PlumblineError(
            "source-foreign-project",
            t("The source {name} does not speak about '{said}'.", name=self._source.name, said=said[:80]),
            t("Name a node at or below {root} in customData.project, or have the name mapped to one in the source.",
              root=self.root or "/"),
            kind=ErrorKind.CONFIGURATION,
        )  # fmt: skip
