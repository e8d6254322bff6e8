"""``$schema``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place, Status
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> str:
    """The address of a JSON schema."""
    return reading.string()


PART = Keyword(
    name="$schema",
    places=(Place.GLOBAL,),
    title=t("Address of the JSON schema that editors check the file with"),
    read=read,
    status=Status.INERT,
    note=t("for editors only"),
)
