"""``image``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.pipeline import Image
from plumbline.pipeline import _containers as containers
from plumbline.pipeline.keyword import Keyword, Place, Status
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> Image:
    """The container image; its name may hold variables."""
    if isinstance(reading.value, str):
        return Image(name=containers.read_name(reading))
    keys = reading.map(("name",))
    user, platform = containers.read_options(keys)
    return Image(
        name=containers.read_name(keys["name"]) if "name" in keys else "",
        entrypoint=containers.read_entrypoint(keys),
        pull_policy=containers.read_pull_policy(keys),
        user=user,
        platform=platform,
    )


PART = Keyword(
    name="image",
    places=(Place.GLOBAL, Place.DEFAULT, Place.JOB),
    title=t("Container image that the job runs in"),
    read=read,
    status=Status.PARTIAL,
    note=t(
        "used where podman or docker really answers; elsewhere the job is refused, unless --shell says to run it on"
        " this machine"
    ),
    reference="ci/yaml/#image",
    subkeys=containers.subkeys(),
    differs=(t("a name with white space around it is refused: there is no such image"),),
    deprecated=t("at the top level: write it under default"),
)
