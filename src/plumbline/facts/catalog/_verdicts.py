"""What gates said last of each thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plumbline.facts.evidence import Evidence

_VERDICTS = ("pass", "fail")  # no data and errors are none


def verdicts(evidence: Evidence) -> dict[str, str]:
    """The newest verdict on each thing, by its own name and by what it is the target for."""
    found: dict[str, str] = {}
    for one in evidence.of("gate.evaluated"):
        for name in (one.subject, str(one.content.get("target", ""))):
            if name and one.content.get("verdict") in _VERDICTS:
                found[name] = str(one.content["verdict"])
    return found
