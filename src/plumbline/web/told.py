"""What a forge told of, and why no pipeline came of it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.pipelines.prepare_pipeline import NoPipeline
from plumbline.kernel import t
from plumbline.model.server import WebhookKind

if TYPE_CHECKING:
    from plumbline.kernel import Text

TOLD: dict[str, Text] = {
    WebhookKind.PUSH: t("a push"),
    WebhookKind.TAG: t("a tag"),
    WebhookKind.MERGE_REQUEST: t("a merge request"),
    WebhookKind.PING: t("a try of the webhook"),
    WebhookKind.OTHER: t("something else, for the ledger"),
}
WHY: dict[str, Text] = {
    NoPipeline.SKIPPED: t("whoever pushed says to skip it"),
    NoPipeline.NO_JOBS: t("the rules of the configuration leave no job"),
    NoPipeline.NO_CONFIGURATION: t("the commit has no configuration"),
}
