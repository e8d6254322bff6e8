"""Whether the ledger is what it was: as it was last verified, and now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Count, Time
from plumbline.api.route import route
from plumbline.flow.ledger.verify_now import verify_now, view_verification
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.flow.ledger.verify_onwards import Verification


class VerificationView(msgspec.Struct, frozen=True, kw_only=True):
    """``outcome``: intact, broken, or nothing to verify, which is no pass. ``fault``: the first entry that is not as
    it should be; 0: none, or not in one entry."""

    outcome: str
    at: Time
    whole: Time  # when it was last gone through from the first entry on, and held
    entries: Count  # that held, from the first on
    new: Count  # that the last look went through
    signed: Count  # that a signed checkpoint of this server vouches for
    size: Count  # of the ledger now
    root: bytes  # base64, over the entries that held
    fault: Count
    code: str
    message: str
    by: str  # who asked for it; empty: the server itself looked


class RunningView(msgspec.Struct, frozen=True, kw_only=True):
    """One that is under way: who asked for it, since when, which entry it reached, and how many there are."""

    by: str
    began: Time
    done: Count
    size: Count


class LastVerifications(VerificationView, frozen=True, kw_only=True):
    """The last one; the last that a person ``asked`` for, null: nobody did; and the one that is ``running``."""

    asked: VerificationView | None
    running: RunningView | None


class Verify(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``whole``: from the first entry on, else what is new since the last time."""

    whole: bool = True


@route("GET", "/ledger/verification", t("How the ledger was found when it was last verified."), slow=True,
       use_case=use_cases.VERIFY_LEDGER)  # fmt: skip
def get_verification(call: Call) -> LastVerifications:
    seen = view_verification(call.actor, call.tools.ledger)
    running = seen.running
    return LastVerifications(
        **_fields(seen.verification, seen.size),
        asked=VerificationView(**_fields(seen.asked, seen.size)) if seen.asked.at else None,
        running=RunningView(by=running.by, began=running.began, done=running.done, size=running.size)
        if running is not None
        else None,
    )


@route("POST", "/ledger/verification", t("Verify the ledger now."), refusals=(409,), use_case=use_cases.VERIFY_LEDGER)
def verify_ledger(call: Call, body: Verify) -> VerificationView:
    found = verify_now(call.actor, call.tools.ledger, whole=body.whole)
    return VerificationView(**_fields(found.verification, found.size))


def _fields(found: Verification, size: int) -> dict[str, Any]:
    return {
        "outcome": found.outcome.value,
        "at": found.at,
        "whole": found.whole,
        "entries": found.size,
        "new": found.new,
        "signed": found.signed,
        "size": size,
        "root": found.root,
        "fault": found.fault,
        "code": found.code,
        "message": str(found.message or ""),
        "by": found.by,
    }


PART = (get_verification, verify_ledger)
