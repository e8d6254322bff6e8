"""CI/CD variables of nodes. Their values go in and never come out."""

from __future__ import annotations

import msgspec

from plumbline.access import Permission
from plumbline.api.call import Call
from plumbline.api.fields import MOST_BYTES, Count, Line, NodeId, Time, Value, VariableName
from plumbline.api.problem import not_found
from plumbline.api.route import SMALL_BODY, route
from plumbline.flow.people.manage_access import LONGEST_VALUE, put_variable, remove_variable
from plumbline.kernel import t
from plumbline.model.tree import INSTANCE, StoredVariable


class VariableView(msgspec.Struct, frozen=True, kw_only=True):
    node: NodeId
    name: str
    scope: str
    masked: bool
    protected: bool
    file: bool
    raw: bool
    description: str
    changed: Time
    changed_by: Count


class VariableList(msgspec.Struct, frozen=True, kw_only=True):
    """Those that are set here or above; the nearest wins."""

    variables: list[VariableView]


class VariableWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    value: Value
    scope: Line = "*"
    masked: bool = True
    protected: bool = False
    file: bool = False
    raw: bool = False
    description: Line = ""


class Scoped(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    scope: Line = "*"


@route("GET", "/nodes/{node}/variables", t("Which variables hold at a node; 0: in the whole installation."))
def list_variables(call: Call, node: NodeId) -> VariableList:
    with call.service.store.view() as tx:
        ancestors = call.require(tx, Permission.VARIABLE_VIEW, node)
        found = tx.variables.at([INSTANCE, *(each.id for each in ancestors)])
        return VariableList(variables=[_view(one) for one in found])


@route("PUT", "/nodes/{node}/variables/{name}", t("Set a variable at a node; 0: in the whole installation."),
       largest=SMALL_BODY + MOST_BYTES * LONGEST_VALUE)  # fmt: skip
def set_variable(call: Call, node: NodeId, name: VariableName, body: VariableWrite) -> VariableView:
    variable = StoredVariable(
        node=node,
        name=name,
        sealed=b"",
        scope=body.scope or "*",
        masked=body.masked,
        protected=body.protected,
        file=body.file,
        raw=body.raw,
        description=body.description,
        changed=call.now,
        changed_by=call.me.person.id,
    )
    with call.service.store.change() as tx:
        ancestors = call.require(tx, Permission.VARIABLE_WRITE, node)
        put_variable(call.service, tx, call.moment, call.me.standing, variable, body.value, ancestors)
    return _view(variable)


@route("DELETE", "/nodes/{node}/variables/{name}", t("Remove a variable of a node."), status=204)
def delete_variable(call: Call, node: NodeId, name: VariableName, query: Scoped) -> None:
    with call.service.store.change() as tx:
        ancestors = call.require(tx, Permission.VARIABLE_WRITE, node)
        if not remove_variable(tx, call.moment, call.me.standing, ancestors, name, query.scope or "*"):
            raise not_found(t("There is no variable {name} here.", name=name))


def _view(one: StoredVariable) -> VariableView:
    return VariableView(
        node=one.node,
        name=one.name,
        scope=one.scope,
        masked=one.masked,
        protected=one.protected,
        file=one.file,
        raw=one.raw,
        description=one.description,
        changed=one.changed,
        changed_by=one.changed_by,
    )


PART = (list_variables, set_variable, delete_variable)
