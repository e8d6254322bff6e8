"""CI/CD variables of nodes. A value goes in and comes out in jobs alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from plumbline.access import inherited_variables, use_cases
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.tree.read_tree import place_of
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.pipeline import Variable
from plumbline.model.tree import INSTANCE, StoredVariable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.tree.tools import TreeTools
    from plumbline.model.ports.transaction import Store
    from plumbline.model.ports.vault import Vault

LONGEST_VALUE = 65536  # characters of a variable
SHORTEST_MASKED = 8  # characters, as in GitLab
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")


def variable_place(node: int, name: str, scope: str) -> str:
    """What the sealed value of a variable is bound to."""
    return f"variable/{node}/{scope}/{name}"


def list_variables(actor: Actor, tools: TreeTools, node: int) -> Sequence[StoredVariable]:
    """Those set at a node or above it, by name and scope. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        ancestors = unit.require(use_cases.LIST_VARIABLES, node)
        return unit.tx.variables.at([INSTANCE, *(each.id for each in ancestors)])


def put_variable(actor: Actor, tools: TreeTools, variable: StoredVariable, value: str) -> StoredVariable:
    """Add or replace. Its value is sealed here and never shown again.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``variable-name-wrong``, ``variable-too-long`` or
    ``variable-not-maskable``.
    """
    with tools.units.change(actor) as unit:
        place = place_of(unit.require(use_cases.WRITE_VARIABLE, variable.node))
        _check_variable(variable, value)
        bound = variable_place(variable.node, variable.name, variable.scope)
        sealed = tools.vault.seal(value.encode("utf-8", "surrogateescape"), bound)
        stored = msgspec.structs.replace(variable, sealed=sealed, changed=unit.now, changed_by=actor.person.id)
        unit.tx.variables.put(stored)
        unit.record(f"{place}:{variable.name}", events.VariableWritten(
            key=variable.name, node=place, by=actor.name, masked=variable.masked, protected=variable.protected,
            scope=variable.scope))  # fmt: skip
        return stored


def remove_variable(actor: Actor, tools: TreeTools, node: int, name: str, scope: str) -> bool:
    """False where there is none. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.change(actor) as unit:
        place = place_of(unit.require(use_cases.REMOVE_VARIABLE, node))
        if not unit.tx.variables.remove(node, name, scope):
            return False
        unit.record(f"{place}:{name}", events.VariableRemoved(key=name, node=place, by=actor.name))
        return True


def opened_variables(store: Store, vault: Vault, project: int) -> tuple[Variable, ...]:
    """Those of the installation, the groups and the project with their values, for jobs; lowest precedence first."""
    with store.view() as tx:
        ancestors = tx.tree.ancestors(project)
        stored = tx.variables.at([INSTANCE, *(node.id for node in ancestors)])
    found = []
    for one in inherited_variables(ancestors, stored):
        kept = one.variable
        value = vault.open(kept.sealed, variable_place(kept.node, kept.name, kept.scope))
        found.append(
            Variable(
                kept.name,
                value.decode("utf-8", "surrogateescape"),
                one.source,
                raw=kept.raw,
                masked=kept.masked,
                file=kept.file,
                protected=kept.protected,
                scope=kept.scope,
                level=one.level,
            )
        )
    return tuple(found)


def _check_variable(variable: StoredVariable, value: str) -> None:
    if not _VARIABLE.fullmatch(variable.name):
        raise PlumblineError(
            "variable-name-wrong",
            t("'{name}' cannot be the name of a variable.", name=variable.name[:100]),
            t("Use letters, digits and '_', beginning with a letter or '_'."),
            kind=ErrorKind.CONFIGURATION,
        )
    if len(value) > LONGEST_VALUE or "\0" in value:
        raise PlumblineError(
            "variable-too-long",
            t("The value of {name} is longer than {count} characters, or has a zero byte.", name=variable.name,
              count=LONGEST_VALUE),
            t("Keep what is larger in a file of the repository, or fetch it in the job."),
            kind=ErrorKind.CONFIGURATION,
        )  # fmt: skip
    if variable.masked and not any(len(line.strip()) >= SHORTEST_MASKED for line in value.splitlines()):
        raise PlumblineError(
            "variable-not-maskable",
            t("The value of {name} is too short to be masked: it would be hidden all over the logs.",
              name=variable.name),
            t("Take a value of {count} characters or more, or do not mask it.", count=SHORTEST_MASKED),
            kind=ErrorKind.CONFIGURATION,
        )  # fmt: skip
