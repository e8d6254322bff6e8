"""How the jobs of a node are run: what they see of the machine, how much of it they may take, and in which containers.

Part of :data:`plumbline.access.SETTINGS`. Whatever decides what jobs can do to the server is for operators alone.
"""

from __future__ import annotations

from plumbline.access.setting import AnySetting, Setting, SettingGroup
from plumbline.kernel import t

_MEGABYTES = t("MB")
_MOST_MB = 10_000_000

ISOLATION = Setting(
    key="ci.isolation",
    group=SettingGroup.MACHINE,
    title=t("Isolation of shell jobs"),
    about=t("How jobs without an image are run."),
    default="",
    unset=t("as the server was started"),
    operators=True,
)
NETWORK = Setting(
    key="ci.network",
    group=SettingGroup.MACHINE,
    title=t("Network of jobs"),
    about=t("host: jobs reach what this machine reaches. none: they reach themselves and their services alone."),
    default="host",
    choices=("host", "none"),
    operators=True,
)
TOOLS: Setting[tuple[str, ...]] = Setting(
    key="ci.tools",
    group=SettingGroup.MACHINE,
    title=t("Tools and mirror settings that jobs see"),
    about=t(
        "Files and folders of this machine, such as ~/.cargo, /opt/sdkman or ~/.config/pip/pip.conf. Jobs may read "
        "them; those below the server's home stand at the same place in the home of the job."
    ),
    default=(),
    operators=True,
)
LIMIT_PROCESSES = Setting(
    key="ci.limit_processes",
    group=SettingGroup.LIMITS,
    title=t("Limit of processes"),
    about=t("How many processes and threads one job may have at the same time. 0: no limit."),
    default=4096,
    most=1_000_000,
    operators=True,
)
LIMIT_MEMORY = Setting(
    key="ci.limit_memory",
    group=SettingGroup.LIMITS,
    title=t("Limit of memory"),
    about=t("How much memory one job may have."),
    default=0,
    unset=t("three quarters of the machine's"),
    unit=_MEGABYTES,
    most=_MOST_MB,
    operators=True,
)
LIMIT_CPUS = Setting(
    key="ci.limit_cpus",
    group=SettingGroup.LIMITS,
    title=t("Limit of processors"),
    about=t("How many processors one job may keep busy. 0: no limit."),
    default=0,
    unset=t("no limit"),
    most=1024,
    operators=True,
)
LIMIT_CPU_SECONDS = Setting(
    key="ci.limit_cpu_seconds",
    group=SettingGroup.LIMITS,
    title=t("Limit of processor time"),
    about=t("How much processor time one job may use up. 0: no limit."),
    default=0,
    unset=t("no limit"),
    unit=t("seconds"),
    most=30 * 86_400,
    operators=True,
)
LIMIT_WORKSPACE = Setting(
    key="ci.limit_workspace",
    group=SettingGroup.LIMITS,
    title=t("Limit of the working copy"),
    about=t("How much disk the working copy of a job, its home and its temporary files may take. 0: no limit."),
    default=20_000,
    unit=_MEGABYTES,
    most=_MOST_MB,
    operators=True,
)
LIMIT_ARTIFACTS = Setting(
    key="ci.limit_artifacts",
    group=SettingGroup.LIMITS,
    title=t("Limit of artifacts"),
    about=t("How large the artifacts of one job may be, packed. 0: no limit."),
    default=2_000,
    unit=_MEGABYTES,
    most=_MOST_MB,
    operators=True,
)
LIMIT_LOG = Setting(
    key="ci.limit_log",
    group=SettingGroup.LIMITS,
    title=t("Limit of logs"),
    about=t("How much of what a job prints is kept: its beginning and its end."),
    default=64,
    unit=_MEGABYTES,
    least=1,
    most=10_000,
    operators=True,
)
CONTAINER_ENGINE = Setting(
    key="ci.container_engine",
    group=SettingGroup.CONTAINERS,
    title=t("Container engine"),
    about=t("What runs jobs that have an image."),
    default="",
    unset=t("the first of podman and docker that answers"),
    choices=("podman", "docker"),
    operators=True,
)
CONTAINER_IMAGES: Setting[tuple[str, ...]] = Setting(
    key="ci.container_images",
    group=SettingGroup.CONTAINERS,
    title=t("Allowed images"),
    about=t("Names of images and services that jobs may use, with * as a wildcard."),
    default=(),
    unset=t("any image"),
    operators=True,
)
CONTAINER_DEFAULT_IMAGE = Setting(
    key="ci.container_default_image",
    group=SettingGroup.CONTAINERS,
    title=t("Default image"),
    about=t("The image of jobs that name none."),
    default="",
    unset=t("none: they run without a container"),
)
CONTAINER_PULL: Setting[tuple[str, ...]] = Setting(
    key="ci.container_pull",
    group=SettingGroup.CONTAINERS,
    title=t("Pull policies"),
    about=t(
        "always, if-not-present and never, in the order in which they are tried where a job names none. A job may name "
        "these alone."
    ),
    default=(),
    unset=t("any; if-not-present where a job names none"),
    operators=True,
)
CONTAINER_PRIVILEGED = Setting(
    key="ci.container_privileged",
    group=SettingGroup.CONTAINERS,
    title=t("Privileged containers"),
    about=t("Containers may do to this machine whatever its administrator may. Only for jobs that are trusted."),
    default=False,
    operators=True,
)
CONTAINER_VOLUMES: Setting[tuple[str, ...]] = Setting(
    key="ci.container_volumes",
    group=SettingGroup.CONTAINERS,
    title=t("Volumes of containers"),
    about=t("Folders of this machine in every container of jobs: /path, /path:/inside or /path:/inside:ro."),
    default=(),
    operators=True,
)
CONTAINER_RELABEL = Setting(
    key="ci.container_relabel",
    group=SettingGroup.CONTAINERS,
    title=t("Labels for SELinux"),
    about=t(
        "Working copies get the label of their container, and the confinement of SELinux stays on. Without it, it is "
        "switched off for containers of jobs."
    ),
    default=False,
    operators=True,
)
REPEAT_INTERRUPTED = Setting(
    key="ci.repeat_interrupted",
    group=SettingGroup.PIPELINES,
    title=t("Repeat interrupted deployments"),
    about=t(
        "A job with an environment that was under way when its server went away is run again by itself. Without it, "
        "only retry:when with runner_system_failure or a person does that."
    ),
    default=False,
)

TAKE_REPORTS = Setting(
    key="ci.take_reports",
    group=SettingGroup.PIPELINES,
    title=t("Take reports that nobody asked for"),
    about=t(
        "Test reports, coverage, findings and the like that a job leaves where tools put them are kept and read, "
        "although no artifacts:reports names them. Otherwise the log of the job proposes the lines that would."
    ),
    default=False,
)
JOB_SETTINGS: tuple[AnySetting, ...] = (
    ISOLATION,
    NETWORK,
    TOOLS,
    LIMIT_PROCESSES,
    LIMIT_MEMORY,
    LIMIT_CPUS,
    LIMIT_CPU_SECONDS,
    LIMIT_WORKSPACE,
    LIMIT_ARTIFACTS,
    LIMIT_LOG,
    CONTAINER_ENGINE,
    CONTAINER_IMAGES,
    CONTAINER_DEFAULT_IMAGE,
    CONTAINER_PULL,
    CONTAINER_PRIVILEGED,
    CONTAINER_VOLUMES,
    CONTAINER_RELABEL,
    REPEAT_INTERRUPTED,
    TAKE_REPORTS,
)
