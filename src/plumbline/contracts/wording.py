"""What contracts speak of, in the words of people: occasions, endings, and why something that came does not count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.model.contract import Ending, OccasionKind

if TYPE_CHECKING:
    from plumbline.kernel import Text

OCCASIONS: dict[OccasionKind, Text] = {
    OccasionKind.MERGE: t("merge request"),
    OccasionKind.PIPELINE: t("pipeline"),
    OccasionKind.RELEASE: t("release"),
    OccasionKind.PROMOTION: t("promotion"),
    OccasionKind.DEPLOYED: t("after a deployment"),
    OccasionKind.NIGHTLY: t("every night"),
}
ENDINGS: dict[Ending, Text] = {
    Ending.FINISHED: t("it finished"),
    Ending.FAILED: t("it failed"),
    Ending.CANCELLED: t("it was cancelled"),
    Ending.EXPIRED: t("its time was over"),
    Ending.BY_PERSON: t("a person closed it"),
}
WHY: dict[str, Text] = {  # what came does not fill a slot
    "condition-unknown": t("nobody can tell whether it is due; so it is"),
    "contract-broken": t("the contract cannot be read, so nobody knows what it asks for"),
    "no-counts": t("it does not say how many"),
    "no-digest": t("it has no digest"),
    "no-person": t("it does not say who"),
    "no-reviewer": t("it does not say who reviewed"),
    "no-revision": t("it does not say which revision"),
    "no-rules": t("it does not say which rules it had"),
    "no-scope": t("it does not say what was looked at"),
    "no-subject": t("it does not say what it is about"),
    "no-tool": t("it does not say which tool it is from"),
    "not-believed": t("its content is not believed"),
    "not-covered": t("it did not look at all that the contract names"),
    "not-finished": t("it did not finish"),
    "nothing-seen": t("nothing was seen there"),
    "one-person": t("one person alone said it"),
    "other-revision": t("it is about another revision"),
    "other-subject": t("it is about something else"),
    "other-tool": t("another tool than those that count"),
    "runner": t("from a runner that does not count here"),
    "taken-back": t("whoever gave it took it back"),
    "too-few": t("there is too little in it"),
    "word": t("nobody vouches for it"),
}
