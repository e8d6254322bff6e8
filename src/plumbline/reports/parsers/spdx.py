"""SPDX: bills of materials of 2.2 and 2.3 as JSON and tag-value text, and of 3 as JSON-LD."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.kernel import t
from plumbline.model.report import Component, Components, Report, Unreadable
from plumbline.reports import spdx_2
from plumbline.reports.bills import check, check_graph, strict
from plumbline.reports.defects import Defects
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.spdx_3 import Graph
from plumbline.reports.values import at, listed, mapped, maps, text, texts

if TYPE_CHECKING:
    from collections.abc import Collection

_TAGGED = re.compile(r"^SPDXVersion:\s*SPDX-2\.\d", re.MULTILINE)
_CONTEXT = re.compile(r"https?://spdx\.(?:org|github\.io)/.*\b3\.\d")
_KNOWN = ("SPDX-2.1", "SPDX-2.2", "SPDX-2.3")
_OF_DOCUMENT = frozenset(("SPDXRef-DOCUMENT", "NOASSERTION", "NONE"))


def marks(found: Marks) -> bool:
    if found.shape == "text":
        return bool(_TAGGED.search(found.first))
    document = mapped(found.document) if found.shape == "json" else {}
    return text(document.get("spdxVersion")).startswith("SPDX-") or _is_graph(document)


def _is_graph(document: dict[str, Any]) -> bool:
    context = document.get("@context")
    said = [context] if type(context) is str else [name for name in listed(context) if type(name) is str]
    return "@graph" in document and any(_CONTEXT.match(name) for name in said)


def read(source: Source, found: Marks) -> Report | Unreadable:
    if found.shape == "text":
        return _second(spdx_2.document_of(source.data.decode("utf-8", "replace")))
    return _third(found.document) if _is_graph(found.document) else _second(found.document)


def _second(document: dict[str, Any]) -> Report:
    defects = Defects()
    version = text(document.get("spdxVersion"), 20)
    if version not in _KNOWN:
        defects.add("unknown-version", t("The version '{version}' of this format is not known.", version=version))
    components = spdx_2.components_of(document)
    files = {text(entry.get("SPDXID"), 400) for entry in maps(document.get("files"))}
    content = _content(components, spdx_2.described(document), files, defects)
    creators = texts(at(document, "creationInfo", "creators"))
    tool = next((name[5:].strip() for name in creators if name.startswith("Tool:")), "")
    name, _, number = tool.rpartition("-")
    numbered = bool(name) and number.lstrip("v")[:1].isdigit()
    return Report(
        format="spdx",
        format_version=version.removeprefix("SPDX-"),
        content=Components(
            subject=content.subject,
            components=content.components,
            serial=text(document.get("documentNamespace"), 1000),
            version=version.removeprefix("SPDX-"),
        ),
        tool=name if numbered else tool,
        tool_version=number if numbered else "",
        made=text(at(document, "creationInfo", "created"), 60),
        strict=strict(defects.all()),
        defects=defects.all(),
    )


def _third(document: dict[str, Any]) -> Report:
    graph, defects = Graph(document), Defects()
    components = graph.components()
    others = {text(each.get("spdxId"), 1000) for each in graph.elements} - {each.ref for each in components}
    content = _content(components, graph.described(), others, defects)
    version = text(graph.creation().get("specVersion"), 20) or text(document.get("spdxVersion"), 20).removeprefix(
        "SPDX-"
    )
    return Report(
        format="spdx",
        format_version=version,
        content=Components(
            subject=content.subject,
            components=content.components,
            serial=text(graph.document().get("spdxId"), 1000),
            version=version,
        ),
        tool=graph.tool(),
        made=text(graph.creation().get("created"), 60),
        strict=strict(defects.all()),
        defects=defects.all(),
    )


def _content(components: list[Component], described: Collection[str], others: set[str], defects: Defects) -> Components:
    """The subject is the one package that the document describes; where it describes several, there is none. What is
    no package (a file, the document itself, another document) is left out of the dependencies."""
    check(components, defects)
    refs = {component.ref for component in components}
    others = others | _OF_DOCUMENT
    named = {
        component.ref: [ref for ref in component.depends_on if ref not in others and not ref.startswith("DocumentRef-")]
        for component in components
    }
    check_graph(named, refs, defects)
    components = [
        msgspec.structs.replace(component, depends_on=tuple(ref for ref in component.depends_on if ref in refs))
        for component in components
    ]
    roots = [component for component in components if component.ref in described]
    subject = roots[0] if len(roots) == 1 else None
    rest = tuple(component for component in components if component is not subject)
    return Components(subject=subject, components=rest)


PART = Parser(
    name="spdx",
    title=t("SPDX: bill of materials"),
    marks=marks,
    read=read,
    paths=("**/*.spdx.json", "**/*.spdx"),
    reference="https://spdx.dev/use/specifications/",
)
