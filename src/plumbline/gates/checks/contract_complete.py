"""Everything that was due came."""

from __future__ import annotations

from plumbline.gates.checks._check import GOOD, Check, Found, Parameter, Takes, Values, failed, no_data, some
from plumbline.kernel import t
from plumbline.model.words import Words

_NEEDS = ("contract.due", "contract.open", "contract.complete", "contract.missing_ids")


def _look(given: Values, facts: Values) -> Found:
    due, open_, lacking = facts["contract.due"], facts["contract.open"], facts["contract.missing_ids"]
    if due < given["at_least"] or due == 0:
        return no_data("No contract says what is due.", "没有证据契约说明应提交什么。", "nothing-due")
    if facts["contract.complete"] and not lacking and not open_:
        return GOOD
    named = some(lacking)
    if open_:
        return no_data(f"Still due: {named}.", f"尚待提交：{named}。", "still-open")
    if not lacking:
        return no_data("Nothing that was due applies.", "没有任何适用的槽位。", "nothing-filled")
    return failed(f"Missing: {named}.", f"缺失：{named}。", "missing")


PART = Check(
    title=t("Everything due is there"),
    about=t(
        "Each slot of the evidence contract was filled in time, was waived by two persons, or does not apply. "
        "Without a "
        "contract, or as long as something may still come, it is no data."
    ),
    parameters=(
        Parameter(name="at_least", takes=Takes.COUNT, about=t("Slots that have to be due."), standard=1, stricter=1),
    ),
    needs=lambda _: _NEEDS,
    look=_look,
    remedy=Words(en="See what the contract asks for with plumb evidence status, and have the job deliver it.",
                 zh="用 plumb evidence status 查看契约要求，并让对应作业提交。"),
)  # fmt: skip
