"""GraphQL: the fields of query, mutation and subscription, from a schema or from an introspection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.report import Contract, Operation, Report, Unreadable
from plumbline.reports.defects import Defects
from plumbline.reports.graphql_schema import roots_and_fields
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.values import at, mapped, maps, text
from plumbline.reports.words import of_graphql

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCHEMA = re.compile(
    r"^(?:extend\s+)?type\s+\w+(?:\s+implements\s[^{=]*)?(?:\s*@[^{]*)?\s*\{\s*$|^(?:extend\s+)?schema\s*(?:@[^{]*)?\{",
    re.MULTILINE,
)
_ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}


def marks(found: Marks) -> bool:
    if found.shape == "text":
        return bool(_SCHEMA.search(found.first))
    return found.shape == "json" and bool(_introspected(mapped(found.document)))


def _introspected(document: dict[str, Any]) -> dict[str, Any]:
    return mapped(document.get("__schema")) or mapped(at(document, "data", "__schema"))


def read(source: Source, found: Marks) -> Report | Unreadable:
    if found.shape == "text":
        words = of_graphql(source.data)
        if isinstance(words, Unreadable):
            return words
        said, types = roots_and_fields(words)
        roots: Mapping[str, str] = said or _ROOTS
    else:
        schema = _introspected(found.document)
        types = {
            text(entry.get("name"), 400): [text(field.get("name"), 400) for field in maps(entry.get("fields"))]
            for entry in maps(schema.get("types"))
        }
        roots = {verb: text(at(schema, f"{verb}Type", "name"), 400) for verb in _ROOTS}
    defects = Defects()
    operations = {Operation(verb, name) for verb, root in roots.items() for name in types.get(root, ()) if name}
    if not operations:
        defects.add("no-operations", t("The schema declares no operation: it may be a part of one."))
    return Report(
        format="graphql",
        content=Contract(operations=tuple(sorted(operations)), style="graphql"),
        strict=not defects,
        defects=defects.all(),
    )


PART = Parser(
    name="graphql",
    title=t("GraphQL: operations of an interface"),
    marks=marks,
    read=read,
    paths=("**/schema.graphql", "**/schema.graphqls", "**/schema.gql"),
    reference="https://spec.graphql.org/",
)
