"""A scan for secrets looked, and found none."""

from __future__ import annotations

from plumbline.gates.checks._check import GOOD, Check, Found, Values, failed, no_data
from plumbline.kernel import t
from plumbline.model.words import Words


def _look(_: Values, facts: Values) -> Found:
    count = facts["findings.secrets"]
    if count:
        return failed(f"Secrets in the code: {count}.", f"代码中有 {count} 个密钥。")
    if "secret" not in facts["findings.scanned"]:
        return no_data("No scan for secrets finished.", "没有完成的密钥扫描。", "not-scanned: secret")
    return GOOD


PART = Check(
    title=t("No secrets"),
    about=t("A scan for secrets finished and says what it looked at, and there is no open finding of one, new or old."),
    needs=lambda _: ("findings.secrets", "findings.scanned"),
    look=_look,
    remedy=Words(en=(
        "Revoke the secret where it is used, then take it out of the code; history keeps it, so "
        "revoke first."
    ),
                 zh="先在使用处吊销该密钥，再从代码中删除；历史记录会保留它，所以必须先吊销。"),
)  # fmt: skip
