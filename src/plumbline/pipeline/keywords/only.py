"""``only``."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import t
from plumbline.pipeline import _filters as filters
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> Any:
    """The filter as written; its shape has been checked."""
    return filters.read_filter(reading)


PART = Keyword(
    name="only",
    places=(Place.JOB,),
    title=t("References and conditions that put the job into the pipeline"),
    read=read,
    reference="ci/yaml/#only--except",
    subkeys=filters.subkeys(),
    deprecated=t("write rules"),
)
