"""``before_script``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline._scripts import read_lines
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> tuple[str, ...]:
    """The lines of the shell, in order."""
    return read_lines(reading)


PART = Keyword(
    name="before_script",
    places=(Place.GLOBAL, Place.DEFAULT, Place.JOB),
    title=t("Commands in front of script, in the same shell"),
    read=read,
    reference="ci/yaml/#before_script",
    deprecated=t("at the top level: write it under default"),
)
