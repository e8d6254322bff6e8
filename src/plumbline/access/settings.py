"""What can be set at a node of the tree. A setting holds at its node and at every node below; the nearest one wins.

To add one, add it here: pages, API, the reference and the check of what is written take it from :data:`SETTINGS`.
What the ways to isolate jobs are called is on the shelf of executors; whoever built the server hands them in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from plumbline.kernel import ErrorKind, PlumblineError, Text, listed, t
from plumbline.model.tree import Node

V = TypeVar("V", bool, int, str, tuple[str, ...])
_LONGEST = 500  # characters of a text or a name
_MOST = 200  # names of a list
_DAY = 86_400
_CENTURY = 36_500  # days


class SettingKind(StrEnum):
    """What the value of a setting is, in JSON: a string, one of some strings, a whole number, a boolean, a list of
    strings."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    YES_NO = "yes_no"
    NAMES = "names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Generic[V]):
    """``operators``: set by who runs the server alone, since it decides what jobs may do to it, or what of the evidence
    goes."""

    key: str
    title: Text
    about: Text
    default: V
    unset: Text | None = None  # what holds where nothing is set, for a default that does not say it itself
    choices: tuple[str, ...] = ()
    unit: Text | None = None
    least: int = 0
    most: int = 0
    operators: bool = False

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
                return isinstance(value, list) and len(value) <= _MOST and all(map(_is_name, value))
            case SettingKind.TEXT:
                return _is_name(value)

    @property
    def wanted(self) -> Text:
        """What it takes, for whoever wrote something else."""
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

CONFIG_PATH = Setting(
    key="ci.config_path",
    title=t("Configuration file"),
    about=t("Path of the pipeline's configuration in the repository."),
    default=".gitlab-ci.yml",
)
TIMEOUT = Setting(
    key="ci.timeout",
    title=t("Time limit of jobs"),
    about=t("For jobs that have no timeout of their own."),
    default=3600,
    unit=t("seconds"),
    least=10,
    most=30 * _DAY,
)
AUTO_CANCEL = Setting(
    key="ci.auto_cancel",
    title=t("Cancel what became redundant"),
    about=t("A newer commit cancels the older pipelines of its branch, as far as workflow:auto_cancel says."),
    default=True,
)
PROTECTED_REFS: Setting[tuple[str, ...]] = Setting(
    key="ci.protected_refs",
    title=t("Protected branches"),
    about=t(
        "Names, with * as a wildcard. Pipelines of these and of the default branch get protected variables; those of "
        "merge requests do not."
    ),
    default=(),
)
PROTECTED_TAGS: Setting[tuple[str, ...]] = Setting(
    key="ci.protected_tags",
    title=t("Protected tags"),
    about=t("Names, with * as a wildcard. No other tag gets protected variables, since whoever may push may name one."),
    default=(),
)
ACCESSIBLE_FROM: Setting[tuple[str, ...]] = Setting(
    key="ci.accessible_from",
    title=t("Projects let in"),
    about=t(
        "Paths of projects, or of nodes above them, whose pipelines may include and start this project though nobody "
        "known started them. Those of the same system always may."
    ),
    default=(),
)
FORK_MERGE_REQUESTS = Setting(
    key="ci.fork_merge_requests",
    title=t("Merge requests of forks"),
    about=t(
        "Run a pipeline for a merge request whose branch is in another repository. It runs what somebody wrote who may "
        "not push here, with all variables that are not protected."
    ),
    default=False,
)
ISOLATION = Setting(
    key="ci.isolation",
    title=t("Isolation of shell jobs"),
    about=t("How jobs without an image are run."),
    default="",
    unset=t("as the server was started"),
    operators=True,
)
ARTIFACTS_DAYS = Setting(
    key="ci.artifacts_days",
    title=t("Days that artifacts are kept"),
    about=t("Of jobs without artifacts:expire_in, from the end of the job on. 0: for ever."),
    default=30,
    unit=t("days"),
    most=_CENTURY,
)
KEEP_LATEST_ARTIFACTS = Setting(
    key="ci.keep_latest_artifacts",
    title=t("Keep the latest artifacts"),
    about=t(
        "Those of the newest pipeline and of the newest successful pipeline of each branch and tag stay, also when "
        "their time is over."
    ),
    default=True,
)
LOGS_DAYS = Setting(
    key="ci.logs_days",
    title=t("Days that logs are kept"),
    about=t("Of what jobs printed, from the end of their pipeline on. 0: for ever."),
    default=0,
    unset=t("for ever"),
    unit=t("days"),
    most=_CENTURY,
    operators=True,
)
CACHES_DAYS = Setting(
    key="ci.caches_days",
    title=t("Days that caches are kept"),
    about=t("From their last use on. 0: for ever."),
    default=14,
    unit=t("days"),
    most=_CENTURY,
)
REPOSITORY_HOSTS: Setting[tuple[str, ...]] = Setting(
    key="repository.hosts",
    title=t("Hosts of repositories"),
    about=t(
        "Names of hosts, with * as a wildcard, and with the port where it is not the usual one. The server reads "
        "repositories from these alone."
    ),
    default=(),
    unset=t("any host"),
    operators=True,
)
REPOSITORY_LOOK = Setting(
    key="repository.look",
    title=t("Looks at the repository"),
    about=t(
        "How often the server looks for pushes that no webhook told of, where the project has no interval of its own. "
        "0: never."
    ),
    default=600,
    unit=t("seconds"),
    most=7 * _DAY,
)

SETTINGS: Mapping[str, AnySetting] = {
    setting.key: setting
    for setting in (
        CONFIG_PATH,
        TIMEOUT,
        AUTO_CANCEL,
        PROTECTED_REFS,
        PROTECTED_TAGS,
        FORK_MERGE_REQUESTS,
        ACCESSIBLE_FROM,
        ARTIFACTS_DAYS,
        KEEP_LATEST_ARTIFACTS,
        LOGS_DAYS,
        CACHES_DAYS,
        ISOLATION,
        REPOSITORY_HOSTS,
        REPOSITORY_LOOK,
    )
}


def settings_with(isolations: Mapping[str, Text]) -> Mapping[str, AnySetting]:
    """Every setting of a server that has these ways to isolate jobs."""
    about = t("How jobs without an image are run. {ways}.", ways=listed(isolations))
    return {**SETTINGS, ISOLATION.key: replace(ISOLATION, about=about, choices=tuple(isolations))}


def check_settings(settings: Mapping[str, object], known: Mapping[str, AnySetting]) -> None:
    """Raises PlumblineError ``setting-unknown`` or ``setting-wrong``. None takes a setting away, known or not."""
    for key, value in settings.items():
        if value is None:
            continue
        setting = known.get(key)
        if setting is None:
            raise _unknown(key)
        if not setting.takes(value):
            raise PlumblineError(
                "setting-wrong",
                t("{value} is no value for '{setting}'.", value=_shown(value), setting=key),
                setting.wanted,
                kind=ErrorKind.CONFIGURATION,
            )


def _unknown(key: str) -> PlumblineError:
    near = get_close_matches(key, SETTINGS, 1)
    hint = (
        t("Did you mean '{setting}'?", setting=near[0])
        if near
        else t("These can be set: {names}.", names=", ".join(SETTINGS))
    )
    message = t("There is no setting '{setting}'.", setting=key)
    return PlumblineError("setting-unknown", message, hint, kind=ErrorKind.CONFIGURATION)


def _is_name(value: object) -> bool:
    """One line with something in it, and nothing around it."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable() and value == value.strip()


def _shown(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 80 else f"{text[:79]}…"
