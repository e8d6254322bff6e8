"""``default``."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> dict[str, Any]:
    """The typed values of the keywords in it, by name."""
    return reading.section(Place.DEFAULT)


PART = Keyword(
    name="default",
    places=(Place.GLOBAL,),
    title=t("Keywords that every job has unless it sets them itself"),
    read=read,
    reference="ci/yaml/#default",
)
