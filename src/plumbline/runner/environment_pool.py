"""What the jobs of one pipeline are run with, kept while its jobs come one after the other."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plumbline.flow.jobs.tools import JobEnvironment, PipelineTools
    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.server import StoredPipeline

_log = logging.getLogger(__name__)
IDLE = 30.0  # seconds without a job until it is put away


@dataclass(slots=True)
class PooledEnvironment:
    tools: PipelineTools
    equipment: JobEnvironment
    users: int = 0
    since: float = 0.0  # when its last job ended, by a clock that nobody sets


class EnvironmentPool:
    """One for each pipeline with a job running here. Used by the runner's own thread alone."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._made: dict[int, PooledEnvironment] = {}

    def take(self, pipeline: StoredPipeline) -> PooledEnvironment:
        """PlumblineErrors of the repository and of the machine; what fails half-way is put away again."""
        pooled = self._made.get(pipeline.id)
        if pooled is None:
            tools = self._server.projects.tools(pipeline.project, pipeline.change, (), {}, by=0)
            pooled = self._made[pipeline.id] = PooledEnvironment(tools, tools.job_environment(pipeline.id))
        pooled.users += 1
        return pooled

    def give_back(self, pipeline: int) -> None:
        pooled = self._made.get(pipeline)
        if pooled is None:
            return
        pooled.users -= 1
        pooled.since = time.monotonic()

    def tidy(self) -> None:
        """Put away what nobody has used for a while."""
        before = time.monotonic() - IDLE
        for pipeline, pooled in list(self._made.items()):
            if not pooled.users and pooled.since < before:
                self._close(pipeline)

    def close(self) -> None:
        for pipeline in list(self._made):
            self._close(pipeline)

    def _close(self, pipeline: int) -> None:
        """A fault with one does not keep the others, and the runner, from going on."""
        try:
            self._made.pop(pipeline).equipment.close()
        except Exception:  # noqa: BLE001 (told in full)
            _log.exception("what the jobs of pipeline %d were run with could not be put away", pipeline)
