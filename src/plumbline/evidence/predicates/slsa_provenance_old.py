"""SLSA provenance, version 0.2, as other tools still write it; it is read and never written."""

from __future__ import annotations

from typing import Any

import msgspec

from plumbline.evidence.predicate import Line, Predicate, decoded
from plumbline.kernel import t


class _Builder(msgspec.Struct, frozen=True):
    id: str


class _Invocation(msgspec.Struct, frozen=True, rename="camel"):
    config_source: dict[str, Any] = {}


class _Provenance(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    builder: _Builder
    build_type: str
    invocation: _Invocation = _Invocation()


def _look(predicate: bytes) -> tuple[Line, ...]:
    found: _Provenance = decoded(predicate, _Provenance)
    source = found.invocation.config_source.get("uri")
    return (
        Line(t("Builder"), found.builder.id),
        Line(t("Kind of build"), found.build_type),
        *([Line(t("Built from"), source)] if isinstance(source, str) else []),
    )


PART = Predicate(
    title=t("SLSA provenance 0.2"),
    types=("https://slsa.dev/provenance/v0.2",),
    look=_look,
    reference="https://slsa.dev/spec/v0.2/provenance",
)
