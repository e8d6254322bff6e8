"""The XML report of ZAP, as the sites, alerts and instances that its JSON has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.reports.xml import XmlStream

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.model.report import Unreadable
    from plumbline.reports.xml import Attributes

_OF_ALERT = ("pluginid", "alertRef", "alert", "name", "riskcode", "confidence", "riskdesc", "desc", "count", "cweid")
_OF_INSTANCE = ("uri", "method", "param")


def sites_of_xml(data: bytes) -> list[dict[str, Any]] | Unreadable:
    sites: list[dict[str, Any]] = []
    alert: dict[str, Any] = {}
    instance: dict[str, Any] = {}
    within = False  # an instance

    def site(attributes: Attributes) -> None:
        sites.append({**{f"@{name}": value for name, value in attributes.items()}, "alerts": []})

    def begin_alert(_: Attributes) -> None:
        alert.clear()
        alert["instances"] = []

    def end_alert(_: str) -> None:
        if sites:
            sites[-1]["alerts"].append(dict(alert))

    def begin_instance(_: Attributes) -> None:
        nonlocal within
        within = True
        instance.clear()

    def end_instance(_: str) -> None:
        nonlocal within
        within = False
        alert.setdefault("instances", []).append(dict(instance))

    def field(name: str) -> Callable[[str], None]:
        def end(said: str) -> None:
            if within and name in _OF_INSTANCE:
                instance[name] = said
            elif not within and name in _OF_ALERT:
                alert.setdefault(name, said)

        return end

    ends = {name: field(name) for name in (*_OF_ALERT, *_OF_INSTANCE)}
    ends |= {"alertitem": end_alert, "instance": end_instance}
    starts = {"site": site, "alertitem": begin_alert, "instance": begin_instance}
    failed = XmlStream(starts, ends, (*_OF_ALERT, *_OF_INSTANCE)).read(data)
    return failed or sites
