"""SLSA provenance, version 1: how an artifact was built, from what, and by whom."""

from __future__ import annotations

from typing import Any

import msgspec

from plumbline.evidence.predicate import Line, Predicate, decoded
from plumbline.evidence.statement import Resource
from plumbline.kernel import t

TYPE = "https://slsa.dev/provenance/v1"


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    pass


class BuildDefinition(_Part, frozen=True, kw_only=True):
    """``external_parameters``: what whoever asked for the build could choose; ``internal_parameters``: what the server
    chose."""

    build_type: str
    external_parameters: dict[str, Any]
    internal_parameters: dict[str, Any] = {}
    resolved_dependencies: tuple[Resource, ...] = ()


class Builder(_Part, frozen=True, kw_only=True):
    id: str
    version: dict[str, str] = {}


class Metadata(_Part, frozen=True, kw_only=True):
    invocation_id: str = ""
    started_on: str = ""
    finished_on: str = ""


class RunDetails(_Part, frozen=True, kw_only=True):
    builder: Builder
    metadata: Metadata = Metadata()
    byproducts: tuple[Resource, ...] = ()


class Provenance(_Part, frozen=True, kw_only=True):
    build_definition: BuildDefinition
    run_details: RunDetails


def _look(predicate: bytes) -> tuple[Line, ...]:
    found: Provenance = decoded(predicate, Provenance)
    build, run = found.build_definition, found.run_details
    asked = ((name, value) for name, value in sorted(build.external_parameters.items()) if isinstance(value, str))
    return (
        Line(t("Builder"), run.builder.id),
        Line(t("Kind of build"), build.build_type),
        *(Line(t("Asked for: {name}", name=name), value) for name, value in asked),
        Line(t("Run"), run.metadata.invocation_id),
        Line(t("Began"), run.metadata.started_on),
        Line(t("Ended"), run.metadata.finished_on),
        *(Line(t("Built from"), one.uri or one.name) for one in build.resolved_dependencies),
    )


PART = Predicate(
    title=t("SLSA provenance"), types=(TYPE,), look=_look, reference="https://slsa.dev/spec/v1.1/provenance"
)
