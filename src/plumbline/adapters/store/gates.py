"""Policies, contracts, collections, evaluations and waivers in a database. Implements the ports of
``plumbline.model.ports.gates``."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from sqlalchemy import func, insert, select, update

from plumbline.adapters.store.schema import gates as tables
from plumbline.model.contract import Collection
from plumbline.model.gate import Evaluation, Waiver
from plumbline.model.ready import ready
from plumbline.model.rule_set import RuleKind, RuleSet

if TYPE_CHECKING:
    from collections.abc import Collection as Many
    from collections.abc import Sequence
    from typing import Any

    from sqlalchemy import Connection, Row, Select, Table

    T = TypeVar("T", Collection, Evaluation, Waiver)

_rule_set, _collection, _evaluation, _waiver = (
    tables.rule_set,
    tables.collection,
    tables.evaluation,
    tables.waiver,
)
_AT_ONCE = 500  # values in one question
_encode = msgspec.json.Encoder().encode
_collections = msgspec.json.Decoder(ready(Collection))
_evaluations = msgspec.json.Decoder(ready(Evaluation))
_waivers = msgspec.json.Decoder(ready(Waiver))


class SqlRuleSets:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def add(self, rule_set: RuleSet) -> RuleSet:
        same = (
            _rule_set.c.node == rule_set.node,
            _rule_set.c.kind == rule_set.kind.value,
            _rule_set.c.name == rule_set.name,
        )
        newest = self._on.scalar(select(func.max(_rule_set.c.version)).where(*same)) or 0
        added = msgspec.structs.replace(rule_set, version=newest + 1)
        values = msgspec.structs.asdict(added)
        del values["id"]
        made = self._on.execute(insert(_rule_set).values(**{**values, "kind": added.kind.value}))
        return msgspec.structs.replace(added, id=_id_of(made))

    def newest(self, nodes: Many[int], kind: RuleKind) -> Sequence[RuleSet]:
        found: dict[tuple[int, str], RuleSet] = {}
        for some in _portions(nodes):
            wanted = select(_rule_set).where(_rule_set.c.node.in_(some), _rule_set.c.kind == kind.value)
            for row in self._on.execute(wanted.order_by(_rule_set.c.node, _rule_set.c.name, _rule_set.c.version)):
                found[row.node, row.name] = _rule_set_of(row)
        return list(found.values())

    def versions(self, node: int, kind: RuleKind, name: str) -> Sequence[RuleSet]:
        wanted = select(_rule_set).where(
            _rule_set.c.node == node, _rule_set.c.kind == kind.value, _rule_set.c.name == name
        )
        return [_rule_set_of(row) for row in self._on.execute(wanted.order_by(_rule_set.c.version.desc()))]

    def get(self, rule_set: int) -> RuleSet | None:
        row = self._on.execute(select(_rule_set).where(_rule_set.c.id == rule_set)).first()
        return _rule_set_of(row) if row is not None else None

    def of_digest(self, kind: RuleKind, digest: str) -> RuleSet | None:
        wanted = select(_rule_set).where(_rule_set.c.digest == digest, _rule_set.c.kind == kind.value)
        row = self._on.execute(wanted.order_by(_rule_set.c.id.desc())).first()
        return _rule_set_of(row) if row is not None else None

    def retire(self, rule_set: int, by: str, now: int) -> bool:
        change = update(_rule_set).where(_rule_set.c.id == rule_set, _rule_set.c.retired == 0)
        return self._on.execute(change.values(retired=now, retired_by=by)).rowcount == 1


class SqlCollections:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def add(self, collection: Collection) -> Collection:
        made = self._on.execute(insert(_collection).values(uid=collection.uid, **_columns_of(collection)))
        return msgspec.structs.replace(collection, id=_id_of(made))

    def get(self, collection: int) -> Collection | None:
        return _first(self._on, _collections, select(_collection).where(_collection.c.id == collection))

    def of_uid(self, uid: str) -> Collection | None:
        return _first(self._on, _collections, select(_collection).where(_collection.c.uid == uid))

    def of_pipeline(self, pipeline: int) -> Sequence[Collection]:
        wanted = select(_collection).where(_collection.c.pipeline == pipeline).order_by(_collection.c.id)
        return _every(self._on, _collections, wanted)

    def of_commit(self, project: int, commit: str) -> Sequence[Collection]:
        wanted = select(_collection).where(_collection.c.project == project, _collection.c.commit == commit)
        return _every(self._on, _collections, wanted.order_by(_collection.c.id.desc()))

    def of_projects(
        self, projects: Many[int] | None, limit: int, *, before: int = 0, open_only: bool = False
    ) -> Sequence[Collection]:
        wanted = select(_collection)
        if open_only:
            wanted = wanted.where(_collection.c.until > 0)
        return _newest(self._on, _collections, _collection, wanted, projects, limit, before)

    def to_close(self, now: int, limit: int) -> Sequence[Collection]:
        wanted = select(_collection).where(_collection.c.until > 0, _collection.c.until <= now)
        return _every(self._on, _collections, wanted.order_by(_collection.c.until, _collection.c.id).limit(limit))

    def put(self, collection: Collection, expected_closed: int) -> bool:
        change = update(_collection).where(_collection.c.id == collection.id, _collection.c.closed == expected_closed)
        return self._on.execute(change.values(**_columns_of(collection))).rowcount == 1


class SqlEvaluations:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def add(self, evaluation: Evaluation) -> Evaluation:
        about = evaluation.subjects
        made = self._on.execute(
            insert(_evaluation).values(
                uid=evaluation.uid,
                project=evaluation.project,
                pipeline=about.pipeline,
                commit=about.commit,
                policy=evaluation.policy,
                record=_encode(evaluation),
            )
        )
        return msgspec.structs.replace(evaluation, id=_id_of(made))

    def get(self, evaluation: int) -> Evaluation | None:
        return _first(self._on, _evaluations, select(_evaluation).where(_evaluation.c.id == evaluation))

    def of_uid(self, uid: str) -> Evaluation | None:
        return _first(self._on, _evaluations, select(_evaluation).where(_evaluation.c.uid == uid))

    def of_commit(self, project: int, commit: str) -> Sequence[Evaluation]:
        wanted = select(_evaluation).where(_evaluation.c.project == project, _evaluation.c.commit == commit)
        return _every(self._on, _evaluations, wanted.order_by(_evaluation.c.id.desc()))

    def of_pipeline(self, pipeline: int) -> Sequence[Evaluation]:
        wanted = select(_evaluation).where(_evaluation.c.pipeline == pipeline)
        return _every(self._on, _evaluations, wanted.order_by(_evaluation.c.id.desc()))

    def of_projects(
        self, projects: Many[int] | None, limit: int, *, before: int = 0, policy: str = ""
    ) -> Sequence[Evaluation]:
        wanted = select(_evaluation)
        if policy:
            wanted = wanted.where(_evaluation.c.policy == policy)
        return _newest(self._on, _evaluations, _evaluation, wanted, projects, limit, before)


class SqlWaivers:
    """Inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def add(self, waiver: Waiver) -> Waiver:
        made = self._on.execute(
            insert(_waiver).values(
                uid=waiver.uid, node=waiver.node, ends=waiver.ends, over=_over(waiver), record=_encode(waiver)
            )
        )
        return msgspec.structs.replace(waiver, id=_id_of(made))

    def get(self, waiver: int) -> Waiver | None:
        return _first(self._on, _waivers, select(_waiver).where(_waiver.c.id == waiver))

    def of_nodes(self, nodes: Many[int], *, since: int = 0) -> Sequence[Waiver]:
        found: list[Waiver] = []
        for some in _portions(nodes):
            wanted = select(_waiver).where(_waiver.c.node.in_(some), _waiver.c.ends > since)
            found += _every(self._on, _waivers, wanted)
        return sorted(found, key=lambda one: -one.id)

    def ending(self, before: int, limit: int) -> Sequence[Waiver]:
        wanted = select(_waiver).where(_waiver.c.ends < before, _waiver.c.over == 0)
        every = _every(self._on, _waivers, wanted.order_by(_waiver.c.ends, _waiver.c.id).limit(limit))
        return [one for one in every if one.agreed]

    def put(self, waiver: Waiver, expected: Waiver) -> bool:
        row = self._on.execute(select(_waiver).where(_waiver.c.id == waiver.id).with_for_update()).first()
        if row is None or _read(_waivers, row) != expected:
            return False
        change = update(_waiver).where(_waiver.c.id == waiver.id)
        values = {"ends": waiver.ends, "over": _over(waiver), "record": _encode(waiver)}
        return self._on.execute(change.values(**values)).rowcount == 1


def _over(waiver: Waiver) -> int:
    return waiver.refused or waiver.ended


def _columns_of(collection: Collection) -> dict[str, Any]:
    return {
        "project": collection.project,
        "pipeline": collection.subjects.pipeline,
        "commit": collection.subjects.commit,
        "until": 0 if collection.closed else collection.closes or collection.deadline,
        "closed": collection.closed,
        "statement": collection.statement,
        "record": _encode(collection),
    }


def _rule_set_of(row: Row[Any]) -> RuleSet:
    values = dict(row._mapping)  # noqa: SLF001 - the name of the library's own interface
    return RuleSet(**{**values, "kind": RuleKind(values["kind"])})


def _id_of(made: Any) -> int:
    return int(made.inserted_primary_key[0])


def _read(decoder: msgspec.json.Decoder[T], row: Row[Any]) -> T:
    return msgspec.structs.replace(decoder.decode(row.record), id=row.id)


def _first(on: Connection, decoder: msgspec.json.Decoder[T], wanted: Select[Any]) -> T | None:
    row = on.execute(wanted).first()
    return _read(decoder, row) if row is not None else None


def _every(on: Connection, decoder: msgspec.json.Decoder[T], wanted: Select[Any]) -> list[T]:
    return [_read(decoder, row) for row in on.execute(wanted)]


def _newest(
    on: Connection,
    decoder: msgspec.json.Decoder[T],
    table: Table,
    wanted: Select[Any],
    projects: Many[int] | None,
    limit: int,
    before: int,
) -> list[T]:
    """Of many projects some at a time; the newest of all are among the newest of each portion."""
    if before:
        wanted = wanted.where(table.c.id < before)
    ordered = wanted.order_by(table.c.id.desc()).limit(limit)
    if projects is None:
        return _every(on, decoder, ordered)
    found: list[T] = []
    for some in _portions(projects):
        found += _every(on, decoder, ordered.where(table.c.project.in_(some)))
    return sorted(found, key=lambda one: -one.id)[:limit]


def _portions(values: Many[int]) -> list[list[int]]:
    every = sorted(set(values))
    return [every[at : at + _AT_ONCE] for at in range(0, len(every), _AT_ONCE)]
