"""``needs``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.pipeline import Need
from plumbline.pipeline._needs import read_needs
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading

_PIPELINE = t("of the same project, among those that trigger jobs started and the one above them; else the job fails")
_PROJECT = t(
    "on the server, of projects that the pipeline may use and whose artifacts whoever started it may have; locally the"
    " job fails before it starts"
)


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
    note=t(
        "all of it inside a pipeline, and of other pipelines that belong to it; of other projects on the server; no"
        " pipeline of another project is mirrored"
    ),
    subkeys=(
        Subkey("job"),
        Subkey("artifacts"),
        Subkey("optional"),
        Subkey("parallel"),
        Subkey("parallel:matrix"),
        Subkey("pipeline", Status.PARTIAL, _PIPELINE),
        Subkey("project", Status.PARTIAL, _PROJECT),
        Subkey("ref", Status.PARTIAL, _PROJECT),
    ),
)
