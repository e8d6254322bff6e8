"""Where a page has its place: in the rail of a node, of the whole estate, or of the installation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plumbline.kernel import Text, t
from plumbline.model.tree import NodeKind

PROJECTS = frozenset({NodeKind.PROJECT})
GROUPS = frozenset(NodeKind) - PROJECTS
SETTINGS_DRAWN = "M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7M10.5 3v3M5.5 10v3"


class Where(StrEnum):
    """Whose rail it is."""

    NODE = "node"  # an organisation, a product line, a system, a project: the same entries at every level
    ESTATE = "estate"  # all that somebody may see
    INSTALLATION = "installation"


class Group(StrEnum):
    """The parts of a rail, in their order."""

    OVERVIEW = "overview"
    PLAN = "plan"
    BUILD = "build"
    RELEASE = "release"
    RUN = "run"
    PROTECT = "protect"
    MEASURE = "measure"
    GRADE = "grade"
    EVIDENCE = "evidence"
    OWN = "own"  # what is set, and who belongs to it

    @property
    def heading(self) -> Text | None:
        """None: its entries stand without a heading."""
        return _TITLES.get(self)


_TITLES = {
    Group.PLAN: t("Plan"),
    Group.BUILD: t("Build"),
    Group.RELEASE: t("Release"),
    Group.RUN: t("Run"),
    Group.PROTECT: t("Protect"),
    Group.MEASURE: t("Measure"),
    Group.GRADE: t("Grading"),
    Group.EVIDENCE: t("Evidence"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in a rail. The same ``name`` in several rails is the same thing at another level."""

    name: str
    title: Text
    group: Group
    where: Where = Where.NODE
    address: str = ""  # with {node} and {path} of the node; empty: that of the page
    kinds: frozenset[NodeKind] | None = None  # of nodes that have it; None: all
    order: int = 0  # inside its group
    drawn: str = "M3 8h10"  # path of its icon, inside a square of 16 x 16
