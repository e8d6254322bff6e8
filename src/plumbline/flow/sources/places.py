"""Which node of the tree an event of a source is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.tree import INSTANCE, is_within

if TYPE_CHECKING:
    from plumbline.model.ports.tree import Tree
    from plumbline.model.source import Source


class Places:
    """The nodes that a source speaks about, by the names it may give them. Inside one transaction."""

    def __init__(self, tree: Tree, source: Source) -> None:
        self._tree = tree
        self._source = source
        self._known: dict[str, str] = {}
        ancestors = tree.ancestors(source.node) if source.node != INSTANCE else ()
        self.root = ancestors[0].path if ancestors else ""

    def of(self, custom: Any) -> str:
        """The path of the node that an event with this customData is about; empty: the whole installation.

        Raises PlumblineError ``source-foreign-project``.
        """
        said = custom.get("project") if isinstance(custom, dict) else None
        if said is None or said == "":
            return self.root
        if not isinstance(said, str):
            raise self._foreign(str(said))
        if said not in self._known:
            self._known[said] = self._find(said)
        return self._known[said]

    def _find(self, said: str) -> str:
        path = self._source.projects.get(said, said)
        inside = not self.root or is_within(path, self.root)
        if not inside or len(path) > 600 or self._tree.at(path) is None:
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
