"""``inputs`` of a job."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import t
from plumbline.pipeline._inputs import read_declarations
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading

_MAX_INPUTS = 50


def read(reading: Reading) -> Any:
    """The declarations as written; every one has a default."""
    if isinstance(reading.value, dict):
        reading.check_size(len(reading.value), 0, _MAX_INPUTS)
    return read_declarations(reading, default_required=True)


PART = Keyword(
    name="inputs",
    places=(Place.JOB,),
    title=t("Values that can be set when a job is started by hand"),
    read=read,
    status=Status.PARTIAL,
    note=t(
        "${{ job.inputs.NAME }} is filled in as the job starts; a job with another expression fails before it does. "
        "Values other than the default are given with plumb run --job-input, and on the server as the job is played or "
        "retried."
    ),
    reference="ci/jobs/job_inputs/",
    subkeys=tuple(Subkey(f"*:{name}") for name in ("type", "description", "options", "regex", "default")),
    since="18.10",
)
