"""Each artifact has a bill of materials."""

from __future__ import annotations

from plumbline.gates.checks._check import GOOD, Check, Found, Values, failed, no_data
from plumbline.kernel import t
from plumbline.model.words import Words


def _look(_: Values, facts: Values) -> Found:
    made, having = facts["sbom.artifacts"], facts["sbom.with_sbom"]
    if made == 0:
        return no_data("The pipeline made no artifact.", "流水线没有生成任何制品。", "no-artifacts")
    if having >= made:
        return GOOD
    return failed(
        f"Artifacts without a bill of materials: {made - having} of {made}.",
        f"{made} 个制品中有 {made - having} 个缺少物料清单。",
    )


PART = Check(
    title=t("A bill of materials for each"),
    about=t(
        "A readable bill of materials refers to the digest of each artifact that the pipeline made. No artifact "
        "at all is no data."
    ),
    needs=lambda _: ("sbom.artifacts", "sbom.with_sbom"),
    look=_look,
    remedy=Words(
        en=(
            "Make a bill of materials in the job that builds, with plumb sbom or a tool of your own, and attach "
            "it to the digest."
        ),
        zh="在构建作业中生成物料清单（plumb sbom 或自选工具），并附加到该摘要。",
    ),
)
