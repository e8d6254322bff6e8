"""CycloneDX 1.0 to 1.7, JSON and XML: bills of materials; one of vulnerabilities alone is read as judgements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.kernel.text import nt
from plumbline.model.report import Advisories, Component, Components, Judgement, Report, Unreadable
from plumbline.reports.bills import check, check_graph, strict
from plumbline.reports.cyclonedx_xml import document_of
from plumbline.reports.defects import Defects
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.values import at, listed, mapped, maps, text, texts
from plumbline.reports.xml_tree import tree

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERSIONS = tuple(f"1.{number}" for number in range(8))
_NAMESPACE = "http://cyclonedx.org/schema/bom/"
_STATUSES = {
    "resolved": "fixed",
    "resolved_with_pedigree": "fixed",
    "exploitable": "affected",
    "in_triage": "under_investigation",
    "false_positive": "not_affected",
    "not_affected": "not_affected",
}


def marks(found: Marks) -> bool:
    if found.shape == "xml":
        return found.root == "bom" and found.namespace.startswith(_NAMESPACE)
    return found.shape == "json" and mapped(found.document).get("bomFormat") == "CycloneDX"


def read(source: Source, found: Marks) -> Report | Unreadable:
    if found.shape == "xml":
        bom = tree(source.data)
        if isinstance(bom, Unreadable):
            return bom
        document = document_of(bom)
    else:
        document = found.document
    defects = Defects()
    version = text(document.get("specVersion"), 20)
    if version not in _VERSIONS:
        defects.add("unknown-version", t("The version '{version}' of this format is not known.", version=version))
    vulnerabilities = list(maps(document.get("vulnerabilities")))
    components = _components(document, defects)
    content: Components | Advisories = components
    if vulnerabilities and not components.components:
        content = _judgements(document, vulnerabilities)
    elif vulnerabilities:
        count = len(vulnerabilities)
        defects.add(
            "not-read",
            nt("{count} vulnerability in it is not read.", "{count} vulnerabilities in it are not read.", count),
            "/vulnerabilities",
        )
    tool = _tool(at(document, "metadata", "tools"))
    return Report(
        format="cyclonedx",
        format_version=version,
        content=content,
        tool=text(tool.get("name"), 200),
        tool_version=text(tool.get("version"), 100),
        made=text(at(document, "metadata", "timestamp"), 60),
        strict=strict(defects.all()),
        defects=defects.all(),
    )


def _tool(tools: Any) -> dict[str, Any]:
    """Up to 1.4 a list; later also an object with components."""
    parts = maps(tools) if type(tools) is list else maps(mapped(tools).get("components"))
    return next(parts, {})


def _components(document: dict[str, Any], defects: Defects) -> Components:
    depends_on = _depends_on(document, defects)
    subject = mapped(at(document, "metadata", "component"))
    about = _component(subject, depends_on) if subject else None
    inner = list(_all(listed(subject.get("components")), depends_on))
    components = (*inner, *_all(listed(document.get("components")), depends_on))
    check(components, defects)
    refs = {component.ref for component in components}
    refs |= {service.ref for service in _all(listed(document.get("services")), {})}
    check_graph(depends_on, refs | {about.ref if about else ""}, defects)
    return Components(
        subject=about,
        components=components,
        serial=text(document.get("serialNumber"), 200),
        version=text(document.get("specVersion"), 20),
    )


def _all(entries: list[Any], depends_on: dict[str, tuple[str, ...]]) -> Iterator[Component]:
    """Components, or services, and those in them."""
    waiting = list(reversed(entries))
    while waiting:
        entry = waiting.pop()
        if type(entry) is dict:
            yield _component(entry, depends_on)
            waiting += reversed(listed(entry.get("components")) or listed(entry.get("services")))


def _component(entry: dict[str, Any], depends_on: dict[str, tuple[str, ...]]) -> Component:
    group, ref = text(entry.get("group"), 400), text(entry.get("bom-ref"), 1000)
    name = text(entry.get("name"), 1000)
    return Component(
        name=f"{group}/{name}" if group else name,
        version=text(entry.get("version"), 400),
        purl=text(entry.get("purl"), 2000),
        kind=text(entry.get("type"), 60) or "library",
        licences=_licences(entry.get("licenses")),
        digests=tuple(
            f"{text(each.get('alg'), 40).lower().replace('-', '', 1)}:{text(each.get('content'), 200).lower()}"
            for each in maps(entry.get("hashes"))
        ),
        ref=ref,
        depends_on=depends_on.get(ref, ()) if ref else (),
        scope=text(entry.get("scope"), 40),
    )


def _licences(given: Any) -> tuple[str, ...]:
    """By id, by name, as an expression, or as the text alone that some tools write."""
    found = []
    for entry in [given] if type(given) in (dict, str) else listed(given):
        licence = mapped(entry).get("license", entry)
        if type(licence) is dict:
            licence = licence.get("id") or licence.get("name") or licence.get("expression")
        found.append(text(licence, 400))
    return tuple(dict.fromkeys(filter(None, found)))


def _depends_on(document: dict[str, Any], defects: Defects) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for entry in maps(document.get("dependencies")):
        ref = text(entry.get("ref"), 1000)
        if ref in found:
            defects.add("duplicate-id", t("Another entry has the same identifier."), f"/dependencies: {ref}")
        found[ref] = (*found.get(ref, ()), *texts(entry.get("dependsOn")))
    return found


def _judgements(document: dict[str, Any], vulnerabilities: list[dict[str, Any]]) -> Advisories:
    found = []
    for entry in vulnerabilities:
        analysis = mapped(entry.get("analysis"))
        products = [text(target.get("ref"), 2000) for target in maps(entry.get("affects"))]
        for product in products or [""]:
            judgement = Judgement(
                vulnerability=text(entry.get("id"), 200),
                product=product[product.find("#pkg:") + 1 :] if "#pkg:" in product else product,
                status=_STATUSES.get(text(analysis.get("state"), 60), ""),
                justification=text(analysis.get("justification"), 200),
                impact=text(analysis.get("detail")),
            )
            found.append(judgement)
    return Advisories(id=text(document.get("serialNumber"), 200), judgements=tuple(found))


PART = Parser(
    name="cyclonedx",
    title=t("CycloneDX: bill of materials"),
    marks=marks,
    read=read,
    gitlab=("cyclonedx",),
    paths=("**/bom.json", "**/bom.xml", "**/*.cdx.json", "**/*.cdx.xml", "**/gl-sbom-*.cdx.json"),
    reference="https://cyclonedx.org/specification/overview/",
)
