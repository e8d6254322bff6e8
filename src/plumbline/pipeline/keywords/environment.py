"""``environment``."""

from __future__ import annotations

import re
from typing import Any

from plumbline.kernel import t
from plumbline.model.pipeline import Environment
from plumbline.model.problem import Severity
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading

_ACTIONS = ("start", "prepare", "stop", "verify", "access")
_TIERS = ("production", "staging", "testing", "development", "other")
_MAX_LENGTH = 255
_MAX_NAMESPACE = 63
_NAME = re.compile(r"[\w${} .-][\w/${} .-]*(?<!/)", re.ASCII)


def read(reading: Reading) -> Environment:
    """The environment; name, url, tier and the time it lives may hold variables."""
    if isinstance(reading.value, str):
        return Environment(name=_read_name(reading))
    if not isinstance(reading.value, dict):
        reading.wrong_type(t("a name, or a map with name"))
        return Environment(name="")
    keys = reading.map(("name",))
    return Environment(
        name=_read_name(keys["name"]) if "name" in keys else "",
        url=_read_url(keys["url"]) if "url" in keys else "",
        action=keys["action"].one_of(_ACTIONS) if "action" in keys else "start",
        on_stop=keys["on_stop"].string() if "on_stop" in keys else "",
        auto_stop_in=_read_auto_stop(keys["auto_stop_in"]) if "auto_stop_in" in keys else "",
        tier=_read_tier(keys["deployment_tier"]) if "deployment_tier" in keys else "",
        kubernetes=_read_kubernetes(keys["kubernetes"]) if "kubernetes" in keys else {},
    )


def _read_name(reading: Reading) -> str:
    name = reading.string(maximum=_MAX_LENGTH)
    if name and not _NAME.fullmatch(name):
        message = t("{name} cannot be the name of an environment", name=repr(name))
        hint = t("letters, digits, spaces and - _ . / $ { } are allowed, and no slash at either end")
        reading.fail("invalid-name", message, hint)
    return name


def _read_url(reading: Reading) -> str:
    url = reading.string(empty=True, maximum=_MAX_LENGTH)
    if url and "$" not in url and not url.startswith(("http://", "https://")):
        message = t("{url} is not an address", url=url)
        hint = t("begin it with http:// or https://")
        reading.fail("invalid-value", message, hint, severity=Severity.WARNING)
    return url


def _read_auto_stop(reading: Reading) -> str:
    if isinstance(reading.value, str) and "$" in reading.value:
        return reading.value
    reading.duration()
    return reading.value if isinstance(reading.value, str) else ""


def _read_tier(reading: Reading) -> str:
    if isinstance(reading.value, str) and "$" in reading.value:
        return reading.value
    return reading.one_of(_TIERS)


def _read_kubernetes(reading: Reading) -> dict[str, Any]:
    keys = reading.map()
    if reading.value == {}:
        reading.fail("empty", t("the map is empty"), t("remove it, or name an agent"))
    for name in ("agent", "namespace", "flux_resource_path"):
        if name in keys:
            keys[name].string(empty=True)
    managed = keys["managed_resources"].map() if "managed_resources" in keys else {}
    if "managed_resources" in keys and keys["managed_resources"].names("enabled"):
        keys["managed_resources"].child("enabled").boolean()
    dashboard = keys["dashboard"].map(("namespace",) if keys["dashboard"].value else ()) if "dashboard" in keys else {}
    for name, limit in (("namespace", _MAX_NAMESPACE), ("flux_resource_path", _MAX_LENGTH)):
        if "dashboard" in keys and keys["dashboard"].names(name):
            keys["dashboard"].child(name).string(maximum=limit)
    _check_cluster(reading, keys, dashboard, managed="enabled" in managed and managed["enabled"].value is True)
    return reading.value if isinstance(reading.value, dict) else {}


def _check_cluster(reading: Reading, keys: dict[str, Reading], dashboard: dict[str, Reading], *, managed: bool) -> None:
    """What of a cluster needs an agent, and what is said at one place only."""
    given = {name for name, key in keys.items() if key.value not in ("", {})}
    if "flux_resource_path" in given and "namespace" not in given:
        reading.fail("missing-key", t("{key} is missing", key="namespace"), t("add {key}", key="namespace"))
    if "agent" not in given and (managed or given & {"flux_resource_path", "dashboard"}):
        reading.fail("missing-key", t("{key} is missing", key="agent"), t("add {key}", key="agent"))
    for name in ("namespace", "flux_resource_path"):
        if name in given and name in dashboard and dashboard[name].value:
            message = t("{key} stands beside dashboard and in it", key=name)
            keys[name].fail("exclusive-keys", message, t("keep the one in dashboard"))


_RECORDED = t("the job has CI_ENVIRONMENT_ACTION; no environment is started or stopped")
_CHECKED = t("read and checked; Plumbline reaches no cluster")

PART = Keyword(
    name="environment",
    places=(Place.JOB,),
    title=t("Where the job deploys to, or what it does there"),
    read=read,
    status=Status.PARTIAL,
    note=t("the job has the CI_ENVIRONMENT_ variables; no deployment is recorded yet"),
    reference="ci/yaml/#environment",
    subkeys=(
        Subkey("name"),
        Subkey("url"),
        Subkey("action", Status.PARTIAL, _RECORDED),
        Subkey("on_stop", Status.INERT, t("read and checked; nothing is stopped by itself")),
        Subkey("auto_stop_in", Status.INERT, t("read and checked; nothing is stopped by itself")),
        Subkey("deployment_tier"),
        Subkey("kubernetes", Status.INERT, _CHECKED),
        *(
            Subkey(f"kubernetes:{name}", Status.INERT, _CHECKED)
            for name in (
                "agent",
                "namespace",
                "flux_resource_path",
                "managed_resources",
                "managed_resources:enabled",
                "dashboard",
                "dashboard:namespace",
                "dashboard:flux_resource_path",
            )
        ),
    ),
)
