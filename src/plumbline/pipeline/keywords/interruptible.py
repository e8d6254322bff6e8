"""``interruptible``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place, Status
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> bool:
    """Whether it may."""
    return reading.boolean()


PART = Keyword(
    name="interruptible",
    places=(Place.DEFAULT, Place.JOB),
    title=t("Whether the job may be canceled when a newer pipeline makes it redundant"),
    read=read,
    reference="ci/yaml/#interruptible",
    status=Status.PARTIAL,
    note=t("on the server a newer pipeline of the ref cancels it; a local run is not redundant because of another"),
)
