"""What a change of infrastructure would do: GitLab's three counts, and a plan of ``terraform show -json``."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import t
from plumbline.model.report import Planned, Report, Unreadable
from plumbline.reports import limits
from plumbline.reports.defects import Defects
from plumbline.reports.numbers import counted
from plumbline.reports.parser import Marks, Parser, Source

_COUNTS = {"create", "update", "delete"}
_ACTIONS = {*_COUNTS, "no-op", "read", "forget"}
_MOST = 100_000


def _marks(marks: Marks) -> bool:
    if marks.shape != "json" or not isinstance(marks.document, dict):
        return False
    keys = set(marks.children)
    return (
        keys == _COUNTS
        or {"format_version", "terraform_version", "resource_changes"} <= keys
        or ({"format_version", "terraform_version", "planned_values"} <= keys)
    )


def _read(_: Source, marks: Marks) -> Report | Unreadable:
    document: dict[str, Any] = marks.document
    if set(document) == _COUNTS:
        counts = {name: counted(document[name]) for name in _COUNTS}
        if None in counts.values():
            return Unreadable(code="malformed", message=t("create, update and delete have to be counts."))
        create, update, delete = (counts[name] or 0 for name in ("create", "update", "delete"))
        return Report(format="terraform_plan", content=Planned(create=create, update=update, delete=delete))
    defects = Defects()
    changes = document.get("resource_changes", [])
    if not isinstance(changes, list) or len(changes) > _MOST:
        return Unreadable(
            code="malformed", message=t("'resource_changes' is no list, or has more than {most} entries.", most=_MOST)
        )
    if document.get("errored") is True:
        return Unreadable(code="failed", message=t("The plan says that it failed; what it lists is not all."))
    counted_actions = dict.fromkeys(_COUNTS, 0)
    touched = []
    for change in changes:
        actions, address = _change(change)
        if actions is None:
            defects.add("bad-change", t("A change has no actions that are known; it is left out."), address)
            continue
        for action in actions:
            if action in _COUNTS:
                counted_actions[action] += 1
        if _COUNTS & set(actions):
            touched.append(limits.name(address))
    return Report(
        format="terraform_plan",
        content=Planned(
            create=counted_actions["create"],
            update=counted_actions["update"],
            delete=counted_actions["delete"],
            resources=tuple(touched),
        ),
        tool="terraform",
        tool_version=_text(document.get("terraform_version")),
        format_version=_text(document.get("format_version")),
        made=_text(document.get("timestamp")),
        strict=not defects,
        defects=defects.all(),
    )


def _change(said: Any) -> tuple[list[str] | None, str]:
    """Its actions, and the address of what is changed. A replacement is one that deletes and creates."""
    if not isinstance(said, dict):
        return None, ""
    address = said.get("address")
    change = said.get("change")
    actions = change.get("actions") if isinstance(change, dict) else None
    known = isinstance(actions, list) and all(isinstance(one, str) and one in _ACTIONS for one in actions)
    return actions if known else None, address if isinstance(address, str) else ""


def _text(said: Any) -> str:
    return limits.kept(said, 40) if isinstance(said, str) else ""


PART = Parser(
    name="terraform_plan",
    title=t("Plan of Terraform or OpenTofu"),
    marks=_marks,
    read=_read,
    gitlab=("terraform",),
    paths=("**/tfplan.json", "**/plan.json"),
    reference="https://developer.hashicorp.com/terraform/internals/json-format",
)
