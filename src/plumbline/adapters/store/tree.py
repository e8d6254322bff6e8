"""The organisation tree and what is set at its nodes, in a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, literal, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from plumbline.adapters.store import rows
from plumbline.adapters.store.schema import tree as tables
from plumbline.adapters.store.schema.pipelines import delivery
from plumbline.adapters.store.upsert import upsert
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.tree import INSTANCE, Node, StoredVariable

if TYPE_CHECKING:
    from collections.abc import Sequence

_node, _variable, _setting = tables.node, tables.variable, tables.setting
_GET = rows.query(Node, _node).where(_node.c.id == bindparam("id"))
_AT = rows.query(Node, _node).where(_node.c.path == bindparam("path"))
_above = _GET.cte("ancestors", recursive=True)
_ANCESTORS = select(_above.union_all(rows.query(Node, _node).join(_above, _node.c.id == _above.c.parent)))


class SqlTree:
    def __init__(self, connection: Connection) -> None:
        self._on = connection
        self._found: dict[int, Sequence[Node]] = {}  # as read in this transaction
        self._all: Sequence[Node] | None = None

    def add(self, node: Node) -> Node:
        self._forget()
        try:
            with self._on.begin_nested():
                return rows.add(self._on, _node, node)
        except IntegrityError as error:
            if self.at(node.path) is None:
                raise  # its parent is not there: a bug of the caller
            raise _exists(node.path) from error

    def get(self, node: int) -> Node | None:
        return rows.first(self._on, Node, _GET, id=node)

    def at(self, path: str) -> Node | None:
        return rows.first(self._on, Node, _AT, path=path)

    def ancestors(self, node: int) -> Sequence[Node]:
        found = self._found.get(node)
        if found is None:
            found = self._found[node] = self._read_ancestors(node)
        return found

    def _read_ancestors(self, node: int) -> Sequence[Node]:
        nodes = rows.every(self._on, Node, _ANCESTORS, id=node) if node != INSTANCE else []
        return sorted(nodes, key=lambda each: -len(each.path))

    def children(self, node: int | None) -> Sequence[Node]:
        selected = rows.query(Node, _node).where(_node.c.parent.is_(None) if node is None else _node.c.parent == node)
        return rows.every(self._on, Node, selected.order_by(_node.c.name))

    def all(self) -> Sequence[Node]:
        if self._all is None:
            self._all = sorted(rows.every(self._on, Node, rows.query(Node, _node)), key=lambda node: node.path)
        return self._all

    def save(self, node: Node) -> bool:
        self._forget()
        return rows.save(self._on, _node, node, "parent", "kind", "name", "path")

    def move(self, before: Node, after: Node) -> bool:
        self._forget()
        columns = _node.c
        one = update(_node).where(columns.id == before.id, columns.path == before.path)
        below = update(_node).where(func.substr(columns.path, 1, len(before.path) + 1) == f"{before.path}/")
        try:
            with self._on.begin_nested():
                moved = self._on.execute(one.values(parent=after.parent, name=after.name, path=after.path))
                rest = func.substr(columns.path, len(before.path) + 1)
                self._on.execute(below.values(path=literal(after.path).concat(rest)))
        except IntegrityError as error:
            raise _exists(after.path) from error
        return moved.rowcount == 1

    def remove(self, node: int) -> None:
        self._forget()
        self._on.execute(delete(delivery).where(delivery.c.project == node))
        self._on.execute(delete(_node).where(_node.c.id == node))

    def _forget(self) -> None:
        self._found.clear()
        self._all = None


class SqlVariables:
    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def at(self, nodes: Sequence[int]) -> Sequence[StoredVariable]:
        selected = rows.query(StoredVariable, _variable).where(_variable.c.node.in_(nodes))
        found = rows.every(self._on, StoredVariable, selected)
        return sorted(found, key=lambda variable: (variable.name, variable.scope, variable.node))

    def put(self, variable: StoredVariable) -> bool:
        was_there = self._on.execute(select(_variable.c.node).where(*_named(variable))).first()
        upsert(self._on, _variable, rows.row_of(variable))
        return was_there is None

    def remove(self, node: int, name: str, scope: str) -> bool:
        columns = _variable.c
        gone = delete(_variable).where(columns.node == node, columns.name == name, columns.scope == scope)
        return self._on.execute(gone).rowcount == 1

    def all(self, after: tuple[int, str, str] | None, limit: int) -> Sequence[StoredVariable]:
        key = (_variable.c.node, _variable.c.name, _variable.c.scope)
        selected = rows.query(StoredVariable, _variable).order_by(*key).limit(limit)
        if after is not None:
            selected = selected.where(tuple_(*key) > after)
        return rows.every(self._on, StoredVariable, selected)

    def reseal(self, variable: StoredVariable, sealed: bytes) -> bool:
        changed = update(_variable).where(*_named(variable), _variable.c.sealed == variable.sealed)
        return self._on.execute(changed.values(sealed=sealed)).rowcount == 1


class SqlSettings:
    """Values of the installation itself."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def get(self, key: str) -> bytes | None:
        return self._on.execute(select(_setting.c.value).where(_setting.c.key == key)).scalar()

    def put(self, key: str, value: bytes) -> None:
        upsert(self._on, _setting, {"key": key, "value": value})

    def remove(self, key: str, expected: bytes) -> bool:
        gone = delete(_setting).where(_setting.c.key == key, _setting.c.value == expected)
        return self._on.execute(gone).rowcount == 1


def _exists(path: str) -> PlumblineError:
    return PlumblineError(
        "node-exists",
        t("There is something at {path} already.", path=path),
        t("Choose another name."),
        kind=ErrorKind.REFUSED,
    )


def _named(variable: StoredVariable) -> tuple[ColumnElement[bool], ...]:
    columns = _variable.c
    return (
        columns.node == variable.node,
        columns.name == variable.name,
        columns.scope == variable.scope,
    )
