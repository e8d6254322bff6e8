"""``resource_group``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> str:
    """The name, which may hold variables."""
    return reading.string(empty=True)


PART = Keyword(
    name="resource_group",
    places=(Place.JOB,),
    title=t("Name of something that only one job may use at a time"),
    read=read,
    reference="ci/yaml/#resource_group",
)
