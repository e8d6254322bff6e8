"""Tell forges what is put down for them, as often as it takes. Rules:

1. One at a time has a telling, by a lease that is longer than all its questions may take. Whoever dies leaves it to the
   next when the lease is over; who comes too late changes nothing.
2. A comment that may have been written, though no answer came, is looked for before another is written.
3. What a forge says later waits that long, and with it all that is for the same host. What fails is tried again ever
   more seldom, and given up after three days.
4. A token that is refused is not shown again: everything of its project stops until another credential is set. It says
   so at the project, and to whoever asks after the server's health.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from plumbline.flow.gates.telling_place import credential_for, name_of, place_of, where_of
from plumbline.kernel import t
from plumbline.model.telling import OF_CREDENTIAL, Comment, Hindrance, NotToldError, Telling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from plumbline.flow.gates.telling_place import Where
    from plumbline.model.ports.telling import Teller
    from plumbline.model.ports.transaction import Store, Transaction
    from plumbline.model.ports.vault import Vault
    from plumbline.model.repository_credential import RepositoryCredential
    from plumbline.model.tree import Node

_log = logging.getLogger(__name__)
_SECOND = 1_000_000
LEASE = 180 * _SECOND  # longer than a comment is looked for, and every question of it
_FIRST_WAIT, _LONGEST_WAIT = 15 * _SECOND, 3600 * _SECOND  # between tries
GIVEN_UP = 3 * 86_400 * _SECOND  # of tries that came to nothing
_FORGOTTEN = 180 * 86_400 * _SECOND  # states of old commits
_FORGOTTEN_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingTools:
    """``owner``: whoever takes a turn, of one process; ``tellers``: by kind of forge."""

    store: Store
    vault: Vault
    tellers: Mapping[str, Teller]
    clock: Callable[[], int]  # microseconds
    owner: str


class _Way(msgspec.Struct, frozen=True):
    """To the forge of a project. ``named``: its credential; ``refused``: what was met when that was shown before."""

    kind: str
    ancestors: Sequence[Node]
    where: Where
    credential: RepositoryCredential | None
    named: str
    refused: Telling | None


def tell_due(tools: TellingTools) -> Iterator[None]:
    """All that is due now, little at each step."""
    _resume(tools)
    told = False
    while (taken := _take(tools)) is not None:
        _tell(tools, taken)
        told = True
        yield
    if told:
        with tools.store.change() as tx:
            tx.tellings.forget(tools.clock() - _FORGOTTEN, _FORGOTTEN_AT_ONCE)


def _take(tools: TellingTools) -> Telling | None:
    """The one that waits longest, for us alone."""
    now = tools.clock()
    with tools.store.view() as tx:
        if not tx.tellings.due(now, 1):
            return None
    with tools.store.change() as tx:
        for found in tx.tellings.due(now, 1):
            taken = msgspec.structs.replace(found, owner=tools.owner, due=now + LEASE)
            return tx.tellings.put(taken)
    return None


def _tell(tools: TellingTools, taken: Telling) -> None:
    fault, named, remote = None, "", taken.remote
    try:
        way = _way(tools, taken)
        named = way.named
        remote = _tell_by(tools, way, taken)
    except NotToldError as error:
        fault = error
        _log.warning("%s: %s", taken.name, error.message, extra={"fields": {**error.fields, "host": taken.host}})
    _conclude(tools, taken, fault, named, remote)


def _tell_by(tools: TellingTools, way: _Way, taken: Telling) -> str:
    """The forge's id of the comment."""
    if way.refused is not None:
        raise NotToldError(
            way.refused.problem,
            t("The forge did not take the same token before."),
            t("Set another credential for this host."),
            hindrance=Hindrance.PROJECT,
            said=way.refused.detail,
        )
    place = place_of(way.ancestors, way.where, way.credential, tools.vault)
    teller = tools.tellers[way.kind]
    if isinstance(taken.wanted, Comment):
        return teller.comment(place, taken.wanted, taken.remote)
    teller.status(place, taken.wanted)
    return ""


def _way(tools: TellingTools, taken: Telling) -> _Way:
    with tools.store.view() as tx:
        ancestors, binding = tx.tree.ancestors(taken.project), tx.bindings.get(taken.project)
        where = where_of(ancestors, binding) if binding is not None else None
        if binding is None or where is None or binding.kind not in tools.tellers:
            raise NotToldError(
                "forge-gone",
                t("The project has no repository at a forge any more."),
                t("Bind its repository again where it should have one."),
                hindrance=Hindrance.ROW,
            )
        credential = credential_for(tx, ancestors, where)
        named = name_of(credential)
        stopped = tx.tellings.stopped(taken.project)
    refused = next((one for one in stopped if one.problem in OF_CREDENTIAL and one.credential == named), None)
    return _Way(binding.kind, ancestors, where, credential, named, refused)


def _conclude(tools: TellingTools, taken: Telling, fault: NotToldError | None, credential: str, remote: str) -> None:
    """What came of it, beside whatever was put down meanwhile."""
    now = tools.clock()
    with tools.store.change() as tx:
        kept = tx.tellings.get(taken.id)
        if kept is None:
            return
        if kept.owner != taken.owner or kept.due != taken.due:
            if remote and not kept.remote:  # somebody else has it by now; what we wrote there is ours all the same
                tx.tellings.put(msgspec.structs.replace(kept, remote=remote))
            return
        if fault is None:
            tx.tellings.put(_done(kept, taken, remote, now))
            return
        after = _failed(kept, taken, fault, credential, now)
        tx.tellings.put(after)
        if fault.hindrance is Hindrance.LATER:
            _put_off(tx, after, now)


def _done(kept: Telling, taken: Telling, remote: str, now: int) -> Telling:
    newer = kept.version != taken.version
    return msgspec.structs.replace(
        kept, told=taken.version, due=now if newer else 0, since=now if newer else 0, faults=0, stopped=0, problem="",
        detail="", credential="", owner="", remote=remote, changed=now,
    )  # fmt: skip


def _failed(kept: Telling, taken: Telling, fault: NotToldError, credential: str, now: int) -> Telling:
    faults = kept.faults + 1
    newer = kept.version != taken.version
    noted = msgspec.structs.replace(
        kept, faults=faults, problem=fault.code, detail=fault.said, credential=credential, owner="", changed=now
    )
    over = fault.hindrance is Hindrance.AGAIN and now - kept.since > GIVEN_UP
    if fault.hindrance is Hindrance.PROJECT or over or (fault.hindrance is Hindrance.ROW and not newer):
        return msgspec.structs.replace(noted, stopped=now, due=0)
    wait = min(_FIRST_WAIT * 2 ** min(faults - 1, 20), _LONGEST_WAIT)
    if fault.hindrance is Hindrance.ROW:
        wait = 0  # it was of what is not wanted any more
    return msgspec.structs.replace(noted, due=now + max(wait, int(fault.after * _SECOND)) if wait else now)


def _put_off(tx: Transaction, after: Telling, now: int) -> None:
    """Everything for the same host that is not at work."""
    for one in tx.tellings.waiting(after.host):
        if not one.owner and one.due < after.due and one.id != after.id:
            tx.tellings.put(msgspec.structs.replace(one, due=after.due, changed=now))


def _resume(tools: TellingTools) -> None:
    """What stopped by a credential, where another is set by now."""
    now = tools.clock()
    with tools.store.view() as tx:
        stopped = [one for one in tx.tellings.stopped() if one.problem in OF_CREDENTIAL]
        shown = {project: _shown(tx, project) for project in {one.project for one in stopped}}
    again = [one.id for one in stopped if one.credential != shown[one.project]]
    if not again:
        return
    with tools.store.change() as tx:
        for found in filter(None, map(tx.tellings.get, again)):
            if found.stopped:
                tx.tellings.put(msgspec.structs.replace(found, stopped=0, due=now, since=now, faults=0, changed=now))


def _shown(tx: Transaction, project: int) -> str:
    ancestors, binding = tx.tree.ancestors(project), tx.bindings.get(project)
    where = where_of(ancestors, binding) if binding is not None else None
    return name_of(credential_for(tx, ancestors, where)) if where is not None else ""
