"""The shelf against the schema: every keyword and subkey it documents has its entry, and every entry is there."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from plumbline.pipeline import keywords
from plumbline.pipeline.keyword import Place

PARTS = keywords.parts()
OLD_NAMES = {"type"}  # no longer in the schema, still read
BEYOND = {  # what the server takes and the schema does not know
    "artifacts": {"reports:cluster_image_scanning", "reports:performance", "reports:requirements_v2"},
    "trigger": {
        "include:integrity",
        "include:cache",
        *(f"include:rules{path}" for path in ("", ":if", ":when")),
        *(f"include:rules:changes{path}" for path in ("", ":paths", ":compare_to", ":regexp")),
        *(f"include:rules:exists{path}" for path in ("", ":paths", ":project", ":ref", ":regexp")),
    },
    "workflow": {
        "rules:allow_failure",
        *(f"rules:needs{path}" for path in ("", ":job", ":artifacts", ":optional")),
    },
}
NOT_KEYWORDS = {"!reference", "pages"}  # a tag; at the top level pages is the name of a job


@cache
def _schema() -> Any:
    vendored = files("check_jsonschema") / "builtin_schemas" / "vendor" / "gitlab-ci.json"
    return json.loads(vendored.read_text("utf-8"))


def _paths(node: Any, prefix: str = "") -> set[str]:
    """The paths of all named properties below a node; ``*`` where the user picks the name."""
    if not isinstance(node, dict):
        return set()
    if "$ref" in node:
        return _paths(_schema()["definitions"][node["$ref"].rpartition("/")[2]], prefix)
    found: set[str] = set()
    for name, below in node.get("properties", {}).items():
        if name != "!reference":
            found |= {prefix + name} | _paths(below, f"{prefix}{name}:")
    for below in node.get("patternProperties", {}).values():
        found |= _paths(below, f"{prefix}*:")
    for key in ("oneOf", "anyOf", "allOf"):
        for below in node.get(key, ()):
            found |= _paths(below, prefix)
    return found | _paths(node.get("items"), prefix)


def _places() -> dict[Place, dict[str, Any]]:
    root = _schema()["properties"]
    return {
        Place.GLOBAL: {name: node for name, node in root.items() if name not in NOT_KEYWORDS},
        Place.DEFAULT: {name: node for name, node in root["default"]["properties"].items() if name != "!reference"},
        Place.JOB: _schema()["definitions"]["job_template"]["properties"],
    }


@pytest.mark.parametrize("place", Place)
def test_keywords_and_places(place: Place) -> None:
    ours = {name for name, part in PARTS.items() if place in part.places} - OLD_NAMES
    assert ours == set(_places()[place])


@pytest.mark.parametrize("name", sorted(set(PARTS) - OLD_NAMES - {"default"}))
def test_subkeys(name: str) -> None:
    theirs: set[str] = set()
    for nodes in _places().values():
        theirs |= _paths(nodes.get(name))
    assert {subkey.path for subkey in PARTS[name].subkeys} == theirs | BEYOND.get(name, set())


def test_old_names_say_so() -> None:
    assert all(PARTS[name].deprecated for name in OLD_NAMES)
