"""``needs``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.pipeline import Need
from plumbline.pipeline._needs import read_needs
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading

_ELSEWHERE = t("read and checked; artifacts of other pipelines and projects are not fetched")


def read(reading: Reading) -> tuple[Need, ...]:
    """The needs as written, names not yet looked up."""
    return read_needs(reading, elsewhere=True)


PART = Keyword(
    name="needs",
    places=(Place.JOB,),
    title=t("Jobs that must be finished before this one starts, whatever their stage"),
    read=read,
    reference="ci/yaml/#needs",
    status=Status.PARTIAL,
    note=t("all of it inside a pipeline; artifacts of other pipelines and projects are not fetched"),
    subkeys=(
        Subkey("job"),
        Subkey("artifacts"),
        Subkey("optional"),
        Subkey("parallel"),
        Subkey("parallel:matrix"),
        Subkey("pipeline", Status.PARTIAL, _ELSEWHERE),
        Subkey("project", Status.PARTIAL, _ELSEWHERE),
        Subkey("ref", Status.PARTIAL, _ELSEWHERE),
    ),
)
