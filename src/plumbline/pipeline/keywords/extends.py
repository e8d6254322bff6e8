"""``extends``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> tuple[str, ...]:
    """The names of the parents; the later one wins. The configuration has them merged in already."""
    return reading.strings()


PART = Keyword(
    name="extends",
    places=(Place.JOB,),
    title=t("Jobs that this one takes its keywords from"),
    read=read,
    reference="ci/yaml/#extends",
)
