"""``include``."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import t
from plumbline.pipeline import _conditions as conditions
from plumbline.pipeline._includes import MAPPED, read_place, subkeys
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
    keys = read_place(reading, _KINDS)
    for name in ("file", "ref"):
        if name in keys and "project" not in keys:
            message = t("{key} is only used together with {kind}", key=name, kind="project")
            reading.fail("misplaced-keyword", message, at=name)
    if "inputs" in keys:
        read_given(keys["inputs"])
    if "rules" in keys:
        for rule in conditions.read_rules(keys["rules"]):
            if "when" in rule:
                rule["when"].one_of(_WHEN)


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
        *subkeys(),
        Subkey("template", Status.PARTIAL, t("only where templates are mapped to a folder on this machine")),
        Subkey("component", Status.PARTIAL, MAPPED),
        Subkey("inputs"),
        Subkey("rules"),
        *conditions.subkeys("rules:"),
        Subkey("rules:when"),
    ),
    differs=(
        t("file and ref without project, and a key that is none, are refused: they mean nothing there"),
        t("exists takes 50 patterns at most, as in the rules of jobs"),
    ),
)
