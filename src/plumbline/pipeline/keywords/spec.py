"""``spec``."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import t
from plumbline.pipeline._inputs import read_declarations
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
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
            _read_include(item)
    return reading.value


def _read_include(reading: Reading) -> None:
    keys = reading.map()
    kinds = [kind for kind in _KINDS if kind in keys]
    if len(kinds) != 1 and isinstance(reading.value, dict):
        code = "exclusive-keys" if kinds else "missing-key"
        reading.fail(code, t("needs exactly one of: {kinds}", kinds=", ".join(_KINDS)))
    for name in (*_KINDS, "ref", "integrity"):
        if name in keys:
            keys[name].string()
    if "project" in keys and "file" not in keys:
        reading.fail("missing-key", t("{key} is missing", key="file"), t("add {key}", key="file"))
    if "file" in keys:
        keys["file"].strings(lowest=1)
    if "cache" in keys and not isinstance(keys["cache"].value, bool):
        keys["cache"].duration()


_NETWORK = t("only where the network is allowed or the address is mapped to a folder on this machine")
_MAPPED = t("only where the project is mapped to a folder on this machine")

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
        Subkey("include:local"),
        Subkey("include:project", Status.PARTIAL, _MAPPED),
        Subkey("include:file", Status.PARTIAL, _MAPPED),
        Subkey("include:ref", Status.PARTIAL, _MAPPED),
        Subkey("include:remote", Status.PARTIAL, _NETWORK),
        Subkey("include:integrity"),
        Subkey("include:cache", Status.INERT, t("read and checked; a file is fetched once in a run")),
    ),
)
