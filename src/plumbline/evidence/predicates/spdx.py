"""SPDX 2: the predicate is the document itself."""

from __future__ import annotations

from typing import Any

import msgspec

from plumbline.evidence.predicate import Line, Predicate, decoded
from plumbline.kernel import t


class _Document(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    spdx_version: str
    name: str = ""
    packages: tuple[Any, ...] = ()


def _look(predicate: bytes) -> tuple[Line, ...]:
    found: _Document = decoded(predicate, _Document)
    return (
        Line(t("Format"), found.spdx_version),
        Line(t("Name"), found.name),
        Line(t("Components"), str(len(found.packages))),
    )


PART = Predicate(
    title=t("Bill of materials (SPDX)"),
    types=("https://spdx.dev/Document", "https://spdx.dev/Document/v2.2", "https://spdx.dev/Document/v2.3"),
    look=_look,
    reference="https://spdx.github.io/spdx-spec/v2.3/",
)
