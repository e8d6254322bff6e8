"""See what forges were told of a project's gates, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import settings, use_cases
from plumbline.flow.gates.telling_place import credential_for, where_of
from plumbline.kernel import Text, t
from plumbline.model.telling import OF_CREDENTIAL, Comment

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from plumbline.access import Actor
    from plumbline.flow.unit_of_work import Units
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.telling import Telling

_MOST = 200
_PROBLEMS: Mapping[str, Text] = {
    "forge-no-credential": t("There is no credential for the forge's host by https. Set a token that may write states "
                             "of commits and comments; it is told then."),
    "forge-token-refused": t("The forge does not take the token. Nothing more is tried until another credential is "
                             "set for its host."),
    "forge-not-found": t("The forge does not know the commit or the merge request, or the token may not see it."),
    "forge-moved": t("The repository is somewhere else by now: write its new address."),
    "forge-refused": t("The forge refused what was told."),
    "forge-nobody": t("The forge does not say whose token it is, so that no comment could be found again."),
    "forge-too-many": t("There are too many comments to look through."),
    "forge-unreadable": t("What the forge answered cannot be read."),
    "forge-unreachable": t("The forge does not answer; it is tried again."),
    "forge-busy": t("The forge cannot answer now; it is tried again."),
    "forge-limits": t("The forge has us wait: too many requests."),
    "forge-refused-host": t("The server may not ask this host."),
    "forge-gone": t("The project has no repository at a forge any more."),
}  # fmt: skip


class SeenTellings(NamedTuple):
    """``why_not``: why nothing at all is told; empty: it is. ``waiting``: how many are still to be told; ``stopped``:
    those that were given up, the newest first."""

    tellings: Sequence[Telling]
    why_not: Text | str = ""

    @property
    def stopped(self) -> list[Telling]:
        return sorted((one for one in self.tellings if one.stopped), key=lambda one: -one.stopped)

    @property
    def waiting(self) -> int:
        return sum(one.due > 0 for one in self.tellings)


def problem_said(telling: Telling) -> Text | str:
    """What a telling met, for people; empty: nothing."""
    return _PROBLEMS.get(telling.problem, telling.problem)


def subject_said(telling: Telling) -> str:
    """What it is told at: a commit, or a merge request."""
    wanted = telling.wanted
    return f"!{wanted.change}" if isinstance(wanted, Comment) else f"{wanted.context} {wanted.commit[:12]}"


def list_tellings(actor: Actor, units: Units, kinds: Collection[str], project: int) -> SeenTellings:
    """The newest first. ``kinds``: of forges that can be told. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with units.view(actor) as unit:
        ancestors = unit.require(use_cases.LIST_TELLINGS, project)
        binding = unit.tx.bindings.get(project)
        found = unit.tx.tellings.of_project(project, _MOST)
        if settings.FORGE_TELL.at(ancestors) == "nothing":
            return SeenTellings(found, t("The setting '{setting}' says so.", setting=settings.FORGE_TELL.key))
        if binding is None or binding.kind not in kinds:
            return SeenTellings(found, t("The repository is at no forge that can be told."))
        where = where_of(ancestors, binding)
        if where is None:
            return SeenTellings(found, t("The address of the repository leads to no forge."))
        if credential_for(unit.tx, ancestors, where) is None:
            return SeenTellings(found, _PROBLEMS["forge-no-credential"])
        return SeenTellings(found)


def refused_tokens(tx: Transaction) -> Mapping[str, str]:
    """Of the projects whose token the forge refused: their path, and its host."""
    found: dict[str, str] = {}
    for one in tx.tellings.stopped():
        if one.problem in OF_CREDENTIAL and one.credential:
            node = tx.tree.get(one.project)
            if node is not None:
                found[node.path] = one.host
    return found
