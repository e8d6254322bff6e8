"""The settings of a node as its page shows them: what holds, where it comes from, and what may be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.access import AnySetting, Effective, SettingGroup, SettingKind, effective_settings
from plumbline.flow.tree.read_tree import settings_acts
from plumbline.kernel import Text, t

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.model.tree import Node
    from plumbline.web.page import Ask


@dataclass(frozen=True, slots=True)
class SettingRow:
    setting: AnySetting
    shown: Text | str  # what holds
    typed: str  # the same as a form takes it
    origin: Node | None  # where it is set; None: nowhere, the default holds
    here: bool
    writable: bool


def settings_of(ask: Ask, ancestors: Sequence[Node]) -> dict[str, object]:
    """For the last node on the way from the top."""
    node, known = ancestors[-1], ask.tools.tree.settings
    found = effective_settings(ancestors[::-1])
    writes, operates, archives = settings_acts(ask.actor, ask.tools.tree, node.id)
    wanted = ask.text("find").strip().casefold() if not ask.form else ""
    rows = [
        _row(setting, found, node, writable=operates if setting.operators else writes)
        for setting in known.values()
        if wanted in f"{setting.title} {setting.key} {setting.about}".casefold()
    ]
    groups = [(group.heading, [row for row in rows if row.setting.group is group]) for group in SettingGroup]
    strange = sorted(key for key, value in node.settings.items() if key not in known or not known[key].takes(value))
    return {
        "setting_groups": [(title, of_group) for title, of_group in groups if of_group],
        "wanted_setting": ask.text("find").strip(),
        "strange_settings": strange,
        "writes_settings": writes,
        "archives": archives,
        "archived_above": next((one for one in ancestors[:-1] if one.archived), None),
    }


def written(setting: AnySetting, text: str) -> object:
    """What a form says, as JSON has it; whether the setting takes it is looked at where it is set."""
    match setting.kind:
        case SettingKind.YES_NO:
            return {"true": True, "false": False}.get(text, text)
        case SettingKind.NUMBER:
            return int(text) if text.strip().isascii() and text.strip().isdecimal() else text
        case SettingKind.NAMES:
            return [line.strip() for line in text.splitlines() if line.strip()]
        case _:
            return text.strip()


def _row(setting: AnySetting, found: Mapping[str, Effective], node: Node, *, writable: bool) -> SettingRow:
    holds = found.get(setting.key)
    if holds is not None and not setting.takes(holds.value):
        holds = None
    value = holds.value if holds else setting.default
    origin = holds.node if holds else None
    return SettingRow(
        setting=setting,
        shown=_shown(setting, value) if holds else setting.unset or _shown(setting, value),
        typed=_typed(value),
        origin=origin,
        here=origin is not None and origin.id == node.id,
        writable=writable,
    )


def _shown(setting: AnySetting, value: object) -> Text | str:
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or t("none")
    return t("{value} {unit}", value=str(value), unit=setting.unit) if setting.unit else str(value)


def _typed(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "\n".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
