"""Why a place outside could not be told, in one form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import PlumblineError, Text, t

if TYPE_CHECKING:
    from plumbline.model.outside import OutsidePlace


def not_delivered(place: OutsidePlace, reason: object, hint: Text | None = None) -> PlumblineError:
    return PlumblineError(
        "checkpoint-not-delivered",
        t("The checkpoint did not get to {place}: {reason}", place=place.name, reason=reason),
        hint or t("Look whether it can be reached from this machine, and that this server may write there."),
    )
