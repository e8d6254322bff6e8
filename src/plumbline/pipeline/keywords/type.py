"""``type``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> str:
    """The name of the stage."""
    return reading.string()


PART = Keyword(
    name="type",
    places=(Place.JOB,),
    title=t("Old name of stage"),
    read=read,
    deprecated=t("write stage"),
    differs=(t("GitLab takes it no more; here it is still read, and warned of"),),
)
