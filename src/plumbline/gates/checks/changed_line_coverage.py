"""Of the lines that a change touches, enough are executed by a test."""

from __future__ import annotations

from plumbline.gates.checks._check import GOOD, Check, Found, Parameter, Takes, Values, failed, figure
from plumbline.kernel import t
from plumbline.model.words import Words


def _look(given: Values, facts: Values) -> Found:
    covered, least = facts["coverage.changed"], given["at_least"]
    if covered >= least:
        return GOOD
    return failed(f"Tests execute {figure(covered)} % of the changed lines; at least {figure(least)} % are asked for.",
                  f"测试覆盖了 {figure(covered)}% 的变更行，要求至少 {figure(least)}%。")  # fmt: skip


PART = Check(
    title=t("Coverage of changed lines"),
    about=t("Tests execute at least this share of the executable lines that the change adds or changes."),
    parameters=(Parameter(name="at_least", takes=Takes.SHARE, about=t("In percent."), stricter=1),),
    needs=lambda _: ("coverage.changed",),
    look=_look,
    remedy=Words(en=(
        "Write tests for the changed lines that none executes; the coverage page of the pipeline "
        "marks them."
    ),
                 zh="为未被执行的变更行补充测试；流水线的覆盖率页面标出了这些行。"),
)  # fmt: skip
