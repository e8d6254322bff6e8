"""What is set at a node of the tree, its title, and whether it is in the archive."""

from __future__ import annotations

from plumbline.access import SETTINGS
from plumbline.web.limits import checked_line
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


@does("/nodes/{node:int}/title")
@keeps(page_of_settings)
def rename(ask: Ask) -> Redirect:
    ask.desk.rename(ask.visitor, ask.numbers["node"], checked_line(ask.text("new_title")))
    return _back(ask, "general")


@does("/nodes/{node:int}/archive")
def archive(ask: Ask) -> Redirect:
    """Put it into the archive, or take it back."""
    ask.desk.archive(ask.visitor, ask.numbers["node"], ask.text("archived") == "1")
    return _back(ask, "general")


def _back(ask: Ask, part: str = "settings") -> Redirect:
    path = page_of_settings(ask).path.replace("{node:int}", str(ask.numbers["node"]))
    return Redirect(f"{path}#{part}")


PART = (change_setting, remove_setting, rename, archive)
