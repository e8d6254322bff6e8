"""``stage``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> str:
    """The name of the stage."""
    return reading.string()


PART = Keyword(
    name="stage",
    places=(Place.JOB,),
    title=t("Stage of the job"),
    read=read,
    reference="ci/yaml/#stage",
)
