"""``workflow``."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import t
from plumbline.model.pipeline import VariableSource
from plumbline.model.problem import Severity
from plumbline.pipeline import _conditions as conditions
from plumbline.pipeline._needs import read_needs
from plumbline.pipeline._variables import read_variables
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import ANY_NESTING, Reading

_WHEN = ("always", "never")
_ON_NEW_COMMIT = ("conservative", "interruptible", "none")
_ON_JOB_FAILURE = ("none", "all")
_MAX_NAME = 255


def read(reading: Reading) -> Any:
    """The map as written; its shape has been checked, the rules among it."""
    keys = reading.map()
    if "name" in keys:
        keys["name"].string(empty=True, maximum=_MAX_NAME)
    if "auto_cancel" in keys:
        _read_auto_cancel(keys["auto_cancel"])
    if "rules" in keys:
        for rule in conditions.read_rules(keys["rules"], ANY_NESTING):
            if "when" in rule:
                rule["when"].one_of(_WHEN)
            _read_no_effect(rule)
            if "variables" in rule:
                read_variables(rule["variables"], VariableSource.WORKFLOW_RULE)
            if "auto_cancel" in rule:
                _read_auto_cancel(rule["auto_cancel"])
    return reading.value


def _read_no_effect(rule: dict[str, Reading]) -> None:
    """What GitLab takes in a rule of a workflow, and what then means nothing."""
    if "allow_failure" in rule:
        rule["allow_failure"].boolean()
    if "needs" in rule:
        read_needs(rule["needs"], elsewhere=False)
    for name in ("allow_failure", "needs"):
        if name in rule:
            message = t("{key} has no effect in a rule of workflow", key=name)
            rule[name].fail("no-effect", message, t("remove {keyword}", keyword=name), severity=Severity.WARNING)


def _read_auto_cancel(reading: Reading) -> None:
    keys = reading.map()
    if "on_new_commit" in keys:
        keys["on_new_commit"].one_of(_ON_NEW_COMMIT)
    if "on_job_failure" in keys:
        keys["on_job_failure"].one_of(_ON_JOB_FAILURE)


_WITHOUT_EFFECT = ("allow_failure", "needs", "needs:job", "needs:artifacts", "needs:optional")
_NO_EFFECT = t("read and checked; GitLab takes it, and it means nothing in a rule of workflow")
_NEW_COMMIT = t("done on the server; a local run is not redundant because of another")

PART = Keyword(
    name="workflow",
    places=(Place.GLOBAL,),
    title=t("Whether there is a pipeline at all, its name, and when it is canceled"),
    read=read,
    status=Status.PARTIAL,
    note=t("all; auto_cancel:on_new_commit on the server, for it has no meaning in a local run"),
    reference="ci/yaml/#workflow",
    subkeys=(
        Subkey("name"),
        Subkey("auto_cancel"),
        Subkey("auto_cancel:on_new_commit", Status.PARTIAL, _NEW_COMMIT),
        Subkey("auto_cancel:on_job_failure"),
        Subkey("rules"),
        *conditions.subkeys("rules:"),
        Subkey("rules:when"),
        Subkey("rules:variables"),
        *(Subkey(f"rules:{name}", Status.INERT, _NO_EFFECT) for name in _WITHOUT_EFFECT),
        Subkey("rules:auto_cancel"),
        Subkey("rules:auto_cancel:on_new_commit", Status.PARTIAL, _NEW_COMMIT),
        Subkey("rules:auto_cancel:on_job_failure"),
    ),
    differs=(
        t("a name that is a number is refused: put it in quotes"),
        t("rules may be nested ten levels deep, as those of a job"),
        t("a rule that is nothing is refused"),
    ),
)
