"""``coverage``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> str:
    """The RE2 pattern, without its slashes."""
    return reading.regex()


PART = Keyword(
    name="coverage",
    places=(Place.JOB,),
    title=t("Regular expression that finds the test coverage in the log"),
    read=read,
    reference="ci/yaml/#coverage",
)
