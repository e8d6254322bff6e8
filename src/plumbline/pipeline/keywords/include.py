"""``include``."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import t
from plumbline.pipeline import _conditions as conditions
from plumbline.pipeline._inputs import read_given
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading

_KINDS = ("local", "project", "remote", "template", "component")
_WHEN = ("always", "never")


def read(reading: Reading) -> Any:
    """The list, map or text as written; its shape has been checked."""
    for item in reading.items(single=True):
        if isinstance(item.value, str):
            item.string()
        else:
            _read_item(item)
    return reading.value


def _read_item(reading: Reading) -> None:
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
    for name, kind in (("file", "project"), ("ref", "project"), ("integrity", "remote"), ("cache", "remote")):
        if name in keys and kind not in keys:
            reading.fail(
                "misplaced-keyword", t("{key} is only used together with {kind}", key=name, kind=kind), at=name
            )
    if "file" in keys:
        keys["file"].strings(lowest=1)
    if "cache" in keys and not isinstance(keys["cache"].value, bool):
        keys["cache"].duration()
    if "inputs" in keys:
        read_given(keys["inputs"])
    if "rules" in keys:
        for rule in conditions.read_rules(keys["rules"]):
            if "when" in rule:
                rule["when"].one_of(_WHEN)


_MAPPED = t("only where the project is mapped to a folder on this machine")
_NETWORK = t("only where the network is allowed or the address is mapped to a folder on this machine")

PART = Keyword(
    name="include",
    places=(Place.GLOBAL,),
    title=t("Other files that are part of the configuration"),
    read=read,
    status=Status.PARTIAL,
    note=t(
        "files of the repository always; those from elsewhere where the network is allowed, or where they are mapped"
        " to a folder on this machine"
    ),
    reference="ci/yaml/#include",
    subkeys=(
        Subkey("local"),
        Subkey("project", Status.PARTIAL, _MAPPED),
        Subkey("file", Status.PARTIAL, _MAPPED),
        Subkey("ref", Status.PARTIAL, _MAPPED),
        Subkey("remote", Status.PARTIAL, _NETWORK),
        Subkey("integrity"),
        Subkey("cache", Status.INERT, t("read and checked; a file is fetched once in a run")),
        Subkey("template", Status.PARTIAL, t("only where templates are mapped to a folder on this machine")),
        Subkey("component", Status.PARTIAL, _MAPPED),
        Subkey("inputs"),
        Subkey("rules"),
        *conditions.subkeys("rules:"),
        Subkey("rules:when"),
    ),
)
