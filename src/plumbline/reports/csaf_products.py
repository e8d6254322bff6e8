"""The products of a CSAF document by their id: its branches, its full names and its relationships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.reports.values import at, listed, mapped, maps, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.reports.defects import Defects


def products_of(tree: dict[str, Any], defects: Defects) -> dict[str, str]:
    """Each product as its package URL, or else its name."""
    found: dict[str, str] = {}
    for product in _all(tree):
        name = text(product.get("product_id"), 400)
        if name in found:
            defects.add("duplicate-id", t("Another entry has the same identifier."), name)
        elif name:
            helper = mapped(product.get("product_identification_helper"))
            found[name] = text(helper.get("purl"), 2000) or text(product.get("name"), 1000)
    return found


def _all(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from maps(tree.get("full_product_names"))
    for relationship in maps(tree.get("relationships")):
        yield mapped(at(relationship, "full_product_name"))
    waiting = list(maps(tree.get("branches")))
    while waiting:
        branch = waiting.pop()
        if "product" in branch:
            yield mapped(branch["product"])
        waiting += [entry for entry in listed(branch.get("branches")) if type(entry) is dict]
