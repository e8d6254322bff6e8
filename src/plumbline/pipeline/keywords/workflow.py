"""``workflow``."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import t
from plumbline.model.pipeline import VariableSource
from plumbline.pipeline import _conditions as conditions
from plumbline.pipeline._variables import read_variables
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading

_WHEN = ("always", "never")
_ON_NEW_COMMIT = ("conservative", "interruptible", "none")
_ON_JOB_FAILURE = ("none", "all")
_MAX_NAME = 255


def read(reading: Reading) -> Any:
    """The map as written; its shape has been checked, the rules among it."""
    keys = reading.map()
    if "name" in keys:
        keys["name"].string(maximum=_MAX_NAME)
    if "auto_cancel" in keys:
        _read_auto_cancel(keys["auto_cancel"])
    if "rules" in keys:
        for rule in conditions.read_rules(keys["rules"]):
            if "when" in rule:
                rule["when"].one_of(_WHEN)
            if "variables" in rule:
                read_variables(rule["variables"], VariableSource.WORKFLOW_RULE)
            if "auto_cancel" in rule:
                _read_auto_cancel(rule["auto_cancel"])
    return reading.value


def _read_auto_cancel(reading: Reading) -> None:
    keys = reading.map()
    if "on_new_commit" in keys:
        keys["on_new_commit"].one_of(_ON_NEW_COMMIT)
    if "on_job_failure" in keys:
        keys["on_job_failure"].one_of(_ON_JOB_FAILURE)


_NEW_COMMIT = t("read and checked; a local run is not redundant because of another")

PART = Keyword(
    name="workflow",
    places=(Place.GLOBAL,),
    title=t("Whether there is a pipeline at all, its name, and when it is canceled"),
    read=read,
    status=Status.PARTIAL,
    note=t("all but auto_cancel:on_new_commit, which has no meaning in a local run"),
    reference="ci/yaml/#workflow",
    subkeys=(
        Subkey("name"),
        Subkey("auto_cancel"),
        Subkey("auto_cancel:on_new_commit", Status.INERT, _NEW_COMMIT),
        Subkey("auto_cancel:on_job_failure"),
        Subkey("rules"),
        *conditions.subkeys("rules:"),
        Subkey("rules:when"),
        Subkey("rules:variables"),
        Subkey("rules:auto_cancel"),
        Subkey("rules:auto_cancel:on_new_commit", Status.INERT, _NEW_COMMIT),
        Subkey("rules:auto_cancel:on_job_failure"),
    ),
)
