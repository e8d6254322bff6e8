"""``start_in``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading

_WEEK = ("1 week", 604800.0)


def read(reading: Reading) -> float:
    """Seconds."""
    return reading.duration(limit=_WEEK)


PART = Keyword(
    name="start_in",
    places=(Place.JOB,),
    title=t("How long a delayed job waits"),
    read=read,
    reference="ci/yaml/#when",
)
