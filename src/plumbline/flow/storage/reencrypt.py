"""Seal everything with the newest key, so that older ones can go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.pipelines.plan_cache import pipeline_place
from plumbline.flow.pipelines.schedules import schedule_place
from plumbline.flow.reports import finding_key
from plumbline.flow.sources.prove import source_place
from plumbline.flow.tree.bind_repository import secret_place
from plumbline.flow.tree.repository_credentials import credential_place
from plumbline.flow.tree.variables import variable_place
from plumbline.kernel import PlumblineError
from plumbline.model.tree import NodeKind

if TYPE_CHECKING:
    from plumbline.flow.event_writer import EventWriter
    from plumbline.model.ports.transaction import Store, Transaction
    from plumbline.model.ports.vault import Vault
    from plumbline.model.repository_credential import RepositoryCredential
    from plumbline.model.server import Binding, Schedule
    from plumbline.model.source import Source
    from plumbline.model.tree import StoredVariable

_BATCH = 200  # values in one transaction, so that others get their turn


@dataclass(slots=True)
class Sealed:
    """What is sealed in a store, and with what."""

    current: int = 0  # values sealed with the newest key
    older: int = 0  # with an older one that is there
    closed: list[str] = field(default_factory=list)  # places whose values no key opens


class _Value(NamedTuple):
    place: str
    sealed: bytes
    replace: Callable[[Transaction, bytes], object]  # where it is still the same, with what is given


def look_at_sealed(store: Store, vault: Vault) -> Sealed:
    """Count what is sealed with which key; nothing is changed."""
    found = Sealed()
    with store.view() as tx:
        for value in _values(tx):
            _judge(vault, value, found)
    return found


def sealed_at(store: Store) -> str:
    """A place where a value is sealed; empty where none is."""
    with store.view() as tx:
        return next((value.place for value in _values(tx)), "")


def reencrypt(store: Store, vault: Vault, moment: EventWriter) -> Sealed:
    """Seal all values with the newest key; what is there afterwards. Those that no key opens stay as they are.

    May be stopped at any moment and begun again.
    """
    with store.view() as tx:
        older = [value for value in _values(tx) if not vault.is_current(value.sealed)]
    for start in range(0, len(older), _BATCH):
        with store.change() as tx:
            for value in older[start : start + _BATCH]:
                _replace(tx, vault, value)
    with store.change() as tx:
        moment.record(tx, "keys", events.KeyRotated(purpose="sealed values"))
    return look_at_sealed(store, vault)


def _replace(tx: Transaction, vault: Vault, value: _Value) -> None:
    try:
        plain = vault.open(value.sealed, value.place)
    except PlumblineError:
        return
    value.replace(tx, vault.seal(plain, value.place))


def _judge(vault: Vault, value: _Value, found: Sealed) -> None:
    try:
        vault.open(value.sealed, value.place)
    except PlumblineError:
        found.closed.append(value.place)
        return
    if vault.is_current(value.sealed):
        found.current += 1
    else:
        found.older += 1


def _values(tx: Transaction) -> Iterator[_Value]:
    """Everything that is sealed."""
    yield from _variables(tx)
    yield from _bindings(tx)
    yield from _repository_credentials(tx)
    yield from _schedules(tx)
    yield from _sources(tx)
    yield from _finding_key(tx)
    yield from _pipelines(tx)


def _variables(tx: Transaction) -> Iterator[_Value]:
    after: tuple[int, str, str] | None = None
    while some := tx.variables.all(after, _BATCH):
        for one in some:
            after = (one.node, one.name, one.scope)
            yield _Value(variable_place(*after), one.sealed, partial(_put_variable, one))


def _bindings(tx: Transaction) -> Iterator[_Value]:
    for one in tx.bindings.all():
        if one.secret:
            yield _Value(secret_place(one.project), one.secret, partial(_put_binding, one))


def _repository_credentials(tx: Transaction) -> Iterator[_Value]:
    for one in tx.repository_credentials.all():
        yield _Value(credential_place(one), one.sealed, partial(_put_repository_credential, one))


def _finding_key(tx: Transaction) -> Iterator[_Value]:
    if sealed := tx.settings.get(finding_key.SETTING):
        yield _Value(finding_key.PLACE, sealed, _put_finding_key)


def _put_finding_key(tx: Transaction, sealed: bytes) -> None:
    tx.settings.put(finding_key.SETTING, sealed)


def _schedules(tx: Transaction) -> Iterator[_Value]:
    for node in tx.tree.all():
        for one in tx.schedules.of(node.id) if node.kind is NodeKind.PROJECT else ():
            if one.variables:
                yield _Value(schedule_place(one.project), one.variables, partial(_put_schedule, one))


def _sources(tx: Transaction) -> Iterator[_Value]:
    for one in tx.sources.all():
        if one.sealed:
            yield _Value(source_place(one.name), one.sealed, partial(_put_source, one))


def _pipelines(tx: Transaction) -> Iterator[_Value]:
    after = 0
    while some := tx.pipelines.sealed(after, _BATCH):
        for after, uid, before in some:  # noqa: B007
            yield _Value(pipeline_place(uid), before, partial(_put_pipeline, after, before))


def _put_variable(before: StoredVariable, tx: Transaction, sealed: bytes) -> None:
    tx.variables.reseal(before, sealed)


def _put_binding(before: Binding, tx: Transaction, sealed: bytes) -> None:
    now = tx.bindings.get(before.project)
    if now is not None and now.secret == before.secret:
        tx.bindings.put(msgspec.structs.replace(now, secret=sealed))


def _put_repository_credential(before: RepositoryCredential, tx: Transaction, sealed: bytes) -> None:
    tx.repository_credentials.reseal(before, sealed)


def _put_schedule(before: Schedule, tx: Transaction, sealed: bytes) -> None:
    now = tx.schedules.get(before.id)
    if now is not None and now.variables == before.variables:
        tx.schedules.save(msgspec.structs.replace(now, variables=sealed))


def _put_source(before: Source, tx: Transaction, sealed: bytes) -> None:
    now = tx.sources.get(before.id)
    if now is not None and now.sealed == before.sealed:
        tx.sources.change(msgspec.structs.replace(now, sealed=sealed))


def _put_pipeline(pipeline: int, before: bytes, tx: Transaction, sealed: bytes) -> None:
    tx.pipelines.reseal(pipeline, before, sealed)
