"""A policy, read: what is checked, whom it holds for, since when. Frozen values; texts in two languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.model.gate import GateAct, Stage
from plumbline.model.words import Words

if TYPE_CHECKING:
    from plumbline.gates.checks import Check as BuiltIn
    from plumbline.judging import Signal
    from plumbline.judging.expressions import Expression
    from plumbline.model.problem import Mark, Problem

LANGUAGE = 1  # the version of the language that policies are written in; a policy says which one it needs
CLASSES = ("A", "B", "C", "D")  # of systems; A is what a bank cannot do without for an hour
TIERS = ("production", "staging", "testing", "development", "other")


class Selector(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a policy is meant for. Empty: all. ``branches``: names with ``*``; of a merge, of the branch merged into."""

    acts: tuple[GateAct, ...]
    branches: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a policy: exactly one of ``condition``, ``built_in`` and ``signal``. Dates: microseconds since the
    epoch; 0: none."""

    id: str
    title: Words
    reason: Words | None = None  # None: the built-in check's own
    remedy: Words | None = None
    needs: tuple[str, ...]  # facts without which there is no answer
    asked: tuple[str, ...]  # those, and the ones that say whether it is meant here
    rule: str  # what judges, with its version: cel/1, tests-passed/1, share/1
    condition: Expression | None = None
    built_in: BuiltIn | None = None
    given: dict[str, Any] = {}  # parameters of the built-in check, each with its value
    signal: Signal | None = None
    applies: Expression | None = None
    maps: tuple[str, ...] = ()
    advisory_from: int = 0
    enforced_from: int = 0
    retired_by: int = 0
    where: Mark | None = None  # in the text

    def stage(self, at: int) -> Stage:
        if self.retired_by and at >= self.retired_by:
            return Stage.RETIRED
        if self.enforced_from and at < self.enforced_from:
            return Stage.COMING if at < self.advisory_from else Stage.ADVISORY
        return Stage.ENFORCED


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """``wanted``: the documented facts that it looks at, those that select it among them. ``signals``: what is asked of
    the facts of the grade; an answer is kept under the signal's ``key``."""

    name: str
    title: Words
    owner: str
    selector: Selector
    checks: tuple[Check, ...]
    wanted: tuple[str, ...]
    signals: tuple[Signal, ...] = ()


def policy_of(name: str, title: Words, owner: str, selector: Selector, checks: tuple[Check, ...]) -> Policy:
    """With what it looks at."""
    signals = tuple(check.signal for check in checks if check.signal)
    keys = {signal.key for signal in signals}
    selecting: tuple[str, ...] = ("system.class",) if selector.classes else ()
    if selector.branches and GateAct.MERGE in selector.acts:
        selecting += ("change.target",)
    named = [fact for check in checks for fact in check.asked if fact not in keys]
    return Policy(name=name, title=title, owner=owner, selector=selector, checks=checks, signals=signals,
                  wanted=tuple(dict.fromkeys((*selecting, *named))))  # fmt: skip


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a policy where it stands. ``policy`` None: this version of the server cannot read it, for
    ``problems``; it stays in force, and whatever it would decide is an error."""

    policy: Policy | None
    name: str
    version: int
    digest: str  # of its text
    node: str  # path of the node; empty: the installation
    problems: tuple[Problem, ...] = ()
