"""What keeps one job within its limits while its scripts run, and says which of them it ran into."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from plumbline.adapters.jobs.warden import warden
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.adapters.jobs.places import Place
    from plumbline.adapters.processes import Cages
    from plumbline.kernel import Text
    from plumbline.model.job_setup import JobLimits
    from plumbline.model.ports.jobs import Workspace

SIGNALED = 128  # an exit status above it may stand for a signal


class Hold:
    """From the first script to the last. What a container may take is held by its engine, but for its disk.

    ``run_into``: a limit that the job ran into without being ended for it. ``watched`` says whether it has to end.
    """

    def __init__(self, cages: Cages, limits: JobLimits, workspace: Workspace, place: Place) -> None:
        self._cages, self._limits, self._place = cages, limits, place
        self.cage = None if place.foreign else cages.take(limits)
        # The working copy, the private folder, and what a sandbox has beside them for temporary files.
        self.watched = warden().watch((os.path.dirname(workspace.scratch),), limits, self.cage)
        self.run_into: Text | None = None

    def lacking(self) -> Text | None:
        """What cannot be held here, for the log."""
        return self.cage.lacking(sandboxed=self._place.wrapped) if self.cage is not None else None

    def first_lines(self) -> str:
        """Of the program of each script."""
        if self.cage is None:
            return ""
        return self.cage.inside if self._place.wrapped else self.cage.lines(bash=self._place.bash)

    def around(self, argv: list[str]) -> list[str]:
        """The arguments by which a script is started, held."""
        return [*self.cage.prefix, *argv] if self.cage is not None and self._place.wrapped else argv

    def script_ended(self) -> None:
        if self.cage is not None:
            self.run_into = self.run_into or self.cage.exceeded()

    def of_status(self, code: int) -> Text | None:
        """The limit that made a script end with this status, as far as it is known."""
        limits = self._limits
        if self.run_into is None and self.cage is not None:
            if code == SIGNALED + signal.SIGXFSZ and limits.workspace:
                return t("a file may have {size} MB at most", size=limits.workspace // 1_000_000)
            if code == SIGNALED + signal.SIGXCPU and limits.cpu_seconds:
                return t("it used up its processor time ({seconds} s)", seconds=limits.cpu_seconds)
        return self.run_into

    def close(self) -> None:
        """Nothing of the job runs any longer after this."""
        warden().forget(self.watched)
        if self.cage is not None:
            self._cages.give_back(self.cage)
