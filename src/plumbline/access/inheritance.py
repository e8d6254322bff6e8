"""Settings and variables come down the tree; what is set nearest wins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from plumbline.model.pipeline import VariableSource
from plumbline.model.repository_credential import Remote, RepositoryCredential
from plumbline.model.tree import INSTANCE, Node, NodeKind, StoredVariable


class Effective(NamedTuple):
    """A value that holds at a node, and the node where it was set."""

    value: object
    node: Node


def effective_settings(ancestors: Sequence[Node]) -> dict[str, Effective]:
    """Every setting that holds at the first of ``ancestors`` (the node, its parent, and so on to the top), by key."""
    found: dict[str, Effective] = {}
    for node in ancestors:
        for key, value in node.settings.items():
            found.setdefault(key, Effective(value, node))
    return dict(sorted(found.items()))


class Inherited(NamedTuple):
    """A stored variable as it holds at a node. ``level`` orders those of groups: the higher one is nearer."""

    variable: StoredVariable
    source: VariableSource
    level: int
    node: Node | None  # None: set for the whole installation


def inherited_variables(ancestors: Sequence[Node], variables: Iterable[StoredVariable]) -> list[Inherited]:
    """The variables that a job at the first of ``ancestors`` may get, lowest precedence first: those of the
    installation, of the nodes above from the top down, of the project. Those of other nodes are left out."""
    levels = {node.id: (len(ancestors) - index, node) for index, node in enumerate(ancestors)}
    found = []
    for variable in variables:
        if variable.node == INSTANCE:
            found.append(Inherited(variable, VariableSource.INSTANCE, 0, None))
        elif variable.node in levels:
            level, node = levels[variable.node]
            source = VariableSource.PROJECT if node.kind is NodeKind.PROJECT else VariableSource.GROUP
            found.append(Inherited(variable, source, level, node))
    return sorted(found, key=lambda one: (one.level, one.variable.name, one.variable.scope))


def nearest_credential(
    ancestors: Sequence[Node], credentials: Iterable[RepositoryCredential], remote: Remote
) -> RepositoryCredential | None:
    """The one that the project at the first of ``ancestors`` shows to a remote: for exactly this scheme, host and port,
    set nearest; else that of the installation, if any."""
    fitting = {one.node: one for one in credentials if (one.scheme, one.host) == (remote.scheme, remote.host)}
    nodes = [*(node.id for node in ancestors), INSTANCE]
    return next((fitting[node] for node in nodes if node in fitting), None)
