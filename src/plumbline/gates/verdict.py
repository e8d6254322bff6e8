"""What gates said: of one policy, and of all that hold for one act."""

from __future__ import annotations

import msgspec

from plumbline.model.gate import CheckResult, GateAct, Outcome
from plumbline.model.problem import Problem

GOES_ON = frozenset({Outcome.PASS, Outcome.WAIVED})
WORST_FIRST = (Outcome.ERROR, Outcome.FAIL, Outcome.NO_DATA, Outcome.WAIVED, Outcome.PASS)

# Why there is an outcome though no check decided
NO_POLICY = "no-policy"  # none stands there for this act
EMPTY_POLICY = "empty-policy"  # it has no checks
NOTHING_SELECTED = "nothing-selected"  # policies stand there, and none is meant for this
NOTHING_APPLIES = "nothing-applies"  # every check says that it is not meant for this
NOTHING_ENFORCED = "nothing-enforced"  # every check is advisory, to come, or retired
NOBODY_CAN_TELL = "unknown-selection"  # a fact is missing that would say whether the policy is meant for this
UNREADABLE = "unreadable-policy"  # problems say why
NEWER_POLICY = "newer-policy"  # it needs a newer version of the language of policies


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What policies are selected by. Empty: not known. ``system_class`` comes from the fact ``system.class``;
    ``branch`` of a merge is the one merged into (``change.target``)."""

    act: GateAct
    branch: str = ""
    tier: str = ""
    system_class: str = ""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One policy. ``reason``: a code, where no check decided."""

    policy: str
    version: int
    digest: str
    node: str
    outcome: Outcome
    checks: tuple[CheckResult, ...] = ()
    reason: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def decides(self) -> bool:
        """Whether it holds anything back yet: a policy on trial is shown and does not."""
        return self.reason != NOTHING_ENFORCED


class PassedOver(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that stands there and is not meant for this, and by what: act, branch, tier, class."""

    policy: str
    version: int
    node: str
    by: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Of all policies together: the worst of those that decide. Only PASS passes; WAIVED lets go on."""

    outcome: Outcome
    judged: tuple[Judged, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    reason: str = ""

    @property
    def goes_on(self) -> bool:
        return self.outcome in GOES_ON
