"""CycloneDX: the predicate is the bill of materials itself."""

from __future__ import annotations

from typing import Any

import msgspec

from plumbline.evidence.predicate import Line, Predicate, decoded
from plumbline.kernel import t

TYPE = "https://cyclonedx.org/bom"


class _Bill(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    bom_format: str
    spec_version: str
    serial_number: str = ""
    components: tuple[Any, ...] = ()
    compositions: tuple[dict[str, Any], ...] = ()


def _look(predicate: bytes) -> tuple[Line, ...]:
    found: _Bill = decoded(predicate, _Bill)
    if found.bom_format != "CycloneDX":
        raise ValueError("bomFormat is not CycloneDX")
    said = {one.get("aggregate") for one in found.compositions}
    return (
        Line(t("Format"), f"CycloneDX {found.spec_version}"),
        Line(t("Components"), str(len(found.components))),
        Line(t("Completeness"), ", ".join(sorted(str(one) for one in said)) or "not_specified"),
    )


PART = Predicate(
    title=t("Bill of materials (CycloneDX)"),
    types=(TYPE, *(f"{TYPE}/v1.{minor}" for minor in range(2, 8))),
    look=_look,
    reference="https://cyclonedx.org/specification/overview/",
)
