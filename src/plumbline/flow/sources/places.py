"""Which node of the tree an event of a source is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.tree import INSTANCE, LONGEST_PATH, is_within

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
    again: where one is moved, every source has another version from then on, and proves itself anew. Safe to use from
    several threads where ``is_there`` is."""

    def __init__(
        self,
        is_there: Callable[[str], bool],
        source: Source,
        root: str,
        last_name: Callable[[str], str] = lambda _: "",
    ) -> None:
        """``is_there``: whether there is a node at a path. ``last_name``: the path now of what was at one before."""
        self._is_there = is_there
        self._last_name = last_name
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
        if not inside or len(path) > LONGEST_PATH or not self._is_there(path):
            raise self._moved(said, path) or self._foreign(said)
        return path

    def _moved(self, said: str, path: str) -> PlumblineError | None:
        now = self._last_name(path)
        if not now or (self.root and not is_within(now, self.root)):
            return None
        return PlumblineError(
            "source-foreign-project",
            t("There is nothing at {path} any more; what was there is at {now}.", path=said[:80], now=now),
            t("Name {now} in customData.project, or have the source's own name mapped to it.", now=now),
            kind=ErrorKind.CONFIGURATION,
        )

    def _foreign(self, said: str) -> PlumblineError:
        return PlumblineError(
            "source-foreign-project",
            t("The source {name} does not speak about '{said}'.", name=self._source.name, said=said[:80]),
            t("Name a node at or below {root} in customData.project, or have the name mapped to one in the source.",
              root=self.root or "/"),
            kind=ErrorKind.CONFIGURATION,
        )  # fmt: skip
