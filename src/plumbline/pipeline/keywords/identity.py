"""``identity``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place, Status
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> str:
    """The identity provider."""
    return reading.one_of(("google_cloud",))


PART = Keyword(
    name="identity",
    places=(Place.DEFAULT, Place.JOB),
    title=t("Sign in to a cloud by the identity of the job"),
    read=read,
    status=Status.INERT,
    note=t("read and checked; the job runs without signing in anywhere"),
    reference="ci/yaml/#identity",
)
