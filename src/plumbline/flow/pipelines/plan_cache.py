"""Plans as they are stored: without the values of secret variables, which are sealed or fetched anew."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from plumbline.model.coding import packed_of, revived
from plumbline.model.pipeline import Plan, Variable, VariableSource
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.ports.vault import Vault

FETCHED = frozenset({VariableSource.INSTANCE, VariableSource.GROUP, VariableSource.PROJECT})
SEALED = frozenset({VariableSource.PIPELINE, VariableSource.POLICY, VariableSource.DEPLOYMENT})
_ORDER = {source: place for place, source in enumerate(VariableSource)}
_KEPT = 64  # plans in memory


class Plans:
    """Plans never change, so those in use are kept in memory, without any secret."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, Plan] = OrderedDict()
        self._lock = Lock()

    def get(self, tx: Transaction, pipeline: int) -> Plan:
        """Without the variables that :func:`opened` adds."""
        with self._lock:
            plan = self._known.get(pipeline)
            if plan is not None:
                self._known.move_to_end(pipeline)
                return plan
        plan = decode_plan(tx.pipelines.plan(pipeline)[0])
        with self._lock:
            self._known[pipeline] = plan
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return plan


def encode_plan(plan: Plan) -> bytes:
    """Without the variables that are fetched or sealed."""
    public = tuple(v for v in plan.variables if v.source not in FETCHED | SEALED)
    return zlib.compress(packed_of(msgspec.structs.replace(plan, variables=public)), 1)


def decode_plan(data: bytes) -> Plan:
    return _decoder().decode(zlib.decompress(data))


def pipeline_place(uid: str) -> str:
    """What the sealed variables of a pipeline are bound to."""
    return f"pipeline/{uid}"


def seal_variables(vault: Vault, variables: tuple[Variable, ...], uid: str) -> bytes:
    """The variables a pipeline was given; empty where there are none."""
    given = [v for v in variables if v.source in SEALED]
    return vault.seal(msgspec.msgpack.encode(given), pipeline_place(uid)) if given else b""


def opened(vault: Vault, plan: Plan, sealed: bytes, uid: str, fetched: tuple[Variable, ...]) -> Plan:
    """The plan with all its variables. ``fetched``: those that are not stored with it, as they are now."""
    given = (
        msgspec.msgpack.decode(vault.open(sealed, pipeline_place(uid)), type=ready(tuple[Variable, ...]))
        if sealed
        else ()
    )
    variables = sorted((*plan.variables, *fetched, *given), key=lambda v: _ORDER[v.source])
    return msgspec.structs.replace(plan, variables=tuple(variables))


@cache
def _decoder() -> msgspec.msgpack.Decoder[Plan]:
    return msgspec.msgpack.Decoder(ready(Plan), dec_hook=revived)
