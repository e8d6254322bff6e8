"""What a job left, as its page says it: how much, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.kernel import Text, t
from plumbline.model.keeping import Hold
from plumbline.web.words import ago, until

if TYPE_CHECKING:
    from plumbline.flow.pipelines.artifacts import ArtifactsNow
    from plumbline.model.server import StoredJob


@dataclass(frozen=True, slots=True)
class Left:
    files: int
    size: int
    names: tuple[str, ...]  # none where they are gone
    said: Text
    moment: int  # that the sentence speaks of; 0: none
    may_keep: bool
    may_let_go: bool


def left(found: ArtifactsNow | None, job: StoredJob, ref: str, now: int) -> Left | None:
    if found is None:
        return None
    kept, files = found.kept, job.result.kept if job.result else ()
    return Left(
        files=sum(file.files for file in files),
        size=kept.size,
        names=() if kept.gone else tuple(file.name for file in files),
        said=_said(found, ref, now),
        moment=kept.gone or found.expires,
        may_keep=bool(found.expires) and not kept.gone,
        may_let_go=bool(kept.kept_by) and not kept.gone,
    )


def _said(found: ArtifactsNow, ref: str, now: int) -> Text:
    if found.kept.gone:
        return t("expired and removed {when}", when=ago(found.kept.gone, now))
    if not found.expires:
        return t("kept for ever")
    over = found.expires <= now
    when = ago(found.expires, now) if over else until(found.expires, now)
    if found.hold is Hold.LATEST and over:
        return t("expired {when}; kept as the latest of {ref}", when=when, ref=ref)
    if found.hold is Hold.LATEST:
        return t("expire {when}; kept for longer while they are the latest of {ref}", when=when, ref=ref)
    if found.hold is Hold.UNFINISHED and over:
        return t("expired {when}; kept until the pipeline has ended", when=when)
    return t("expired {when}; removed soon", when=when) if over else t("expire {when}", when=when)
