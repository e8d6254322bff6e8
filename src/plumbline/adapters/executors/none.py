"""Shell jobs on the machine itself, with nothing between them and it but a working copy of their own."""

from __future__ import annotations

from plumbline.adapters.executors._part import ExecutorKind
from plumbline.adapters.jobs.places import Host
from plumbline.kernel import t

PART = ExecutorKind(
    name="none",
    title=t("without isolation, so that a job can do whatever its user can do and read its keys"),
    place=lambda _setup: Host,
    preference=100,
    isolates=False,
)
