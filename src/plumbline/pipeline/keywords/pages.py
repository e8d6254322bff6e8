"""``pages`` of a job."""

from __future__ import annotations

import msgspec

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading


class Pages(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the job makes pages, and from which folder. ``expire_in``: seconds; infinity: never."""

    enabled: bool = True
    publish: str = ""
    path_prefix: str = ""
    expire_in: float | None = None

    def __bool__(self) -> bool:
        return self.enabled


def read(reading: Reading) -> Pages:
    """Yes, no, or yes and how."""
    if isinstance(reading.value, bool):
        return Pages(enabled=reading.value)
    if not isinstance(reading.value, dict):
        reading.wrong_type(t("true, false, or a map"))
        return Pages()
    keys = reading.map()
    return Pages(
        publish=keys["publish"].string() if "publish" in keys else "",
        path_prefix=keys["path_prefix"].string(empty=True) if "path_prefix" in keys else "",
        expire_in=_read_expiry(keys["expire_in"]) if "expire_in" in keys else None,
    )


def _read_expiry(reading: Reading) -> float | None:
    """Seconds; None for what holds a variable."""
    if isinstance(reading.value, str) and "$" in reading.value:
        return None
    return reading.duration()


_NOTE = t("read and checked")

PART = Keyword(
    name="pages",
    places=(Place.JOB,),
    title=t("Publish a folder of the job as static pages"),
    read=read,
    status=Status.INERT,
    note=t("read and checked; the job runs and keeps its artifacts, but nothing is published"),
    reference="ci/yaml/#pages",
    subkeys=(
        Subkey("publish", Status.INERT, _NOTE),
        Subkey("path_prefix", Status.INERT, _NOTE),
        Subkey("expire_in", Status.INERT, _NOTE),
    ),
)
