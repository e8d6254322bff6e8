"""Findings as lists have them: where they are, how they stand, and what can be decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.model.reported import FindingState

if TYPE_CHECKING:
    from plumbline.kernel import Text
    from plumbline.model.reported import FindingKept

STATES: dict[FindingState, Text] = {
    FindingState.OPEN: t("open"),
    FindingState.UNSEEN: t("not seen again"),
    FindingState.ACCEPTED: t("exception holds"),
    FindingState.FALSE_POSITIVE: t("false alarm"),
    FindingState.FIXED: t("fixed"),
    FindingState.DUPLICATE: t("duplicate"),
}
DECIDED: dict[FindingState, Text] = {  # what a decision says, whether it holds yet or not
    **STATES,
    FindingState.OPEN: t("opened again"),
    FindingState.ACCEPTED: t("exception"),
    FindingState.FIXED: t("confirmed to be gone"),
}
WHY: dict[str, Text] = {  # that one is not seen again, and nobody can say that it is gone
    "not finished": t("the later scan did not finish"),
    "may fail": t("the job of the later scan may fail"),
    "no scope": t("the later scan does not say what it looked at"),
    "not covered": t("the later scan did not look at this place"),
    "rules changed": t("the later scan had other rules"),
    "rules unknown": t("the later scan does not say which rules it had"),
    "brought by hand": t("the later scan was brought by a person"),
}
ACTS: dict[str, Text] = {
    "accept": t("Accept it until a day (exception)"),
    "false_positive": t("It is a false alarm"),
    "confirm": t("It is gone: confirm that it is fixed"),
    "reopen": t("Open it again"),
}


def place_of(one: FindingKept) -> str:
    """A line of a file, a package, or what else it is about."""
    if one.path:
        return f"{one.path}:{one.line}" if one.line else one.path
    return one.package or one.object
