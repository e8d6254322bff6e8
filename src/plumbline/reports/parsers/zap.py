"""The reports of ZAP, JSON and XML: alerts of the sites that were visited, one finding for each instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.report import Finding, Findings, Report, ScanKind, Severity, Unreadable
from plumbline.reports.defects import Defects
from plumbline.reports.parser import Marks, Parser, Source
from plumbline.reports.values import listed, mapped, maps, text, whole
from plumbline.reports.zap_xml import sites_of_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

_RISKS = {"3": Severity.HIGH, "2": Severity.MEDIUM, "1": Severity.LOW, "0": Severity.INFO}
_FALSE = "0"  # the tool's confidence in what somebody marked as a false positive


def marks(found: Marks) -> bool:
    if found.shape == "xml":
        return found.root == "OWASPZAPReport"
    document = mapped(found.document) if found.shape == "json" else {}
    if "vulnerabilities" in document:
        return False  # GitLab's report of such a scan keeps the sites as well
    sites = document.get("site")
    return type(sites) is list and ("@version" in document or "@programName" in document) and "@generated" in document


def read(source: Source, found: Marks) -> Report | Unreadable:
    """The sites that are named were visited; which rules were tried is not said."""
    if found.shape == "xml":
        read_sites = sites_of_xml(source.data)
        if isinstance(read_sites, Unreadable):
            return read_sites
        sites, document = read_sites, {f"@{name}": value for name, value in found.attributes.items()}
    else:
        document = found.document
        sites = list(maps(document["site"]))
    defects = Defects()
    findings = tuple(finding for number, site in enumerate(sites) for finding in _of_site(site, number, defects))
    names = {text(site.get("@name")) for site in sites} - {""}
    return Report(
        format="zap",
        content=Findings(kind=ScanKind.DAST, findings=findings, scope=tuple(sorted(names))),
        tool="zap",
        tool_version=text(document.get("@version"), 40),
        made=text(document.get("@generated"), 60),
        strict=not defects,
        defects=defects.all(),
    )


def _of_site(site: dict[str, Any], number: int, defects: Defects) -> Iterator[Finding]:
    for place, alert in enumerate(maps(site.get("alerts"))):
        where = f"/site/{number}/alerts/{place}"
        instances = [mapped(instance) for instance in listed(alert.get("instances"))]
        if whole(alert.get("count")) > len(instances):
            defects.add(
                "left-out",
                t(
                    "The report names {kept} of {count} instances.",
                    kept=len(instances),
                    count=whole(alert.get("count")),
                ),
                where,
            )
        if not text(alert.get("alertRef")) and not text(alert.get("pluginid")):
            defects.add("no-rule", t("This finding does not say which rule it is of."), where)
        yield from (_finding(alert, instance) for instance in instances or [{"uri": text(site.get("@name"))}])


def _finding(alert: dict[str, Any], instance: dict[str, Any]) -> Finding:
    risk, confidence = text(alert.get("riskcode"), 4), text(alert.get("confidence"), 4)
    weakness = whole(alert.get("cweid"))
    parameter = text(instance.get("param"), 200)
    address = f"{text(instance.get('method'), 20)} {text(instance.get('uri'))}".strip()
    return Finding(
        rule=text(alert.get("alertRef"), 100) or text(alert.get("pluginid"), 100),
        title=text(alert.get("alert"), 1000) or text(alert.get("name"), 1000),
        message=text(alert.get("desc")),
        severity=_RISKS.get(risk, Severity.UNKNOWN),
        severity_said=text(alert.get("riskdesc"), 100) or risk,
        identifiers=(f"CWE-{weakness}",) if weakness else (),
        object=f"{address} ({parameter})" if parameter else address,
        suppressed="false positive" if confidence == _FALSE else "",
    )


PART = Parser(
    name="zap",
    title=t("ZAP: alerts of a running system"),
    marks=marks,
    read=read,
    gitlab=("dast",),
    paths=("**/zap*.json", "**/zap*.xml"),
    reference="https://www.zaproxy.org/docs/desktop/addons/report-generation/",
)
