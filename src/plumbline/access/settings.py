"""What can be set at a node of the tree. A setting holds at its node and at every node below; the nearest one wins.

To add one, add it here, or in ``job_settings.py`` where it is about how jobs are run, or in ``rule_settings.py`` where
it is a rule: pages, API, the reference and the check of what is written take it from :data:`SETTINGS`.
What the ways to isolate jobs are called is on the shelf of executors; whoever built the server hands them in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

import msgspec

from plumbline.access.gate_settings import GATE_SETTINGS
from plumbline.access.job_settings import ISOLATION, JOB_SETTINGS
from plumbline.access.rule_settings import (
    AGENT_TOOL_SERVERS,
    ARTIFACT_PLACES,
    ARTIFACT_VERSIONS,
    BRANCHES,
    PROJECT_NAMES,
)
from plumbline.access.setting import AnySetting, Setting, SettingGroup
from plumbline.kernel import ErrorKind, PlumblineError, Text, listed, t

_DAY = 86_400
_CENTURY = 36_500  # days

CONFIG_PATH = Setting(
    key="ci.config_path",
    group=SettingGroup.PIPELINES,
    title=t("Configuration file"),
    about=t("Path of the pipeline's configuration in the repository."),
    default=".gitlab-ci.yml",
)
TIMEOUT = Setting(
    key="ci.timeout",
    group=SettingGroup.PIPELINES,
    title=t("Time limit of jobs"),
    about=t("For jobs that have no timeout of their own."),
    default=3600,
    unit=t("seconds"),
    least=10,
    most=30 * _DAY,
)
AUTO_CANCEL = Setting(
    key="ci.auto_cancel",
    group=SettingGroup.PIPELINES,
    title=t("Cancel what became redundant"),
    about=t("A newer commit cancels the older pipelines of its branch, as far as workflow:auto_cancel says."),
    default=True,
)
PROTECTED_REFS: Setting[tuple[str, ...]] = Setting(
    key="ci.protected_refs",
    group=SettingGroup.PROTECTION,
    title=t("Protected branches"),
    about=t(
        "Names, with * as a wildcard. Pipelines of these and of the default branch get protected variables; those of "
        "merge requests do not."
    ),
    default=(),
)
PROTECTED_TAGS: Setting[tuple[str, ...]] = Setting(
    key="ci.protected_tags",
    group=SettingGroup.PROTECTION,
    title=t("Protected tags"),
    about=t("Names, with * as a wildcard. No other tag gets protected variables, since whoever may push may name one."),
    default=(),
)
ACCESSIBLE_FROM: Setting[tuple[str, ...]] = Setting(
    key="ci.accessible_from",
    group=SettingGroup.PROTECTION,
    title=t("Projects let in"),
    about=t(
        "Paths of projects, or of nodes above them, whose pipelines may include and start this project though nobody "
        "known started them. Those of the same system always may."
    ),
    default=(),
)
FORK_MERGE_REQUESTS = Setting(
    key="ci.fork_merge_requests",
    group=SettingGroup.PIPELINES,
    title=t("Merge requests of forks"),
    about=t(
        "Run a pipeline for a merge request whose branch is in another repository. It runs what somebody wrote who may "
        "not push here, with all variables that are not protected."
    ),
    default=False,
)
ARTIFACTS_DAYS = Setting(
    key="ci.artifacts_days",
    group=SettingGroup.KEEPING,
    title=t("Days that artifacts are kept"),
    about=t("Of jobs without artifacts:expire_in, from the end of the job on. 0: for ever."),
    default=30,
    unit=t("days"),
    most=_CENTURY,
)
KEEP_LATEST_ARTIFACTS = Setting(
    key="ci.keep_latest_artifacts",
    group=SettingGroup.KEEPING,
    title=t("Keep the latest artifacts"),
    about=t(
        "Those of the newest pipeline and of the newest successful pipeline of each branch, tag and open merge request "
        "stay, also when their time is over."
    ),
    default=True,
)
LOGS_DAYS = Setting(
    key="ci.logs_days",
    group=SettingGroup.KEEPING,
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
    group=SettingGroup.KEEPING,
    title=t("Days that caches are kept"),
    about=t("From their last use on. 0: for ever."),
    default=14,
    unit=t("days"),
    most=_CENTURY,
)
REPOSITORY_HOSTS: Setting[tuple[str, ...]] = Setting(
    key="repository.hosts",
    group=SettingGroup.REPOSITORY,
    title=t("Hosts of repositories"),
    about=t(
        "Names of hosts, with * as a wildcard, and with the port where it is not the usual one. The server reads "
        "repositories from these alone. This machine, link-local addresses and the metadata of a cloud have to be "
        "named without a wildcard."
    ),
    default=(),
    unset=t("any host"),
    operators=True,
)
REPOSITORY_LOOK = Setting(
    key="repository.look",
    group=SettingGroup.REPOSITORY,
    title=t("Looks at the repository"),
    about=t(
        "How often the server looks for pushes that no webhook told of, where the project has no interval of its own. "
        "0: never."
    ),
    default=600,
    unit=t("seconds"),
    most=7 * _DAY,
)
FORGE_TELL = Setting(
    key="forge.tell",
    group=SettingGroup.REPOSITORY,
    title=t("What forges are told of gates"),
    about=t(
        "all: the state of the commit and one comment at the merge request. status: the state alone. nothing. It takes "
        "a token as credential for the host of the repository, by https, that may write them."
    ),
    default="all",
    choices=("all", "status", "nothing"),
)
FORGE_LANGUAGE = Setting(
    key="forge.language",
    group=SettingGroup.REPOSITORY,
    title=t("Language of what forges are told"),
    about=t("both: English, and Chinese below it."),
    default="both",
    choices=("both", "en", "zh"),
)
FORGE_ADDRESS = Setting(
    key="forge.address",
    group=SettingGroup.REPOSITORY,
    title=t("Address of the forge"),
    about=t(
        "Of its pages, where that is not the host of the repository: another host for git by SSH, or a folder below a "
        "host, such as https://git.bank.example/gitlab."
    ),
    default="",
    unset=t("the host of the repository, by https"),
    operators=True,
)
TEST_LAYERS: Setting[tuple[str, ...]] = Setting(
    key="reports.layers",
    group=SettingGroup.PIPELINES,
    title=t("Layers of tests"),
    about=t(
        "Which layer the tests of a job are of, where their report does not say it: unit:test-*, component:..., "
        "interface:..., user:e2e. Names of jobs, with * as a wildcard; the first that fits holds."
    ),
    default=(),
    unset=t("only what reports say"),
)
REPORTS_DAYS = Setting(
    key="reports.days",
    group=SettingGroup.KEEPING,
    title=t("Days that reports are kept"),
    about=t(
        "What reports of tests, coverage and scans said, and with it the history of test cases, from the day they came "
        "on. What findings are and what was decided about them stays. 0: for ever."
    ),
    default=400,
    unit=t("days"),
    most=_CENTURY,
    operators=True,
)
REGISTRY_IMMUTABLE_TAGS: Setting[tuple[str, ...]] = Setting(
    key="registry.immutable_tags",
    group=SettingGroup.PROTECTION,
    title=t("Immutable tags of artifacts"),
    about=t("Names, with * as a wildcard: v*. Such a tag is pushed once; it is neither moved nor deleted."),
    default=(),
)
REGISTRY_PROTECTED_TAGS: Setting[tuple[str, ...]] = Setting(
    key="registry.protected_tags",
    group=SettingGroup.PROTECTION,
    title=t("Protected tags of artifacts"),
    about=t("Names, with * as a wildcard. Only jobs of protected branches and tags push them, and whoever may delete "
            "artifacts."),
    default=(),
)  # fmt: skip
TRUSTED_KEYS: Setting[tuple[str, ...]] = Setting(
    key="artifact.trusted_keys",
    group=SettingGroup.PROTECTION,
    title=t("Keys of others that are trusted"),
    about=t("Who else may say something of artifacts: NAME KEY TYPE TYPE. The key is the text of a public key file "
            "(PEM) without its first and last line, as one word; the types are those of the statements that it may "
            "make, with * as a wildcard. What another key signed is shown, and never trusted."),
    default=(),
    unset=t("only this server's own"),
    form=r"[^\s\"]+ [A-Za-z0-9+/]{40,}={0,2}( [^\s\"]+)+",
    formed=t('Write NAME KEY TYPE in quotes, each key on its own: ["scanner MCow... https://spdx.dev/*"].'),
)  # fmt: skip
REGISTRY_MUTABLE_VERSIONS: Setting[tuple[str, ...]] = Setting(
    key="registry.mutable_versions",
    group=SettingGroup.PROTECTION,
    title=t("Versions of packages that may change"),
    about=t("Forms of versions, with * as a wildcard: *-SNAPSHOT. A file of any other version is published once, and "
            "never again with other bytes."),
    default=(),
    unset=t("none"),
)  # fmt: skip
REGISTRY_EXPIRING: Setting[tuple[str, ...]] = Setting(
    key="registry.expiring",
    group=SettingGroup.KEEPING,
    title=t("Tags and versions that expire"),
    about=t("Forms of tags of images and of versions of packages, with * as a wildcard: mr-*, *-SNAPSHOT. What is "
            "deployed, released, immutable or referred to stays nevertheless."),
    default=(),
    unset=t("none"),
)  # fmt: skip
REGISTRY_EXPIRE_DAYS = Setting(
    key="registry.expire_days",
    group=SettingGroup.KEEPING,
    title=t("Days until tags and versions expire"),
    about=t("Of those that expire, from the last time on that they were pushed."),
    default=30,
    unit=t("days"),
    least=1,
    most=_CENTURY,
)
REGISTRY_KEEP_NEWEST = Setting(
    key="registry.keep_newest",
    group=SettingGroup.KEEPING,
    title=t("Newest tags and versions that stay"),
    about=t("Of those that expire, so many of each repository and each package stay whatever their time."),
    default=5,
    most=10_000,
)
REGISTRY_UNTAGGED_DAYS = Setting(
    key="registry.untagged_days",
    group=SettingGroup.KEEPING,
    title=t("Days that images without a tag are kept"),
    about=t("From the last time on that they were pushed or had a tag. 0: for ever."),
    default=0,
    unset=t("for ever"),
    unit=t("days"),
    most=_CENTURY,
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
        REPORTS_DAYS,
        TEST_LAYERS,
        *JOB_SETTINGS,
        REPOSITORY_HOSTS,
        REPOSITORY_LOOK,
        FORGE_TELL,
        FORGE_LANGUAGE,
        FORGE_ADDRESS,
        PROJECT_NAMES,
        BRANCHES,
        AGENT_TOOL_SERVERS,
        ARTIFACT_VERSIONS,
        ARTIFACT_PLACES,
        *GATE_SETTINGS,
        REGISTRY_IMMUTABLE_TAGS,
        REGISTRY_PROTECTED_TAGS,
        TRUSTED_KEYS,
        REGISTRY_MUTABLE_VERSIONS,
        REGISTRY_EXPIRING,
        REGISTRY_EXPIRE_DAYS,
        REGISTRY_KEEP_NEWEST,
        REGISTRY_UNTAGGED_DAYS,
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


def _shown(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 80 else f"{text[:79]}…"
