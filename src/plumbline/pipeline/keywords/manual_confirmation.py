"""``manual_confirmation``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> str:
    """The question."""
    return reading.string(empty=True)


PART = Keyword(
    name="manual_confirmation",
    places=(Place.JOB,),
    title=t("Question to answer before a manual job starts"),
    read=read,
    reference="ci/yaml/#manual_confirmation",
)
