"""One thing that can be set at a node of the tree: its name, what it takes, and what holds where nothing is set."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from plumbline.kernel import Text, t
from plumbline.model.tree import Node

V = TypeVar("V", bool, int, str, tuple[str, ...])
_LONGEST = 500  # characters of a text or a name
_MOST = 200  # names of a list


class SettingKind(StrEnum):
    """What the value of a setting is, in JSON: a string, one of some strings, a whole number, a boolean, a list of
    strings."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    YES_NO = "yes_no"
    NAMES = "names"


class SettingGroup(StrEnum):
    """What settings are about, in the order in which pages show them."""

    PIPELINES = "pipelines"
    PROTECTION = "protection"
    REPOSITORY = "repository"
    KEEPING = "keeping"
    MACHINE = "machine"
    CONTAINERS = "containers"
    LIMITS = "limits"
    RULES = "rules"

    @property
    def heading(self) -> Text:
        return _HEADINGS[self]


_HEADINGS = {
    SettingGroup.PIPELINES: t("Pipelines"),
    SettingGroup.PROTECTION: t("Who gets what"),
    SettingGroup.REPOSITORY: t("Repositories"),
    SettingGroup.KEEPING: t("How long things are kept"),
    SettingGroup.MACHINE: t("What jobs see of the machine"),
    SettingGroup.CONTAINERS: t("Containers"),
    SettingGroup.LIMITS: t("Limits of jobs"),
    SettingGroup.RULES: t("Rules that grades hold against"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Generic[V]):
    """``operators``: set by who runs the server alone, since it decides what jobs may do to it, or what of the evidence
    goes."""

    key: str
    group: SettingGroup
    title: Text
    about: Text
    default: V
    unset: Text | None = None  # what holds where nothing is set, for a default that does not say it itself
    choices: tuple[str, ...] = ()
    unit: Text | None = None
    least: int = 0
    most: int = 0
    operators: bool = False
    form: str = ""  # of each name of a list: a regular expression; empty: any
    formed: Text | None = None  # the same for people

    @property
    def kind(self) -> SettingKind:
        if self.choices:
            return SettingKind.CHOICE
        kinds = {bool: SettingKind.YES_NO, int: SettingKind.NUMBER, tuple: SettingKind.NAMES}
        return kinds.get(type(self.default), SettingKind.TEXT)

    def at(self, ancestors: Sequence[Node]) -> V:
        """What holds at the first of ``ancestors``: the node, its parent, and so on to the top. A value that an older
        version took, and that is none, counts as the default."""
        value = next((node.settings[self.key] for node in ancestors if self.key in node.settings), self.default)
        if not self.takes(value):
            return self.default
        return tuple(value) if isinstance(value, list) else value  # type: ignore[return-value]

    def takes(self, value: object) -> bool:
        match self.kind:
            case SettingKind.YES_NO:
                return isinstance(value, bool)
            case SettingKind.NUMBER:
                return isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most
            case SettingKind.CHOICE:
                return value in self.choices
            case SettingKind.NAMES:
                return isinstance(value, list) and len(value) <= _MOST and all(map(self._is_name, value))
            case SettingKind.TEXT:
                return _is_name(value)

    def _is_name(self, value: object) -> bool:
        return _is_name(value) and (not self.form or re.fullmatch(self.form, str(value)) is not None)

    @property
    def wanted(self) -> Text:
        """What it takes, for whoever wrote something else."""
        if self.formed is not None:
            return self.formed
        match self.kind:
            case SettingKind.YES_NO:
                return t("Write true or false.")
            case SettingKind.NUMBER:
                return t("Write a whole number from {least} to {most}.", least=self.least, most=self.most)
            case SettingKind.CHOICE:
                return t("Write one of these: {names}.", names=", ".join(self.choices))
            case SettingKind.NAMES:
                return t('Write the names in brackets: ["one", "two"]; at most {most}.', most=_MOST)
            case SettingKind.TEXT:
                return t("Write one line of at most {longest} characters.", longest=_LONGEST)


AnySetting = Setting[bool] | Setting[int] | Setting[str] | Setting[tuple[str, ...]]


def _is_name(value: object) -> bool:
    """One line with something in it, and nothing around it."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable() and value == value.strip()
