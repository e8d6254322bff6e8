"""CI/CD variables of nodes. Their values go in and never come out."""

from __future__ import annotations

import msgspec

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import MOST_BYTES, Count, Line, NodeId, Time, Value, VariableName
from plumbline.api.problem import not_found
from plumbline.api.route import SMALL_BODY, route
from plumbline.flow.tree import variables
from plumbline.flow.tree.variables import LONGEST_VALUE
from plumbline.kernel import t
from plumbline.model.tree import StoredVariable


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


@route("GET", "/nodes/{node}/variables", t("Which variables hold at a node; 0: in the whole installation."),
       use_case=use_cases.LIST_VARIABLES)  # fmt: skip
def list_variables(call: Call, node: NodeId) -> VariableList:
    found = variables.list_variables(call.actor, call.tools.tree, node)
    return VariableList(variables=[_view(one) for one in found])


@route("PUT", "/nodes/{node}/variables/{name}", t("Set a variable at a node; 0: in the whole installation."),
       largest=SMALL_BODY + MOST_BYTES * LONGEST_VALUE, refusals=(422,), use_case=use_cases.WRITE_VARIABLE)  # fmt: skip
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
    )
    return _view(variables.put_variable(call.actor, call.tools.tree, variable, body.value))


@route("DELETE", "/nodes/{node}/variables/{name}", t("Remove a variable of a node."), status=204,
       use_case=use_cases.REMOVE_VARIABLE)  # fmt: skip
def delete_variable(call: Call, node: NodeId, name: VariableName, query: Scoped) -> None:
    if not variables.remove_variable(call.actor, call.tools.tree, node, name, query.scope or "*"):
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
