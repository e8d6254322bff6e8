"""A policy as it stands at a node: its stored text, read once."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from plumbline.gates.policy import Policy, Standing
from plumbline.gates.reading import read_policy

if TYPE_CHECKING:
    from plumbline.model.problem import Problem
    from plumbline.model.rule_set import RuleSet

_MOST = 512  # texts whose policies are remembered


def digest_of(text: str) -> str:
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def standing(rule_set: RuleSet, node: str) -> Standing:
    """``node``: path of its node; empty: the installation."""
    return read_standing(rule_set.text, rule_set.name, rule_set.version, node)


def read_standing(text: str, name: str, version: int, node: str) -> Standing:
    found = _read(text)
    readable = isinstance(found, Policy)
    return Standing(
        policy=found if isinstance(found, Policy) else None,
        name=name,
        version=version,
        digest=digest_of(text),
        node=node,
        problems=() if readable else tuple(found),  # type: ignore[arg-type]
    )


@lru_cache(maxsize=_MOST)
def _read(text: str) -> Policy | tuple[Problem, ...]:
    return read_policy(text)
