"""How the jobs of a node of the tree are run: what its settings say, as one value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import job_settings as settings
from plumbline.model.job_setup import ContainerRules, JobLimits, JobSetup, JobView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.tree import Node

_MB = 1_000_000


def job_setup_at(ancestors: Sequence[Node], *, caches: str = "") -> JobSetup:
    """For a project, the first of ``ancestors``. ``caches``: where its jobs' package managers keep what they fetch."""
    return JobSetup(
        isolation=settings.ISOLATION.at(ancestors),
        take_reports=settings.TAKE_REPORTS.at(ancestors),
        view=JobView(
            network=settings.NETWORK.at(ancestors) == "host", tools=settings.TOOLS.at(ancestors), caches=caches
        ),
        limits=JobLimits(
            processes=settings.LIMIT_PROCESSES.at(ancestors),
            memory=settings.LIMIT_MEMORY.at(ancestors) * _MB,
            cpus=settings.LIMIT_CPUS.at(ancestors),
            cpu_seconds=settings.LIMIT_CPU_SECONDS.at(ancestors),
            workspace=settings.LIMIT_WORKSPACE.at(ancestors) * _MB,
            artifacts=settings.LIMIT_ARTIFACTS.at(ancestors) * _MB,
            log=settings.LIMIT_LOG.at(ancestors) * _MB,
        ),
        containers=ContainerRules(
            engine=settings.CONTAINER_ENGINE.at(ancestors),
            images=settings.CONTAINER_IMAGES.at(ancestors),
            default_image=settings.CONTAINER_DEFAULT_IMAGE.at(ancestors),
            pull=settings.CONTAINER_PULL.at(ancestors),
            privileged=settings.CONTAINER_PRIVILEGED.at(ancestors),
            volumes=settings.CONTAINER_VOLUMES.at(ancestors),
            relabel=settings.CONTAINER_RELABEL.at(ancestors),
        ),
    )
