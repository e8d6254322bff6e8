"""``services``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.pipeline import Service, VariableSource
from plumbline.pipeline import _containers as containers
from plumbline.pipeline._variables import read_variables
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> tuple[Service, ...]:
    """The containers beside the job's, in order."""
    if not isinstance(reading.value, list):
        reading.items()
        return ()
    return tuple(_read_service(item) for item in reading.entries_of_list())


def _read_service(reading: Reading) -> Service:
    if isinstance(reading.value, str):
        return Service(name=containers.read_name(reading))
    keys = reading.map(("name",))
    user, platform = containers.read_options(keys)
    aliases = keys["alias"].string(empty=True).replace(",", " ").split() if "alias" in keys else []
    variables = read_variables(keys["variables"], VariableSource.JOB) if "variables" in keys else ()
    return Service(
        name=containers.read_name(keys["name"]) if "name" in keys else "",
        aliases=tuple(aliases),
        entrypoint=containers.read_entrypoint(keys),
        command=keys["command"].strings(nested=True, empty=True) if "command" in keys else None,
        variables=variables,
        pull_policy=containers.read_pull_policy(keys),
        user=user,
        platform=platform,
    )


PART = Keyword(
    name="services",
    places=(Place.GLOBAL, Place.DEFAULT, Place.JOB),
    title=t("Containers that run beside the job, such as a database"),
    read=read,
    status=Status.PARTIAL,
    note=t(
        "started where podman or docker really answers; elsewhere the job is refused, unless --shell says to run it"
        " without them"
    ),
    reference="ci/yaml/#services",
    subkeys=(
        *containers.subkeys(),
        Subkey("alias"),
        Subkey("command"),
        Subkey("variables"),
        Subkey("variables:*:value"),
        Subkey("variables:*:expand"),
    ),
    differs=(t("a name with white space around it is refused: there is no such image"),),
    deprecated=t("at the top level: write it under default"),
)
