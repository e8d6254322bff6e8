"""``hooks``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline._scripts import read_lines
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading

_NOTE = t("runs in the job's working copy, which is made before it; so it cannot change how sources are fetched")


def read(reading: Reading) -> tuple[str, ...]:
    """The commands of ``pre_get_sources_script``."""
    keys = reading.map()
    return read_lines(keys["pre_get_sources_script"]) if "pre_get_sources_script" in keys else ()


PART = Keyword(
    name="hooks",
    places=(Place.DEFAULT, Place.JOB),
    title=t("Commands at certain moments of a job"),
    read=read,
    status=Status.PARTIAL,
    note=_NOTE,
    reference="ci/yaml/#hooks",
    subkeys=(Subkey("pre_get_sources_script", Status.PARTIAL, _NOTE),),
)
