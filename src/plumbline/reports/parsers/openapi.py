"""OpenAPI 2 (Swagger), 3.0 and 3.1, JSON and YAML: the operations that an interface declares."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.report import Contract, Operation, Report, Unreadable
from plumbline.reports import yaml
from plumbline.reports.defects import Defects
from plumbline.reports.openapi_paths import bases, resolved
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.values import at, mapped, text

if TYPE_CHECKING:
    from collections.abc import Iterator

_YAML = re.compile(r"""^(?:["']?openapi["']?\s*:\s*["']?3\.|["']?swagger["']?\s*:\s*["']?2\.)""", re.MULTILINE)
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_PARAMETER = re.compile(r"\{[^{}]*\}")


def marks(found: Marks) -> bool:
    if found.shape == "text":
        return bool(_YAML.search(found.first))
    return found.shape == "json" and _version(mapped(found.document)) != ""


def _version(document: dict[str, Any]) -> str:
    new, old = text(document.get("openapi"), 20), text(document.get("swagger"), 20)
    return new if new.startswith("3.") else old if old.startswith("2.") else ""


def read(source: Source, found: Marks) -> Report | Unreadable:
    """Webhooks and callbacks are operations of whoever is called, not of this interface."""
    document = yaml.decode(source.data) if found.shape == "text" else found.document
    if isinstance(document, Unreadable):
        return document
    if type(document) is not dict or not _version(document):
        return Unreadable(code="no-mark", message=t("The document does not say at its top which OpenAPI it is."))
    defects = Defects()
    version = _version(document)
    if type(document.get("paths")) is not dict and not version.startswith("3.1"):
        defects.add("no-paths", t("There are no paths in it."), "/paths")
    operations = tuple(sorted(set(_operations(document, defects))))
    return Report(
        format="openapi",
        format_version=version,
        content=Contract(
            title=text(at(document, "info", "title"), 1000),
            version=text(at(document, "info", "version"), 100),
            operations=operations,
            style="openapi",
            bases=bases(document),
        ),
        strict=not defects,
        defects=defects.all(),
    )


def _operations(document: dict[str, Any], defects: Defects) -> Iterator[Operation]:
    seen: dict[str, str] = {}
    names: set[str] = set()
    for path, item in mapped(document.get("paths")).items():
        if path.startswith("x-"):
            continue
        where = f"/paths/{path}"
        if not path.startswith("/"):
            defects.add("no-path", t("The path '{path}' does not begin with '/'.", path=path[:400]), where)
        shape = _PARAMETER.sub("{}", path)
        if seen.setdefault(shape, path) != path:
            defects.add(
                "duplicate-path",
                t("'{path}' and '{other}' are one path.", path=path[:400], other=seen[shape][:400]),
                where,
            )
        found = resolved(document, item)
        if found is None:
            defects.add(
                "no-reference", t("What is at '{path}' lies in another file or nowhere.", path=path[:400]), where
            )
            continue
        for method in _METHODS:
            operation = found.get(method)
            if operation is None:
                continue
            name = text(mapped(operation).get("operationId"), 400)
            if name in names:
                defects.add("duplicate-id", t("Another entry has the same identifier."), f"{where}/{method}")
            names |= {name} - {""}
            yield Operation(method.upper(), text(path, 2000))


PART = Parser(
    name="openapi",
    title=t("OpenAPI: operations of an interface"),
    marks=marks,
    read=read,
    paths=("**/openapi.json", "**/openapi.y*ml", "**/swagger.json", "**/swagger.y*ml"),
    reference="https://spec.openapis.org/oas/latest.html",
)
