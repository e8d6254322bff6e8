"""``tags``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place, Status
from plumbline.pipeline.reading import Reading

_MAX_TAGS = 49


def read(reading: Reading) -> tuple[str, ...]:
    """The tags, which may hold variables, each once; a comma parts two of them."""
    parts = (part.strip() for text in reading.strings(single=False) for part in text.split(","))
    tags = tuple(dict.fromkeys(part for part in parts if part))
    reading.check_size(len(tags), 0, _MAX_TAGS)
    return tags


PART = Keyword(
    name="tags",
    places=(Place.DEFAULT, Place.JOB),
    title=t("Properties that a runner must have to be given the job"),
    read=read,
    reference="ci/yaml/#tags",
    status=Status.INERT,
    note=t("a runner of the server must have them; in a local run every job runs on this machine"),
)
