"""The change that wants to go on."""

from __future__ import annotations

from plumbline.gates.facts._fact import GateFact
from plumbline.judging.expressions import ValueType
from plumbline.kernel import t

PART = (
    GateFact(
        name="change.commit",
        type=ValueType.TEXT,
        how=t("The commit that is judged, in full."),
    ),
    GateFact(
        name="change.branch",
        type=ValueType.TEXT,
        how=t("The branch that the change is on."),
    ),
    GateFact(
        name="change.target",
        type=ValueType.TEXT,
        how=t("The branch that the merge request wants to be merged into."),
    ),
    GateFact(
        name="change.paths",
        type=ValueType.TEXTS,
        how=t(
            "Paths of all files that the change adds, changes, renames or deletes, against where it "
            "left its target; both paths of a rename."
        ),
    ),
    GateFact(
        name="change.lines",
        type=ValueType.COUNT,
        unit="lines",
        how=t("Lines that the change adds or changes, without those of binary files."),
    ),
    GateFact(
        name="change.authors",
        type=ValueType.TEXTS,
        how=t(
            "Who wrote the commits of the change, and those whom their trailers name as co-authors: "
            "people, where accounts and addresses are known to be theirs."
        ),
    ),
    GateFact(
        name="change.reviewers",
        type=ValueType.TEXTS,
        how=t(
            "Who approved the newest revision of the change, as the forge told it; an approval of an "
            "older revision, or one taken back, does not count."
        ),
    ),
    GateFact(
        name="change.other_reviewers",
        type=ValueType.TEXTS,
        how=t(
            "Those of change.reviewers who wrote none of its commits; who might be one of its authors under another "
            "name is left out."
        ),
    ),
    GateFact(
        name="change.reviewed_by_other",
        type=ValueType.FLAG,
        how=t("Whether at least one of those who approved the newest revision wrote none of its commits."),
    ),
    GateFact(
        name="change.assisted_by_agent",
        type=ValueType.FLAG,
        how=t(
            "Whether a trailer of one of its commits, or a session that an agent told of, says that "
            "an AI agent took part."
        ),
    ),
)
