"""``script``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline._scripts import read_lines
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> tuple[str, ...]:
    """The lines of the shell, in order."""
    return read_lines(reading, lowest=1)


PART = Keyword(
    name="script",
    places=(Place.JOB,),
    title=t("Commands of the job"),
    read=read,
    reference="ci/yaml/#script",
    differs=(t("a list with nothing but empty lists in it is refused: the job would do nothing"),),
)
