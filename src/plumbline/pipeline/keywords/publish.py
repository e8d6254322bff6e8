"""``publish``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place, Status
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> str:
    """The folder."""
    return reading.string()


PART = Keyword(
    name="publish",
    places=(Place.JOB,),
    title=t("Folder with the pages to publish"),
    read=read,
    reference="ci/yaml/#pages",
    status=Status.INERT,
    note=t("read and checked; nothing is published"),
    deprecated=t("write it under pages"),
)
