"""Rules that an organisation registers: grades and facts hold what happens against them; nothing is refused.

Part of :data:`plumbline.access.SETTINGS`.
"""

from __future__ import annotations

from plumbline.access.setting import Setting, SettingGroup
from plumbline.kernel import t

PROJECT_NAMES: Setting[tuple[str, ...]] = Setting(
    key="repository.names",
    group=SettingGroup.RULES,
    title=t("Rule for names of projects"),
    about=t("Forms that the names of projects and their repositories have, with * as a wildcard: pay-*. Grades hold "
            "names against it; nothing is refused."),
    default=(),
    unset=t("no rule is registered"),
)  # fmt: skip
BRANCHES: Setting[tuple[str, ...]] = Setting(
    key="repository.branches",
    group=SettingGroup.RULES,
    title=t("Branch model"),
    about=t("The branches that there are to be, with * as a wildcard: main, release/*, feature/*. Grades ask whether a "
            "model is registered; nothing is refused."),
    default=(),
    unset=t("no rule is registered"),
)  # fmt: skip
AGENT_TOOL_SERVERS: Setting[tuple[str, ...]] = Setting(
    key="agents.tool_servers",
    group=SettingGroup.RULES,
    title=t("Tool servers of AI agents"),
    about=t("The tool servers (MCP) that AI agents may be set up with, by name, with * as a wildcard. Facts count what "
            "repositories name besides; nothing is refused."),
    default=(),
    unset=t("no rule is registered"),
)  # fmt: skip
ARTIFACT_VERSIONS: Setting[tuple[str, ...]] = Setting(
    key="artifact.versions",
    group=SettingGroup.RULES,
    title=t("Rule for versions"),
    about=t("Forms that versions of packages have, with * as a wildcard: *.*.*. Grades hold what is published against "
            "it; nothing is refused."),
    default=(),
    unset=t("no rule is registered"),
)  # fmt: skip
ARTIFACT_PLACES: Setting[tuple[str, ...]] = Setting(
    key="artifact.places",
    group=SettingGroup.RULES,
    title=t("Layout of the artifact store"),
    about=t("Addresses of packages without their version, with * as a wildcard: pkg:maven/com.bank.*. Grades hold what "
            "is published against it; nothing is refused."),
    default=(),
    unset=t("no rule is registered"),
)  # fmt: skip
