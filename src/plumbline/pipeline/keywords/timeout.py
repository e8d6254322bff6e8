"""``timeout``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading

_MONTH = ("1 month", 2592000.0)


def read(reading: Reading) -> float:
    """Seconds."""
    return reading.duration(limit=_MONTH)


PART = Keyword(
    name="timeout",
    places=(Place.DEFAULT, Place.JOB),
    title=t("Longest time a job may run"),
    read=read,
    reference="ci/yaml/#timeout",
)
