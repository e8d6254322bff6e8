"""Variables of the nodes of the tree. Every act is an event in the same transaction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence import own_platform as events
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.tree import INSTANCE, Node, StoredVariable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.event_writer import EventWriter
    from plumbline.flow.service import ServerTools
    from plumbline.model.ports.transaction import Transaction

LONGEST_VALUE = 65536  # characters of a variable
SHORTEST_MASKED = 8  # characters, as in GitLab
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")


def variable_place(node: int, name: str, scope: str) -> str:
    """What the sealed value of a variable is bound to."""
    return f"variable/{node}/{scope}/{name}"


def put_variable(
    tools: ServerTools,
    tx: Transaction,
    moment: EventWriter,
    by: Actor,
    variable: StoredVariable,
    value: str,
    ancestors: Sequence[Node],
) -> bool:
    """Add or replace; whether it was new. Its value is sealed here and never shown again.

    Raises PlumblineError ``variable-name-wrong``, ``variable-too-long`` or ``variable-not-maskable``.
    """
    _check_variable(variable, value)
    place = variable_place(variable.node, variable.name, variable.scope)
    sealed = tools.vault.seal(value.encode("utf-8", "surrogateescape"), place)
    stored = msgspec.structs.replace(variable, sealed=sealed, changed=moment.now, changed_by=by.person.id)
    new = tx.variables.put(stored)
    moment.record(tx, f"{_place(ancestors)}:{variable.name}", events.VariableWritten(
        key=variable.name, node=_place(ancestors), by=by.person.name, masked=variable.masked,
        protected=variable.protected, scope=variable.scope))  # fmt: skip
    return new


def remove_variable(
    tx: Transaction, moment: EventWriter, by: Actor, ancestors: Sequence[Node], name: str, scope: str
) -> bool:
    node = ancestors[0].id if ancestors else INSTANCE
    if not tx.variables.remove(node, name, scope):
        return False
    moment.record(tx, f"{_place(ancestors)}:{name}", events.VariableRemoved(
        key=name, node=_place(ancestors), by=by.person.name))  # fmt: skip
    return True


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


def _place(ancestors: Sequence[Node]) -> str:
    return ancestors[0].path if ancestors else "/"
