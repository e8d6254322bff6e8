"""What pages say of a report: whose word it is, why it could not be read, and why it is not believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import Text, t
from plumbline.model.coding import revived
from plumbline.model.reported import Origin

if TYPE_CHECKING:
    from plumbline.model.reported import StoredReport

_FLAGGED = {
    "other-commit": t("the file names another commit"),
    "other-repository": t("the file names another repository"),
}
_sentence = msgspec.json.Decoder(Text, dec_hook=revived).decode


def told_by(report: StoredReport) -> Text:
    """A file that a job left is believed to say what it says; what somebody brought is their word alone."""
    if report.origin is Origin.JOB:
        return t("a job here")
    if report.origin is Origin.SOURCE:
        return t("the source {name}", name=report.sender)
    return t("{person}, by hand", person=report.sender)


def reason_of(report: StoredReport) -> Text | str:
    """Why it could not be read."""
    try:
        return _sentence(report.message)
    except msgspec.DecodeError:
        return report.problem


def flag_of(report: StoredReport) -> Text | str:
    """Why it is not believed to be about this commit."""
    return _FLAGGED.get(report.flagged, report.flagged)


def short_ref(ref: str) -> str:
    """A branch or a tag without what all of them begin with."""
    return ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
