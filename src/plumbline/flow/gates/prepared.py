"""What is to be judged, before anybody does. Values only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.gates import Standing
    from plumbline.model.contract import Subjects
    from plumbline.model.gate import FactValue, GateAct


class Prepared(NamedTuple):
    """What is to be judged, with the facts that the policies want. ``last``: id of the newest evaluation of it before
    these were gathered; 0: there was none."""

    project: int
    act: GateAct
    subjects: Subjects
    policies: Sequence[Standing]
    facts: Mapping[str, FactValue]
    last: int
