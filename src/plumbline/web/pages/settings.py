"""What is set at a node of the tree."""

from __future__ import annotations

from plumbline.access import SETTINGS
from plumbline.web.estate import find
from plumbline.web.page import Ask, Redirect, does
from plumbline.web.pages.tree import page_of_settings
from plumbline.web.panels import keeps
from plumbline.web.settings import written


@does("/nodes/{node:int}/settings")
@keeps(page_of_settings)
def change_setting(ask: Ask) -> Redirect:
    key, text = ask.text("setting"), ask.text("setting_value").replace("\r\n", "\n")
    value = written(SETTINGS[key], text) if key in SETTINGS else text
    ask.desk.change_setting(ask.visitor, ask.numbers["node"], key, value)
    return _back(ask)


@does("/nodes/{node:int}/settings/remove")
def remove_setting(ask: Ask) -> Redirect:
    ask.desk.change_setting(ask.visitor, ask.numbers["node"], ask.text("setting"), None)
    return _back(ask)


def _back(ask: Ask) -> Redirect:
    node, _ = find(ask, ask.numbers["node"])
    return Redirect(f"{page_of_settings(ask).path.replace('{node:int}', str(node.id))}#settings")


PART = (change_setting, remove_setting)
