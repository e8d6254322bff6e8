"""What can be set at a node that gates go by."""

from __future__ import annotations

from plumbline.access.setting import AnySetting, Setting, SettingGroup
from plumbline.kernel import t

SYSTEM_CLASS = Setting(
    key="system.class",
    group=SettingGroup.RULES,
    title=t("Class of the system"),
    about=t("How critical the system is: A is what the bank cannot do without for an hour, D what it can do without "
            "for weeks. Policies say for which classes they hold."),
    default="",
    unset=t("not classified"),
    choices=("A", "B", "C", "D"),
)  # fmt: skip
WAIVER_LONGEST_DAYS = Setting(
    key="waiver.longest_days",
    group=SettingGroup.RULES,
    title=t("Longest time of waivers"),
    about=t("A waiver ends by itself after so many days at the latest; who needs it for longer asks again."),
    default=90,
    unit=t("days"),
    least=1,
    most=366,
)
GATE_SETTINGS: tuple[AnySetting, ...] = (SYSTEM_CLASS, WAIVER_LONGEST_DAYS)
