"""What is set at a node of the tree, its title, and whether it is in the archive."""

from __future__ import annotations

from plumbline.access import SETTINGS, use_cases
from plumbline.flow.tree.manage_tree import change_node
from plumbline.web.limits import checked_line
from plumbline.web.page import Ask, Redirect, does
from plumbline.web.panels import keeps
from plumbline.web.settings import written
from plumbline.web.tree import settings_address


@does("/nodes/{node:int}/settings", use_case=use_cases.CHANGE_SETTINGS)
@keeps(settings_address)
def change_setting(ask: Ask) -> Redirect:
    key, text = ask.text("setting"), ask.text("setting_value").replace("\r\n", "\n")
    value = _value(key, text)
    seen = {key: _value(key, ask.text("seen").replace("\r\n", "\n")) if ask.text("seen_here") == "1" else None}
    change_node(ask.actor, ask.tools.tree, ask.numbers["node"], settings={key: value},
                seen=seen if "seen_here" in ask.form else {})  # fmt: skip
    return _back(ask)


def _value(key: str, text: str) -> object:
    return written(SETTINGS[key], text) if key in SETTINGS else text


@does("/nodes/{node:int}/settings/remove", use_case=use_cases.CHANGE_SETTINGS)
def remove_setting(ask: Ask) -> Redirect:
    change_node(ask.actor, ask.tools.tree, ask.numbers["node"], settings={ask.text("setting"): None})
    return _back(ask)


@does("/nodes/{node:int}/title", use_case=use_cases.CHANGE_SETTINGS)
@keeps(settings_address)
def rename(ask: Ask) -> Redirect:
    seen = {"title": ask.text("seen")} if "seen" in ask.form else {}
    change_node(ask.actor, ask.tools.tree, ask.numbers["node"], title=checked_line(ask.text("new_title")), seen=seen)
    return _back(ask, "general")


@does("/nodes/{node:int}/archive", use_case=use_cases.ARCHIVE_NODE)
def archive(ask: Ask) -> Redirect:
    """Put it into the archive, or take it back."""
    change_node(ask.actor, ask.tools.tree, ask.numbers["node"], archived=ask.text("archived") == "1")
    return _back(ask, "general")


def _back(ask: Ask, part: str = "settings") -> Redirect:
    path = settings_address(ask).replace("{node:int}", str(ask.numbers["node"]))
    return Redirect(f"{path}#{part}")


PART = (change_setting, remove_setting, rename, archive)
