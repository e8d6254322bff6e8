"""The embedded executor: one attempt at one job, from its working copy to its verdict, on this machine."""

from __future__ import annotations

import logging
import os
import stat
import time
import traceback
from typing import TYPE_CHECKING

import msgspec

from plumbline import __version__
from plumbline.adapters.jobs.coverage import CoverageFinder
from plumbline.adapters.jobs.environment import FileVariables, Prepared, base_environment, prepare
from plumbline.adapters.jobs.holding import Hold
from plumbline.adapters.jobs.output import GREEN, PLAIN, RED, YELLOW, Output
from plumbline.adapters.jobs.places import Host
from plumbline.adapters.jobs.script import compose
from plumbline.adapters.jobs.stores import Stores
from plumbline.adapters.jobs.verdict import Verdict
from plumbline.adapters.jobs.words import spoken, status
from plumbline.adapters.processes import MARKER, Cages, Ending, run_program
from plumbline.adapters.processes.running import Stopped
from plumbline.kernel import Masker, PlumblineError, t
from plumbline.model.job import FailureReason, JobResult, ScriptStep, State
from plumbline.model.job_setup import JobLimits
from plumbline.model.pipeline import Image
from plumbline.pipeline import runner_expand
from plumbline.pipeline import seconds as seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plumbline.adapters.jobs.places import Containers, Place
    from plumbline.adapters.jobs.warden import Watched
    from plumbline.kernel import Text
    from plumbline.model.job import JobOrder
    from plumbline.model.ports.jobs import ArtifactStore, CacheStore, Cancellation, JobLog, Workspace, Workspaces

HOOK, SCRIPT, AFTER, RELEASE = "pre_get_sources_script", "script", "after_script", "release"
_REASONS = {
    "image-pull-failed": FailureReason.IMAGE_PULL,
    "image-name-wrong": FailureReason.IMAGE_PULL,
    "image-not-allowed": FailureReason.RUNNER_UNSUPPORTED,
    "pull-policy-not-allowed": FailureReason.RUNNER_UNSUPPORTED,
}
_log = logging.getLogger(__name__)
_STATUS = {State.SUCCESS: "success", State.FAILED: "failed", State.CANCELED: "canceled"}


class LocalSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How jobs are run on this machine. Times are seconds."""

    marker: str = "plumbline-"  # how the job markers of this run begin: "<project>-<run>-"
    grace: float = 10.0  # between the polite signal and SIGKILL
    after_script_timeout: float = 300.0
    limits: JobLimits = JobLimits()
    secrets: tuple[str, ...] = ()  # masked in the output of every job, besides the job's own masked variables
    default_image: str = ""  # of jobs that name none; empty: they run without a container
    pass_environment: tuple[str, ...] = ()  # variables of the user's own environment that jobs may see besides
    take_reports: bool = False  # reports that no artifacts:reports names are kept too, instead of proposed
    activated: bool = False  # jobs on the machine itself see the virtual environment that the user activated


class LocalExecutor:
    """Implements :class:`plumbline.model.Executor`.

    ``place`` makes the place of a job with no image; ``containers`` that of a job with one, None where no container
    engine answers (such a job then fails with ``runner_unsupported``).
    """

    def __init__(
        self,
        workspaces: Workspaces,
        artifacts: ArtifactStore,
        caches: CacheStore,
        settings: LocalSettings,
        *,
        place: Callable[[Workspace], Place] = Host,
        containers: Containers | None = None,
    ) -> None:
        self.workspaces, self.artifacts, self.caches, self.settings = workspaces, artifacts, caches, settings
        self.place, self.containers = place, containers
        self.base = base_environment(settings.pass_environment, activated=settings.activated)
        self.cages = Cages(settings.marker)

    def run(self, order: JobOrder, log: JobLog, cancel: Cancellation) -> JobResult:
        """The whole life of one attempt. What the job does, a full disk, a broken store or a fault of ours is in the
        result."""
        return _Attempt(self, order, log, cancel).run()

    def close(self) -> None:
        """No job runs any longer: remove what held them."""
        self.cages.close()


class _Attempt:
    """One attempt while it runs."""

    def __init__(self, executor: LocalExecutor, order: JobOrder, log: JobLog, cancel: Cancellation) -> None:
        self.settings = executor.settings
        if order.image is None and self.settings.default_image:
            order = msgspec.structs.replace(order, image=Image(name=self.settings.default_image))
        self.executor, self.order, self.cancel = executor, order, cancel
        self.started = time.time()
        self.clock = time.monotonic()
        self.deadline = self.clock + order.timeout
        self.timings: dict[str, float] = {}
        self.out_of_time = False  # or over another limit: nothing of the job runs or is kept any more
        self.hold: Hold | None = None
        self.identity = (0, 0)  # of the folder of the working copy
        self.script_began = False
        self.marker = f"{self.settings.marker}{order.id}-{os.urandom(6).hex()}"
        self.coverage, wrong = _coverage_finder(order.coverage)
        masker = Masker((*_secrets_of(order), *executor.settings.secrets))
        self.output = Output(log, masker, self.settings.limits.log, self.coverage)
        self.verdict = Verdict(self.output, cancel)
        self.verdict.warnings += wrong
        self.stores = Stores(executor.artifacts, executor.caches, order, self.output, self.verdict, self.timings)

    def run(self) -> JobResult:
        self.output.say(t("Running with plumbline {version} (local)", version=__version__), PLAIN)
        for notice in self.order.notices:
            self.output.say(notice, YELLOW)
        try:
            self._in_workspace()
        except PlumblineError as error:
            if not self.verdict.good:
                self.verdict.warnings.append(error.message)
            elif not self.verdict.canceled():
                self.verdict.fail(_REASONS.get(error.code, FailureReason.RUNNER_SYSTEM), error.message)
                if error.hint is not None:
                    self.output.say(error.hint, YELLOW)
        except OSError as error:
            self.verdict.fail_by_system(error)
        except BaseException as error:  # noqa: BLE001 (a job ends in a verdict, whatever is wrong with us)
            trace = "".join(traceback.format_exception(error))
            _log.error("fault while job %d was run\n%s", self.order.id, self.output.masker.mask_text(trace))
            self.verdict.fail_by_fault(error)
        self._say_verdict()
        return self._result()

    def _in_workspace(self) -> None:
        begun = time.monotonic()
        workspace = self.executor.workspaces.open(self.order)
        self.timings["workspace"] = time.monotonic() - begun
        for notice in workspace.notices:
            self.output.say(notice, YELLOW)
        try:
            place = self._place(workspace)
            if place is None:
                return
            try:
                self.output.say(t("The job runs in: {place}", place=place.title))
                self.identity = _identity(workspace.root)
                self.hold = Hold(self.executor.cages, self.settings.limits, workspace, place)
                if lacking := self.hold.lacking():
                    self.output.say(lacking, YELLOW)
                self._in_place(workspace, place)
            finally:
                place.close()
        finally:
            try:
                if self.hold is not None:
                    self.hold.close()
            finally:
                self._close(workspace)

    def _place(self, workspace: Workspace) -> Place | None:
        if self.order.image is None and self.order.services:
            what = t("the job has services and no image: they are reached from a container alone, so name an image")
            self.verdict.fail(FailureReason.RUNNER_UNSUPPORTED, what)
            return None
        if self.order.image is None:
            return self.executor.place(workspace)
        if self.executor.containers is None:
            what = t("the job wants the image '{image}', and no container engine answers", image=self.order.image.name)
            self.verdict.fail(FailureReason.RUNNER_UNSUPPORTED, what)
            return None
        return self.executor.containers.open(self.order, workspace, self.marker, self.output, self.cancel)

    def _close(self, workspace: Workspace) -> None:
        try:
            workspace.close()
        except (OSError, PlumblineError) as error:
            self.verdict.warnings.append(t("the working copy could not be removed: {reason}", reason=str(error)))

    def _in_place(self, workspace: Workspace, place: Place) -> None:
        given = {
            "CI_PROJECT_DIR": place.root,
            "CI_BUILDS_DIR": place.root.rpartition("/")[0],
            "CI_JOB_STATUS": "running",
            MARKER: self.marker,
        }
        if not place.foreign:
            given["TMPDIR"] = place.scratch
        files = FileVariables(workspace.scratch, place.scratch, shared=place.foreign)
        base = place.environment(self.executor.base)
        prepared = prepare(base, self.order.variables, given, files)
        steps = {name: [step for step in self.order.steps if step.name == name] for name in (HOOK, AFTER)}
        for step in steps[HOOK]:
            self._step(place, prepared, step, place.scratch)
        self.stores.restore_caches(prepared.values, workspace.root)
        self.stores.unpack_dependencies(workspace.root)
        self.stores.begin(workspace.scratch)
        for step in self.order.steps:
            if step.name not in steps and (self.verdict.good or (step.always and not self.out_of_time)):
                self._step(place, prepared, step, place.root)
        if self.script_began and not self.out_of_time:
            for step in steps[AFTER]:
                self._after(place, prepared, step)
        if self.hold is not None and self.hold.run_into is not None and self.verdict.good:
            self.verdict.warn(t("the job succeeded, and {limit}", limit=self.hold.run_into))
        if not self.out_of_time and self.cancel.level < 2 and self._still_there(workspace):
            self.stores.save_caches(prepared.values, workspace.root)
            if self.script_began:
                self.stores.find_reports(prepared.values, workspace.root)
            self.stores.keep_artifacts(prepared.values, workspace.root, take_found=self.settings.take_reports)

    def _still_there(self, workspace: Workspace) -> bool:
        """Whether the working copy is the folder that the job was given: nothing is kept by way of another."""
        if _identity(workspace.root) == self.identity:
            return True
        self.verdict.fail(FailureReason.SCRIPT, t("the job removed its working copy, or put something in its place"))
        return False

    # The script

    def _step(self, place: Place, prepared: Prepared, step: ScriptStep, folder: str) -> None:
        if self.verdict.canceled() or (not self.verdict.good and not step.always):
            return
        if not step.lines:
            if step.name == RELEASE:
                self.output.say(t("The release is noted; a local run does not publish it."))
            return
        self.script_began = self.script_began or step.name == SCRIPT
        left = self.deadline - time.monotonic()
        limit = _own_limit(prepared.values, "RUNNER_SCRIPT_TIMEOUT", step.timeout)
        own = limit is not None and limit < left
        title = t("Running the job script") if step.name == SCRIPT else t("Running {step}", step=step.name)
        ending = self._run_step(place, prepared, step, title, folder, limit if own and limit is not None else left)
        if ending.stopped is Stopped.TIMEOUT:
            self.out_of_time = not own
            duration = spoken(limit if own and limit is not None else self.order.timeout)
            self.verdict.fail(
                FailureReason.TIMEOUT, t("the job ran longer than its timeout of {duration}", duration=duration)
            )
        elif halted := self._halted(ending):
            self.verdict.fail(halted.reason, t("the job was ended: {why}", why=halted.message or ""))
        elif ending.stopped is not Stopped.NOT:
            self.verdict.canceled()
        elif ending.exit_code and not step.allow_failure:
            self.verdict.fail(FailureReason.SCRIPT, self._failure(ending.exit_code), ending.exit_code)
        elif step.name == SCRIPT:
            self.verdict.exit_code = ending.exit_code

    def _halted(self, ending: Ending) -> Watched | None:
        """Why a script was ended that took more than it may; nothing of the job runs or is kept after that."""
        if ending.stopped is not Stopped.LIMIT or self.hold is None:
            return None
        self.out_of_time = True
        return self.hold.watched

    def _failure(self, code: int) -> Text:
        """An exit status, with the limit that the job ran into."""
        limit = self.hold.of_status(code) if self.hold is not None else None
        return t("{status}; {limit}", status=status(code), limit=limit) if limit is not None else status(code)

    def _after(self, place: Place, prepared: Prepared, step: ScriptStep) -> None:
        if self.cancel.level >= 2:
            return
        prepared.environ["CI_JOB_STATUS"] = _STATUS[self.verdict.state]
        limit = step.timeout or self.settings.after_script_timeout
        limit = _own_limit(prepared.values, "RUNNER_AFTER_SCRIPT_TIMEOUT", limit) or limit
        title = t("Running after_script")
        try:
            ending = self._run_step(place, prepared, step, title, place.root, limit, stop_at=2)
        except PlumblineError as error:  # of the place: the script itself has ended well or not
            self.verdict.warn(error.message)
            return
        if ending == Ending(0):
            return
        if halted := self._halted(ending):
            said = t("after_script was ended: {why}", why=halted.message or "")
        elif ending.stopped is Stopped.TIMEOUT:
            said = t("after_script was stopped after {duration}", duration=spoken(limit))
        else:
            said = t("after_script failed: exit status {code}", code=ending.exit_code)
        if self.verdict.good and prepared.values.get("AFTER_SCRIPT_IGNORE_ERRORS", "").lower() in ("false", "0"):
            self.verdict.fail(FailureReason.SCRIPT, said, ending.exit_code)
        else:
            self.verdict.warn(said)

    def _run_step(
        self,
        place: Place,
        prepared: Prepared,
        step: ScriptStep,
        title: Text,
        folder: str,
        timeout: float,
        stop_at: int = 1,
    ) -> Ending:
        section = "step_script" if step.name == SCRIPT else step.name
        self.output.begin(section, title)
        trace = prepared.values.get("CI_DEBUG_TRACE", "").lower() == "true"
        assert self.hold is not None
        first = self.hold.first_lines()
        program = compose(step.lines, folder, bash=place.bash, trace=trace, large=prepared.large, first=first)
        begun = time.monotonic()
        try:
            start = place.start(program, prepared.environ, step.name)
            ending = run_program(
                self.hold.around(start.argv),
                start.environ,
                handles=start.handles,
                write=self.output.write,
                cancel=self.cancel,
                marker=self.marker,
                timeout=timeout,
                grace=self.settings.grace,
                stop_at=stop_at,
                wrapped=place.wrapped,
                cage=self.hold.cage,
                halted=self.hold.watched.halted,
            )
            if start.judge is not None:
                start.judge(ending)
            return ending
        finally:
            self.hold.script_ended()
            self.timings[step.name] = self.timings.get(step.name, 0.0) + time.monotonic() - begun
            self.output.end(section)

    def _say_verdict(self) -> None:
        try:
            if self.verdict.good:
                self.output.say(t("Job succeeded"), GREEN)
            elif self.verdict.state is State.CANCELED:
                self.output.say(t("Job canceled"), YELLOW)
            else:
                self.output.say(t("ERROR: Job failed: {reason}", reason=self.verdict.message or ""), RED)
        except OSError as error:  # the disk is full: the result says it
            self.verdict.fail_by_system(error)

    def _result(self) -> JobResult:
        self.timings["total"] = time.monotonic() - self.clock
        verdict, kept = self.verdict, self.stores.kept
        return JobResult(
            state=verdict.state,
            exit_code=verdict.exit_code,
            reason=verdict.reason,
            message=verdict.masked(verdict.message) if verdict.message is not None else None,
            started=self.started,
            finished=time.time(),
            coverage=self.coverage.finish() if self.coverage is not None else None,
            dotenv=kept.dotenv if kept is not None and verdict.good else (),
            kept=kept.files if kept is not None else (),
            caches=tuple(verdict.shown_use(use) for use in self.stores.cache_uses),
            warnings=tuple(verdict.masked(warning) for warning in verdict.warnings),
            timings=self.timings,
            found=self.stores.found,
        )


def _identity(folder: str) -> tuple[int, int]:
    """Device and inode of a folder; of anything else, a new link with an old inode among it, what no folder has."""
    try:
        info = os.lstat(folder)
    except OSError:
        return -1, -1
    return (info.st_dev, info.st_ino) if stat.S_ISDIR(info.st_mode) else (-1, -1)


def _secrets_of(order: JobOrder) -> Iterator[str]:
    """The values of masked variables, as they were given and as the job sees them."""
    for variable in order.variables:
        if variable.masked:
            yield variable.value
            if "$" in variable.value and not variable.raw:
                yield runner_expand(variable.value, {each.name: each.value for each in order.variables})


def _coverage_finder(pattern: str) -> tuple[CoverageFinder | None, tuple[Text, ...]]:
    if not pattern:
        return None, ()
    try:
        return CoverageFinder(pattern), ()
    except ValueError as error:
        return None, (t("coverage: the regular expression is not valid: {reason}", reason=str(error)),)


def _own_limit(values: dict[str, str], name: str, otherwise: float | None) -> float | None:
    """A limit that the job sets by a variable; one that cannot be read is as if it were not there."""
    try:
        return seconds_of(values[name]) if values.get(name) else otherwise
    except ValueError:
        return otherwise
