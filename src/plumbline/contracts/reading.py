"""The text of a contract in, a checked contract or everything that is wrong with it out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from plumbline.contracts.conditions import fact_types
from plumbline.contracts.reading_needs import read_need
from plumbline.contracts.reading_parts import Reader
from plumbline.contracts.yaml_nodes import Fields, Problems, Refused, compose
from plumbline.kernel import t
from plumbline.model.contract import Contract, Need, Occasion, OccasionKind
from plumbline.model.words import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.judging.expressions import ValueType
    from plumbline.model.problem import Problem

REPOSITORY_FILE = ".plumbline/contract.yml"
MOST_NEEDS = 500
_KEYS = ("contract", "title", "owner", "extends", "for", "need", "window", "unless")
_FOR = ("occasion", "branches", "sources", "tiers")
_SPAN = re.compile(r"(\d{1,5})\s*(m|h|d)")
_MINUTES = {"m": 1, "h": 60, "d": 1440}
LONGEST = 30 * 1440  # minutes that a collection may wait


def read_contract(
    text: str, name: str = "", *, facts: Mapping[str, ValueType] | None = None
) -> Contract | tuple[Problem, ...]:
    """``name`` of the file, for places. ``facts``: those that conditions may name; those of gates."""
    problems = Problems(name)
    try:
        node = compose(text, problems)
    except Refused:
        return tuple(problems.found)
    made = _contract(Reader(problems, fact_types() if facts is None else facts), node)
    ordered = sorted(problems.found, key=lambda one: (one.where.line, one.where.column) if one.where else (0, 0))
    return tuple(ordered) if ordered else made


def _contract(reader: Reader, node: Any) -> Contract:
    fields = Fields(node, _KEYS, reader.problems)
    name = reader.name(fields, "contract")
    if "owner" not in fields:
        message = t("The owner is missing: who is asked about this contract?")
        reader.problems.add("owner-missing", node, message, keyword="owner")
    grace, deadline = _window(reader, fields)
    return Contract(
        name=name,
        title=reader.words(fields, "title") or Words(name, name),
        owner=fields.text("owner"),
        occasion=_occasion(reader, fields),
        needs=_needs(reader, fields),
        extends=reader.name(fields, "extends") if "extends" in fields else "",
        grace_minutes=grace,
        deadline_minutes=deadline,
        unless=reader.unless(fields),
    )


def _occasion(reader: Reader, fields: Fields) -> Occasion:
    node = fields.get("for")
    if node is None:
        message = t("`for` is missing: at which occasion is this due?")
        reader.problems.add("occasion-missing", fields.node, message, keyword="for")
        return Occasion(kind=OccasionKind.PIPELINE)
    inner = Fields(node, _FOR, reader.problems, "for")
    return Occasion(
        kind=reader.chosen(inner, "occasion", OccasionKind, OccasionKind.PIPELINE, "for:occasion"),
        branches=inner.texts("branches"),
        sources=inner.texts("sources"),
        tiers=inner.texts("tiers"),
    )


def _needs(reader: Reader, fields: Fields) -> tuple[Need, ...]:
    node = fields.get("need")
    parts = node.value if isinstance(node, yaml.SequenceNode) else []
    if not parts:
        message = t("A contract without needs asks for nothing; list what is due under `need`.")
        reader.problems.add("no-needs", fields.at("need"), message, keyword="need")
    if len(parts) > MOST_NEEDS:
        message = t("A contract has at most {limit} needs.", limit=MOST_NEEDS)
        reader.problems.add("too-many-needs", node, message, keyword="need")
    found: dict[str, Need] = {}
    for part in parts[:MOST_NEEDS]:
        need = read_need(reader, part)
        if need.id and need.id in found:
            message = t("The id '{id}' is taken already.", id=need.id)
            reader.problems.add("id-twice", part, message, keyword=f"need:{need.id}")
        found[need.id] = need
    return tuple(found.values())


def _window(reader: Reader, fields: Fields) -> tuple[int | None, int | None]:
    node = fields.get("window")
    if node is None:
        return None, None
    inner = Fields(node, ("grace", "deadline"), reader.problems, "window")
    return _span(reader, inner, "grace"), _span(reader, inner, "deadline")


def _span(reader: Reader, fields: Fields, key: str) -> int | None:
    """Minutes."""
    if key not in fields:
        return None
    found = _SPAN.fullmatch(fields.text(key))
    minutes = int(found[1]) * _MINUTES[found[2]] if found else -1
    if minutes < (key == "deadline") or minutes > LONGEST:
        message = t("'{key}' is a time such as 30m, 24h or 2d, and at most 30 days.", key=key)
        reader.problems.add("wrong-time", fields.at(key), message, keyword=f"window:{key}")
        return None
    return minutes
