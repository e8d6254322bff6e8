"""``after_script``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline._scripts import read_lines
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> tuple[str, ...]:
    """The lines of the shell, in order."""
    return read_lines(reading)


PART = Keyword(
    name="after_script",
    places=(Place.GLOBAL, Place.DEFAULT, Place.JOB),
    title=t("Commands after script, in a shell of their own, also when it failed or was canceled"),
    read=read,
    reference="ci/yaml/#after_script",
    deprecated=t("at the top level: write it under default"),
)
