"""Each artifact has provenance."""

from __future__ import annotations

from plumbline.gates.checks._check import GOOD, Check, Found, Values, failed, no_data
from plumbline.kernel import t
from plumbline.model.words import Words


def _look(_: Values, facts: Values) -> Found:
    made, having = facts["provenance.artifacts"], facts["provenance.with_provenance"]
    if made == 0:
        return no_data("The pipeline made no artifact.", "流水线没有生成任何制品。", "no-artifacts")
    if having >= made:
        return GOOD
    return failed(
        f"Artifacts without provenance that verifies: {made - having} of {made}.",
        f"{made} 个制品中有 {made - having} 个缺少可验证的来源证明。",
    )


PART = Check(
    title=t("Provenance for each"),
    about=t(
        "A provenance statement that verifies is about the digest of each artifact that the pipeline made. No "
        "artifact at all is no data."
    ),
    needs=lambda _: ("provenance.artifacts", "provenance.with_provenance"),
    look=_look,
    remedy=Words(
        en="Build and push the artifact in a job of this server, which signs its provenance.",
        zh="在本服务器的作业中构建并推送制品，由服务器签署来源证明。",
    ),
)
