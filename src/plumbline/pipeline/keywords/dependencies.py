"""``dependencies``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> tuple[str, ...]:
    """The names of the jobs; empty: no artifacts."""
    return reading.strings(single=False)


PART = Keyword(
    name="dependencies",
    places=(Place.JOB,),
    title=t("Jobs of earlier stages whose artifacts are wanted"),
    read=read,
    reference="ci/yaml/#dependencies",
)
