"""From the files to a plan: the reading order of the language, one step after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.kernel import t
from plumbline.kernel.text import nt
from plumbline.model.change import Change
from plumbline.model.job import When
from plumbline.model.pipeline import AutoCancel, Job, JobDecision, Plan, Variable, VariableSource, Workflow
from plumbline.model.problem import Mark, Problem, Severity
from plumbline.pipeline.assemble import Assembled, Piece, assemble, assemble_sources
from plumbline.pipeline.graph import Graph, find_cycle
from plumbline.pipeline.inherit import defaults_of
from plumbline.pipeline.jobs import JobReader, ReadJob, finish
from plumbline.pipeline.keyword import Place
from plumbline.pipeline.language import predefined
from plumbline.pipeline.language.rules import Outcome, RuleContext, dead_rules, decide
from plumbline.pipeline.language.scope import Scope, hide_masked, values
from plumbline.pipeline.language.variables import VariableError, as_mapping, expand, expand_all
from plumbline.pipeline.sections import Reader, is_global
from plumbline.pipeline.source.syntax import Map, mark_of
from plumbline.pipeline.source.wording import did_you_mean
from plumbline.pipeline.stop_jobs import check_stop_jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.kernel import Text
    from plumbline.model.ports.jobs import Repository
    from plumbline.pipeline.draft import Draft

DEFAULT_STAGES = ("build", "test", "deploy")
EDGES = (".pre", ".post")
_MOST_FILES = 2000  # among which the nearest to a wrong name is looked for


class PlanRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a pipeline is asked for with. ``sources``: of a child pipeline, instead of ``config_path``; a tuple is a
    file that a job left: name, content, inputs. ``now``: POSIX seconds."""

    change: Change
    config_path: str = ".gitlab-ci.yml"
    variables: tuple[Variable, ...] = ()
    inputs: dict[str, object] = {}
    sources: tuple[Piece, ...] = ()
    now: float = 0.0
    parsed: dict[tuple[str, bytes], Any] = {}  # what was read already, shared with other plans
    left_out: bool = False  # also those jobs that the rules leave out, one instance each, in ``Plan.left_out``


def make_plan(request: PlanRequest, repository: Repository) -> Plan:
    """Plan a pipeline. Mistakes of the user are in ``problems``; with an error among them there are no jobs."""
    return _Planner(request, repository).plan()


class _Planner:
    def __init__(self, request: PlanRequest, repository: Repository) -> None:
        self.request = request
        self.change = request.change
        self.repository = repository
        self.problems: list[Problem] = []
        self.decisions: list[JobDecision] = []
        self.defined: dict[str, int] = {}  # every visible job, and the index of its stage (-1: unknown)
        self.left_out: list[Draft] = []
        self.without: list[Job] = []  # those of them that can be said how they would be
        self.reader = Reader(self.problems)
        known = predefined.pre_pipeline(request.change, request.config_path, predefined.timestamp(request.now))
        self.outside = (*known, *request.variables)
        self.context = RuleContext(variables={}, repository=repository, event=request.change.event)

    def plan(self) -> Plan:
        assembled = self._assemble()
        if assembled is None:
            return Plan(change=self.change, problems=tuple(self.problems))
        incomplete = len(self.problems) if _wrong(self.problems) or assembled.missing else 0
        config = assembled.config
        root = self.reader.root(config)
        top = tuple(root.get("variables", ()))
        workflow = self._workflow(config, top)
        variables = (*self.outside, *top, *workflow.variables)
        plan = Plan(
            change=self.change, workflow=workflow, variables=variables, files=assembled.files, expanded=dict(config)
        )
        started = workflow.decision is None or workflow.decision.included
        stages = _stages(root.get("stages") or root.get("types") or DEFAULT_STAGES)
        says_no = None if started or workflow.decision is None else _no_pipeline(workflow.decision)
        drafts = self._drafts(config, variables, stages, says_no)
        scope = Scope(variables, protected=self.change.protected)
        jobs = self._jobs(drafts, scope) if started else []
        if self.request.left_out:
            self._finish_left_out(drafts if not started else [], scope)
        if incomplete:
            self._drop_consequences(incomplete, assembled.missing)
        if _wrong(self.problems):
            jobs = []
        elif started:
            jobs = self._only_edges(jobs)
        used = tuple(dict.fromkeys(job.stage for job in jobs))
        return msgspec.structs.replace(
            plan,
            stages=used,
            jobs=tuple(_at(job, used) for job in jobs),
            problems=tuple(self.problems),
            decisions=tuple(self.decisions),
            left_out=tuple(self.without) if self.request.left_out and not _wrong(self.problems) else (),
        )

    # 1 to 5: one configuration from many files

    def _assemble(self) -> Assembled | None:
        request = self.request
        visible = values(Scope(self.outside, protected=self.change.protected).of_job(()))
        if request.sources:
            return assemble_sources(request.sources, self.repository, visible, self.problems)
        content = self.repository.read(request.config_path)
        if content is None:
            self.problems.append(
                Problem(
                    code="no-configuration",
                    message=t("there is no file '{path}'", path=request.config_path),
                    where=Mark(request.config_path),
                    hint=self._near_file(request.config_path) or t("Name another one with --file."),
                )
            )
            return None
        return assemble(
            content, request.config_path, self.repository, visible, dict(request.inputs), self.problems, request.parsed
        )

    def _near_file(self, path: str) -> Text | None:
        known = [file for file in self.repository.files() if file.endswith((".yml", ".yaml"))]
        return did_you_mean(path, known) if len(known) < _MOST_FILES else None

    def _drop_consequences(self, first: int, missing: int) -> None:
        """What follows from a file or an input that is missing is not the user's second mistake; but it is said that
        not everything was checked."""
        kept = [p for p in self.problems[first:] if p.code not in _CONSEQUENCES and "$[[" not in f"{p.message}"]
        dropped = len(self.problems) - first - len(kept)
        self.problems[first:] = kept
        if missing:
            message = nt(
                "incomplete: {count} included file was not read, and what depends on it was not checked",
                "incomplete: {count} included files were not read, and what depends on them was not checked",
                missing,
            )
            hint = t("Map a copy of it: --map NAME=PATH; or leave it out: --map NAME=")
            where = self.problems[0].where
            self.problems.append(
                Problem(code="incomplete", severity=Severity.NOTE, message=message, where=where, hint=hint)
            )
        elif dropped:
            message = t("{count} more problems may only follow from these, and are not shown", count=dropped)
            self.problems.append(
                Problem(code="incomplete", severity=Severity.NOTE, message=message, where=self.problems[0].where)
            )

    # 9: workflow

    def _workflow(self, config: Map, top: tuple[Variable, ...]) -> Workflow:
        raw = config.get("workflow")
        raw = raw if isinstance(raw, dict) else {}
        scope = Scope((*self.outside, *top), protected=self.change.protected)
        visible = values(scope.of_job(()))
        auto_cancel = _auto_cancel(raw.get("auto_cancel"), AutoCancel())
        name = raw.get("name")
        decision: JobDecision | None = None
        extra: tuple[Variable, ...] = ()
        if isinstance(raw.get("rules"), list):
            outcome = decide("workflow", raw["rules"], self.context.with_variables(visible))
            self.problems.extend(outcome.problems)
            extra = self._workflow_variables(outcome)
            auto_cancel = _auto_cancel(outcome.auto_cancel, auto_cancel)
            decision = hide_masked(outcome.decision("workflow"), scope.of_job(()))
        text = (
            self._expanded(str(name), Scope((*self.outside, *top, *extra), protected=self.change.protected))
            if name
            else ""
        )
        return Workflow(name=text, auto_cancel=auto_cancel, variables=extra, decision=decision)

    def _expanded(self, text: str, scope: Scope) -> str:
        """A text of the pipeline itself. Variables that go round in a circle are a problem, and the text stays."""
        try:
            known = as_mapping(expand_all(tuple(scope.of_job(()).values()), unknown=""))
            return expand(text, known, unknown="").strip()
        except VariableError as error:
            self._bad_variables(error, f"variables:{error.name}", None)
            return text

    def _bad_variables(self, error: VariableError, keyword: str, where: Mark | None) -> None:
        self.reader.report(
            Problem(
                code="variables-not-expandable", message=error.message, where=where, keyword=keyword, hint=error.hint
            )
        )

    def _workflow_variables(self, outcome: Outcome) -> tuple[Variable, ...]:
        if outcome.variables is None:
            return ()
        holder = Map({"variables": outcome.variables}, outcome.where or Mark(""))
        read = self.reader.section(holder, Place.JOB, "workflow:rules", outcome.where)
        return tuple(msgspec.structs.replace(v, source=VariableSource.WORKFLOW_RULE) for v in read.get("variables", ()))

    # 6 to 8 and 10: the jobs that are in

    def _drafts(
        self,
        config: Map,
        variables: tuple[Variable, ...],
        stages: dict[str, int],
        workflow_says_no: Callable[[str], JobDecision] | None,
    ) -> list[Draft]:
        workflow = config.get("workflow")
        reader = JobReader(
            self.reader,
            defaults_of(config),
            stages,
            Scope(variables, protected=self.change.protected),
            workflow_has_rules=isinstance(workflow, dict) and bool(workflow.get("rules")),
        )
        drafts: list[Draft] = []
        jobs: dict[str, ReadJob] = {}
        for name, raw in config.items():
            if name.startswith("."):
                self._check_hidden(name, raw, config)
                continue
            if is_global(name):
                continue
            self.defined[name] = -1
            read = reader.read(name, raw, config)
            if read:
                jobs[name] = read
                self.defined[name] = stages[read.values.get("stage", "test")]
                self._warn_of_dead_rules(read)
            if read and workflow_says_no is not None:
                self.decisions.append(workflow_says_no(name))
                if self.request.left_out:
                    drafts += reader.judge(read, self.context)[0]
            elif read:
                kept, decision = reader.judge(read, self.context)
                drafts += kept
                self.decisions.append(decision)
        if not self.defined and not _wrong(self.problems):
            self._no_visible_job(config)
        check_stop_jobs(jobs, self.reader)
        self.left_out = reader.left_out
        return drafts

    def _check_hidden(self, name: str, raw: Any, config: Map) -> None:
        """What stands under a hidden name is anything but nothing."""
        if raw is None or raw in ("", {}, []) or raw is False:
            message = t("there is nothing in it")
            hint = t("Remove it, or put something into it.")
            self.reader.report(
                Problem(code="empty", message=message, where=mark_of(config, name), keyword=name, hint=hint)
            )

    def _no_visible_job(self, config: Map) -> None:
        first = next(iter(config), "")
        self.problems.append(
            Problem(
                code="no-visible-job",
                message=t("there is no job whose name does not begin with a dot"),
                where=mark_of(config, first) if first else None,
                hint=t("Add a job; those whose names begin with a dot are templates."),
            )
        )

    def _warn_of_dead_rules(self, job: ReadJob) -> None:
        for _, where in dead_rules(job.values.get("rules")):
            self.reader.report(
                Problem(
                    code="dead-rule",
                    severity=Severity.WARNING,
                    message=t("this rule is never reached: one before it matches always"),
                    where=where or job.where,
                    keyword=f"{job.name}:rules",
                    hint=t("Move it up, or give the rule before it a condition."),
                )
            )

    # 11: who waits for whom

    def _jobs(self, drafts: list[Draft], scope: Scope) -> list[Job]:
        graph = Graph(drafts, self.defined, self.problems)
        jobs: list[Job] = []
        for draft in sorted(drafts, key=lambda draft: draft.stage_index):
            written = draft.needs
            needs = None if written is None else graph.needs(draft, written)
            wanted = draft.values.get("dependencies")
            dependencies = None if wanted is None else graph.dependencies(draft, wanted, needs)
            try:
                jobs.append(finish(draft, needs, dependencies, scope))
            except VariableError as error:
                self._bad_variables(error, f"{draft.group}:variables:{error.name}", draft.place("variables"))
        for draft in self.left_out:
            graph.check_left_out(draft)
        for draft in (*drafts, *self.left_out):
            graph.check_sources(draft)
        self._no_cycle(jobs)
        return jobs

    def _finish_left_out(self, drafts: list[Draft], scope: Scope) -> None:
        """The jobs that are not in the pipeline, as they would be; ``drafts``: those that workflow:rules keep out."""
        for draft in (*drafts, *self.left_out):
            try:
                self.without.append(finish(draft, None, None, scope))
            except VariableError as error:
                self._bad_variables(error, f"{draft.group}:variables:{error.name}", draft.place("variables"))

    def _no_cycle(self, jobs: list[Job]) -> None:
        cycle = find_cycle({job.name: [need.job for need in job.needs or ()] for job in jobs})
        if cycle:
            first = next(job for job in jobs if job.name == cycle[0])
            self.problems.append(
                Problem(
                    code="cyclic-needs",
                    message=t("the jobs need each other in a circle: {chain}", chain=" -> ".join(cycle)),
                    where=first.where,
                    keyword=f"{first.group}:needs",
                    hint=t("Take one of these needs away."),
                )
            )

    def _only_edges(self, jobs: list[Job]) -> list[Job]:
        """A pipeline with nothing but ``.pre`` and ``.post`` jobs is not created."""
        if jobs and all(job.stage in EDGES for job in jobs):
            self.problems.append(
                Problem(
                    code="only-edge-stages",
                    severity=Severity.WARNING,
                    message=t("no pipeline: all its jobs are in the stages .pre and .post"),
                    where=jobs[0].where,
                    hint=t("Add a job in another stage."),
                )
            )
            return []
        return jobs


_CONSEQUENCES = frozenset(
    {"unknown-stage", "missing-script", "unknown-need", "need-not-in-pipeline", "invalid-on-stop", "no-visible-job"}
)


def _wrong(problems: list[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


def _no_pipeline(decision: JobDecision) -> Callable[[str], JobDecision]:
    """Why every job is left out where workflow:rules start no pipeline."""
    reason = t("no pipeline is created, says 'workflow: rules': {reason}", reason=decision.reason)
    return lambda name: JobDecision(job=name, included=False, reason=reason, where=decision.where, when=When.NEVER)


def _stages(written: Any) -> dict[str, int]:
    middle = [stage for stage in written if stage not in EDGES]
    return {stage: index for index, stage in enumerate(dict.fromkeys([".pre", *middle, ".post"]))}


def _at(job: Job, used: tuple[str, ...]) -> Job:
    return msgspec.structs.replace(job, stage_index=used.index(job.stage))


def _auto_cancel(raw: Any, base: AutoCancel) -> AutoCancel:
    if not isinstance(raw, dict):
        return base
    return AutoCancel(
        on_new_commit=str(raw.get("on_new_commit") or base.on_new_commit),
        on_job_failure=str(raw.get("on_job_failure") or base.on_job_failure),
    )
