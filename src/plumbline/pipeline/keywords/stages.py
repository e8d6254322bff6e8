"""``stages``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> tuple[str, ...]:
    """The names of the stages, in order, each once; ``.pre`` and ``.post`` are there only if the file names them."""
    return tuple(dict.fromkeys(reading.strings(single=False, lowest=1, nested=True)))


PART = Keyword(
    name="stages",
    places=(Place.GLOBAL,),
    title=t("Stages of the pipeline, in order"),
    read=read,
    reference="ci/yaml/#stages",
)
