"""``spec``."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import t
from plumbline.pipeline._includes import read_place, subkeys
from plumbline.pipeline._inputs import read_declarations
from plumbline.pipeline.keyword import Keyword, Place, Subkey
from plumbline.pipeline.reading import Reading

_FACTS = ("name", "sha", "version", "reference")
_KINDS = ("local", "project", "remote")


def read(reading: Reading) -> Any:
    """The header as written; its shape has been checked."""
    keys = reading.map()
    if "description" in keys:
        keys["description"].string(empty=True, maximum=256)
    if "component" in keys:
        keys["component"].strings(single=False, check=lambda fact: fact.one_of(_FACTS))
    if "inputs" in keys:
        read_declarations(keys["inputs"])
    if "include" in keys:
        for item in keys["include"].items():
            read_place(item, _KINDS)
    return reading.value


PART = Keyword(
    name="spec",
    places=(Place.GLOBAL,),
    title=t("Header of a file: the inputs it takes"),
    read=read,
    reference="ci/yaml/#spec",
    subkeys=(
        Subkey("description"),
        Subkey("component"),
        Subkey("inputs"),
        Subkey("inputs:*:type"),
        Subkey("inputs:*:description"),
        Subkey("inputs:*:options"),
        Subkey("inputs:*:regex"),
        Subkey("inputs:*:default"),
        Subkey("inputs:*:rules"),
        Subkey("inputs:*:rules:if"),
        Subkey("inputs:*:rules:options"),
        Subkey("inputs:*:rules:default"),
        Subkey("include"),
        *subkeys("include:"),
    ),
)
