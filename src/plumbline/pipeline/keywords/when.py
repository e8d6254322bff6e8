"""``when``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.job import When
from plumbline.pipeline.keyword import Keyword, Place
from plumbline.pipeline.reading import Reading

_ALLOWED = ("on_success", "on_failure", "always", "manual", "delayed")


def read(reading: Reading) -> When:
    """The condition; ``never`` is only for rules."""
    return When(reading.one_of(_ALLOWED))


PART = Keyword(
    name="when",
    places=(Place.JOB,),
    title=t("What must have happened before the job for it to run"),
    read=read,
    reference="ci/yaml/#when",
)
