"""Which repository is meant: that of the project whose path is the longest beginning of its name.

1. A name that is no name of a repository is refused as such, before anything is looked up.
2. What the actor may not see is answered in the words of what is not there.
3. Where two projects differ in nothing but the case of their paths, neither has a repository: nobody takes over what
   others push to.
4. A repository belongs to its project and moves with it; the old name is nobody's from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import Permission, allows, use_cases
from plumbline.artifacts.names import below, is_digest, is_name, prefixes
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor, UseCase
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.registry import Repository
    from plumbline.model.tree import Node

LONGEST_PAGE = 1000
_ACTIONS = {
    "pull": use_cases.PULL_ARTIFACT,
    "push": use_cases.PUSH_ARTIFACT,
    "delete": use_cases.DELETE_ARTIFACT,
}


class Place(NamedTuple):
    """Where a repository is, or would be. ``name``: what follows the path of the project."""

    ancestors: Sequence[Node]  # the project, and the nodes above it
    name: str

    @property
    def project(self) -> int:
        return self.ancestors[0].id


class Address(NamedTuple):
    """What a name means: the project, and what follows its path."""

    project: int
    name: str


def place_of(unit: UnitOfWork, use_case: UseCase, name: str) -> Place:
    """Raises PlumblineError ``name-invalid``, and ``not-found``, ``not-allowed`` and others as ``require`` does."""
    _check_name(name)
    found = address_of(unit.tx, name)
    missing = t("There is no repository {name}.", name=name)
    ancestors = unit.require(use_case, found.project if found else None, missing)
    assert found is not None
    return Place(ancestors, found.name)


def repository_of(unit: UnitOfWork, use_case: UseCase, name: str) -> Repository:
    """One that is there. Raises as :func:`place_of`, and ``not-found`` where nothing was pushed to it."""
    place = place_of(unit, use_case, name)
    found = unit.tx.repositories.get(place.project, place.name)
    if found is None:
        raise PlumblineError("not-found", t("There is no repository {name}.", name=name), kind=ErrorKind.REFUSED)
    return found


def address_of(tx: Transaction, name: str) -> Address | None:
    """None where no project has such a path, or two have, in letters of another case."""
    found = tx.repositories.projects_at(prefixes(name))
    if not found:
        return None
    project, path = found[0]
    if len(found) > 1 and len(found[1][1]) == len(path):
        return None
    return Address(project, below(name, path))


def list_repositories(actor: Actor, tools: ArtifactTools, last: str, limit: int) -> tuple[list[str], bool]:
    """The addresses that follow ``last``, at most so many, and whether there are more: of those one may pull from."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_REPOSITORIES)
        every = unit.tx.repositories.of(unit.projects_or_all(use_cases.LIST_REPOSITORIES))
    found = [one.address for one in every if one.address > last]
    return found[:limit], len(found) > limit


def permitted(actor: Actor, tools: ArtifactTools, name: str, actions: Sequence[str]) -> tuple[str, ...]:
    """Those of these actions that the actor may do at a repository, or where one would be. Nothing is told of one that
    they may not see: nothing is permitted there."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.GET_REGISTRY_TOKEN)
        found = address_of(unit.tx, name) if is_name(name) else None
        if found is None or not allows(actor, Permission.ARTIFACT_DOWNLOAD, unit.tx.tree.ancestors(found.project)):
            return ()
        return tuple(one for one in actions if one in _ACTIONS and unit.may(_ACTIONS[one], found.project))


def check_digest(digest: str) -> None:
    """Raises PlumblineError ``digest-invalid``."""
    if not is_digest(digest):
        raise PlumblineError(
            "digest-invalid",
            t("{digest} is no digest.", digest=digest[:200]),
            t("Write sha256: or sha512: and all its digits in lower case."),
            kind=ErrorKind.REFUSED,
        )


def _check_name(name: str) -> None:
    if not is_name(name):
        raise PlumblineError(
            "name-invalid",
            t("{name} is no name of a repository.", name=name[:300]),
            t("Parts between slashes are lower case letters and digits, with single '.', '_' or '-' inside."),
            kind=ErrorKind.REFUSED,
        )
