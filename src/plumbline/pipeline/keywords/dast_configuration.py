"""``dast_configuration``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> dict[str, str]:
    """The names of the profiles."""
    return {name: profile.string() for name, profile in reading.map().items()}


PART = Keyword(
    name="dast_configuration",
    places=(Place.JOB,),
    title=t("Profiles of a dynamic security scan, kept on the server"),
    read=read,
    status=Status.INERT,
    note=t("read and checked; there are no such profiles here"),
    reference="ci/yaml/#dast_configuration",
    subkeys=(
        Subkey("site_profile", Status.INERT, t("read and checked")),
        Subkey("scanner_profile", Status.INERT, t("read and checked")),
    ),
)
