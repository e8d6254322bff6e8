"""``types``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> tuple[str, ...]:
    """The names of the stages, in order."""
    return tuple(dict.fromkeys(reading.strings(single=False, lowest=1, nested=True)))


PART = Keyword(
    name="types",
    places=(Place.GLOBAL,),
    title=t("Old name of stages"),
    read=read,
    deprecated=t("write stages"),
)
