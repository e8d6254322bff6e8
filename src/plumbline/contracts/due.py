"""What is due where several contracts hold: each below may add and tighten, none may take away or loosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.model.contract import Contract, DueContract, OccasionKind
from plumbline.model.rule_set import RuleSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.problem import Problem


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A contract where it stands. ``path`` of its node; empty: the installation. One of the repository
    (.plumbline/contract.yml) has the path of its project, and no node."""

    contract: Contract
    path: str
    rules: RuleSet
    by_repository: bool = False


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The occasion that something may be due at. What is empty is not known, and matches no pattern."""

    kind: OccasionKind
    branch: str = ""  # the target of a merge; the branch or tag of a pipeline
    source: str = ""  # of the pipeline
    tier: str = ""


def due(placed: Sequence[Placed], asked: Asked) -> DueContract | None:
    """All that is due at the occasion, or None: no contract holds, it is uncovered. ``placed``: those of the node and
    of the nodes above it, in any order, and that of the repository."""
    raise NotImplementedError


def weakened(above: Sequence[Contract], below: Contract) -> tuple[Problem, ...]:
    """What a contract would loosen or take away of those above it (or that it extends), which none may; and a circle
    of ``extends``."""
    raise NotImplementedError
