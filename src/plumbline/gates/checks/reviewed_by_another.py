"""Somebody who wrote none of it approved what is there now."""

from __future__ import annotations

from plumbline.gates.checks._check import GOOD, Check, Found, Parameter, Takes, Values, failed, no_data, some
from plumbline.kernel import t
from plumbline.model.words import Words

_NEEDS = ("change.other_reviewers", "change.reviewers", "change.authors")


def _look(given: Values, facts: Values) -> Found:
    if not facts["change.authors"]:
        return no_data("Nobody can tell who wrote the change.", "无法得知变更的作者。", "no-authors")
    others, least = set(facts["change.other_reviewers"]), given["at_least"]
    if len(others) >= least:
        return GOOD
    unclear = set(facts["change.reviewers"]) - others - set(facts["change.authors"])
    if len(others) + len(unclear) >= least:
        named = some(tuple(sorted(unclear)))
        return no_data(
            f"Nobody can tell whether these wrote some of it under another name: {named}.",
            f"无法得知以下人员是否以其他名字参与编写：{named}。",
            "unclear-reviewers",
        )
    return failed(
        f"Approvals of the newest revision by others than its authors: {len(others)}; at least {least} are asked for.",
        f"有 {len(others)} 位非作者批准了最新版本，要求至少 {least} 位。",
    )


PART = Check(
    title=t("Reviewed by another person"),
    about=t("At least so many people who wrote none of its commits approved the newest revision of the change."),
    parameters=(Parameter(name="at_least", takes=Takes.COUNT, about=t("People."), standard=1, stricter=1),),
    needs=lambda _: _NEEDS,
    look=_look,
    faults=lambda given: () if given["at_least"] else (("at_least", t("0 people review nothing.")),),
    remedy=Words(en="Ask somebody who took no part in writing it to review the newest revision.",
                 zh="请未参与编写的人评审最新版本。"),
)  # fmt: skip
