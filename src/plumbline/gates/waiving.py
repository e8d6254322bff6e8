"""Waivers: what two persons set aside, where, and until when. Lines of contracts and checks of policies alike.

Disabling, overriding and bypassing are this, and nothing else is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.model.gate import Waiver, WaiverState
from plumbline.model.tree import is_within

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

DAY = 86_400_000_000  # microseconds
ANNOUNCED = (14, 3)  # days before its end, the earliest first


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What something is to be set aside for. ``digests``: all artifacts that it is about."""

    path: str  # of the project
    commit: str = ""
    change: str = ""
    digests: tuple[str, ...] = ()


def state(waiver: Waiver, at: int, active: Container[str]) -> WaiverState:
    """``active``: names of the people whose accounts are in use."""
    if waiver.refused:
        return WaiverState.REFUSED
    if waiver.ended and waiver.ended_by:
        return WaiverState.ENDED
    if waiver.ended:  # by the clock: its time was over, or one of its persons had left
        return WaiverState.EXPIRED if waiver.ended >= waiver.ends else WaiverState.VOID
    if waiver.ends <= at:
        return WaiverState.EXPIRED
    if not waiver.agreed or not waiver.agreed_by:
        return WaiverState.ASKED if waiver.asked_by in active else WaiverState.VOID
    if waiver.asked_by == waiver.agreed_by or waiver.asked_by not in active or waiver.agreed_by not in active:
        return WaiverState.VOID
    if not waiver.reason.strip() or waiver.agreed > at:
        return WaiverState.VOID
    return WaiverState.IN_FORCE


def fits(waiver: Waiver, scope: Scope) -> bool:
    """Whether it is meant for this. With a digest it holds for that artifact alone: where there are others besides,
    it sets nothing aside for all of them together."""
    if waiver.path and not is_within(scope.path, waiver.path):
        return False
    if waiver.commit and waiver.commit != scope.commit:
        return False
    if waiver.change and waiver.change != scope.change:
        return False
    return not waiver.digest or scope.digests == (waiver.digest,)


def waived(
    waivers: Iterable[Waiver], scope: Scope, *, at: int, active: Container[str], of_contract: bool = False
) -> dict[tuple[str, str], str]:
    """Policy (or contract) and line of all that is set aside here now, with the uid of its waiver; of several the one
    that holds longest."""
    holding = [
        one
        for one in waivers
        if one.of_contract is of_contract and fits(one, scope) and state(one, at, active) is WaiverState.IN_FORCE
    ]
    return {(one.rule_set, one.line): one.uid for one in sorted(holding, key=lambda one: (one.ends, one.uid))}


def announcements(waiver: Waiver, at: int) -> tuple[int, ...]:
    """Days before its end that are due to be announced and were not. One that was made for fewer days is not announced
    as if it had more; where a turn was missed, only the nearest day is told."""
    left = waiver.ends - at
    if left <= 0 or waiver.refused or waiver.ended or not waiver.agreed:
        return ()
    begun = waiver.agreed
    due = [days for days in ANNOUNCED if left <= days * DAY < waiver.ends - begun]
    nearest = min(due, default=0)
    return (nearest,) if nearest and nearest not in waiver.announced else ()
