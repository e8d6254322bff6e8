"""Jobs: read with their defaults, fanned out, judged by their rules, and finished into the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from plumbline.kernel import t
from plumbline.model.job import When
from plumbline.model.pipeline import AllowFailure, Environment, Job, JobDecision, Need, Retry, Variable, VariableSource
from plumbline.model.problem import Mark, Problem
from plumbline.pipeline.draft import Draft
from plumbline.pipeline.inherit import with_defaults
from plumbline.pipeline.keyword import Place
from plumbline.pipeline.language import matrix, predefined
from plumbline.pipeline.language.only import decide_only
from plumbline.pipeline.language.rules import Outcome, decide
from plumbline.pipeline.language.scope import hide_masked, values
from plumbline.pipeline.language.slugs import environment_tier
from plumbline.pipeline.language.variables import expand, expand_all
from plumbline.pipeline.source.syntax import Map, mark_of

if TYPE_CHECKING:
    from plumbline.pipeline.language.rules import RuleContext
    from plumbline.pipeline.language.scope import Scope
    from plumbline.pipeline.sections import Reader


RESERVED = "pages:deploy"  # beside the global keywords


MAX_NAME = 255  # characters of a job as it is written; instances of a matrix may have longer ones


class ReadJob(NamedTuple):
    """A job of the file: its keywords with defaults, and their typed values."""

    name: str
    raw: Map
    values: dict[str, Any]
    where: Mark
    free: bool = False  # its rules were taken away with null, and what only means by default with them


class JobReader:
    """Reads and judges the jobs of one configuration."""

    def __init__(
        self, reader: Reader, defaults: Map, stages: dict[str, int], scope: Scope, *, workflow_has_rules: bool
    ) -> None:
        self._reader = reader
        self._defaults = defaults
        self._stages = stages
        self._scope = scope
        self._workflow_has_rules = workflow_has_rules
        self.left_out: list[Draft] = []  # one instance of each job that is not in the pipeline

    def read(self, name: str, raw: Any, config: Map) -> ReadJob | None:
        """The typed job, or None when it is no job at all; mistakes are reported."""
        where = mark_of(config, name)
        if name == RESERVED or not name.strip():
            self._reserved(name, where)
            return None
        if not isinstance(raw, Map):
            self._reader.report(
                Problem(
                    code="unknown-keyword",
                    message=t("'{name}' is neither a keyword nor a job", name=name),
                    where=where,
                    keyword=name,
                    hint=t("A job is a map with a script; a template's name begins with a dot."),
                )
            )
            return None
        if len(name) > MAX_NAME:
            self._name_too_long(name, where)
        full = with_defaults(raw, self._defaults)
        free = "rules" in raw.dropped or ("rules" in raw and raw["rules"] is None)
        found = ReadJob(name, full, self._reader.job(full, name, where), where, free)
        stage = found.values.get("stage", "test")
        if stage not in self._stages:
            self._unknown_stage(found, stage)
            return None
        return found

    def _reserved(self, name: str, where: Mark) -> None:
        self._reader.report(
            Problem(
                code="reserved-name",
                message=t("'{name}' cannot be the name of a job", name=name),
                where=where,
                keyword=name,
                hint=t("Give the job another name."),
            )
        )

    def _unknown_stage(self, job: ReadJob, stage: str) -> None:
        self._reader.report(
            Problem(
                code="unknown-stage",
                message=t("there is no stage '{stage}'", stage=stage),
                where=mark_of(job.raw, "stage") if "stage" in job.raw else job.where,
                keyword=f"{job.name}:stage",
                hint=t("Declared stages: {stages}", stages=", ".join(self._stages)),
            )
        )

    def judge(self, job: ReadJob, context: RuleContext) -> tuple[list[Draft], JobDecision]:
        """The instances of a job that are in the pipeline, and why (not)."""
        drafts: list[Draft] = []
        first: Outcome | None = None
        chosen: Outcome | None = None
        for instance in _instances(job):
            draft = Draft(job.name, job.raw, job.values, job.where, instance)
            draft.stage = job.values.get("stage", "test")
            draft.stage_index = self._stages[draft.stage]
            outcome = self._decide(job, draft, context)
            for problem in outcome.problems:
                self._reader.report(problem)
            first = first or outcome
            draft.outcome = outcome
            if outcome.included:
                chosen = chosen or outcome
                self._apply_rule(job, draft, outcome)
                drafts.append(draft)
        decisive = chosen or first
        assert decisive is not None
        if not drafts:
            self.left_out.append(draft)
        decision = decisive.decision(job.name, job.where, job.values.get("when"))
        return drafts, hide_masked(decision, self._scope.of_job(()))

    def _name_too_long(self, name: str, where: Mark) -> None:
        self._reader.report(
            Problem(
                code="job-name-too-long",
                message=t(
                    "the name has {count} characters, at most {limit} are allowed", count=len(name), limit=MAX_NAME
                ),
                where=where,
                keyword=name,
            )
        )

    def _decide(self, job: ReadJob, draft: Draft, context: RuleContext) -> Outcome:
        visible = predefined.of_draft(draft.name, draft.group, draft.stage, draft.instance.number, draft.instance.total)
        visible |= values(self._scope.of_job(_own(draft), inherit=inherited_variables(job.values)))
        rules = job.values.get("rules")
        if rules is not None:
            return decide(job.name, rules, context.with_variables(visible))
        if job.free and "only" not in job.values and "except" not in job.values:
            return Outcome(included=True, reason=t("its rules were taken away, and so it is in every pipeline"))
        return decide_only(
            job.name,
            job.values.get("only"),
            job.values.get("except"),
            context.with_variables(visible),
            workflow_has_rules=self._workflow_has_rules,
        )

    def _apply_rule(self, job: ReadJob, draft: Draft, outcome: Outcome) -> None:
        """``rules:variables`` and ``rules:needs`` are written like the job's own and read by the same parts."""
        for keyword in ("variables", "needs"):
            raw = getattr(outcome, keyword)
            if raw is not None:
                holder = Map({keyword: raw})
                holder.marks[keyword] = outcome.where or job.where
                read = self._reader.section(holder, Place.JOB, f"{job.name}:rules", outcome.where)
                if keyword == "needs":
                    draft.needs = read.get("needs")
                else:
                    draft.rule_variables = _sourced(read.get("variables", ()), VariableSource.JOB_RULE)


def _instances(job: ReadJob) -> list[matrix.Instance]:
    parallel = job.values.get("parallel")
    if parallel is None:
        return [matrix.Instance(job.name)]
    if parallel.total is not None:
        return matrix.numbered(job.name, parallel.total)
    return matrix.crossed(job.name, parallel.matrix)


def inherited_variables(read: dict[str, Any]) -> bool | tuple[str, ...]:
    inherit = read.get("inherit")
    return True if inherit is None else inherit.variables


def _sourced(variables: tuple[Variable, ...], source: VariableSource) -> tuple[Variable, ...]:
    return tuple(msgspec.structs.replace(v, source=source) for v in variables)


def _own(draft: Draft) -> tuple[Variable, ...]:
    """Variables of the job itself, lowest precedence first."""
    fanned = tuple(Variable(name, value, VariableSource.MATRIX) for name, value in draft.instance.variables)
    return (*draft.values.get("variables", ()), *fanned, *draft.rule_variables)


def finish(draft: Draft, needs: tuple[Need, ...] | None, dependencies: tuple[str, ...] | None, scope: Scope) -> Job:
    """The job as the model has it, with what the server expands expanded."""
    read, outcome, own = draft.values, draft.outcome, _own(draft)
    assert outcome is not None
    inherit = inherited_variables(read)
    texts = _Texts(scope, own, inherit, draft)
    if own:
        texts.settle()
    when = outcome.when or read.get("when", When.ON_SUCCESS)
    return Job(
        name=draft.name,
        group=draft.group,
        where=draft.where,
        stage=draft.stage,
        stage_index=draft.stage_index,
        before_script=read.get("before_script", ()),
        script=read.get("script", ()),
        after_script=read.get("after_script", ()),
        variables=own,
        inherit_variables=inherit,
        image=read.get("image"),
        services=read.get("services", ()),
        tags=tuple(texts.expand(tag) for tag in read.get("tags", ())),
        when=when,
        start_in=outcome.start_in if outcome.start_in is not None else read.get("start_in"),
        manual_confirmation=read.get("manual_confirmation", ""),
        allow_failure=_allow_failure(draft),
        needs=needs,
        dependencies=dependencies,
        artifacts=read.get("artifacts"),
        caches=read.get("cache", ()),
        environment=_environment(read.get("environment"), texts),
        resource_group=texts.fill(read.get("resource_group", "")),
        retry=read.get("retry", Retry()),
        timeout=read.get("timeout"),
        interruptible=read.get("interruptible", False) if outcome.interruptible is None else outcome.interruptible,
        trigger=read.get("trigger"),
        coverage=read.get("coverage", ""),
        release=read.get("release"),
        pre_get_sources=read.get("hooks", ()),
        node_index=draft.instance.number,
        node_total=draft.instance.total,
        id_tokens=read.get("id_tokens", {}),
        secrets=read.get("secrets", {}),
        pages=bool(read.get("pages")) or draft.group == "pages",
        run=read.get("run", ()),
        inputs=read.get("inputs") or {},
        expanded=dict(draft.raw),
    )


def _allow_failure(draft: Draft) -> AllowFailure:
    """A rule's word, else the job's, else true for a job that is manual by its own ``when`` alone."""
    assert draft.outcome is not None
    if draft.outcome.allow_failure is not None:
        return AllowFailure(draft.outcome.allow_failure)
    return draft.values.get("allow_failure") or AllowFailure(draft.values.get("when") is When.MANUAL)


class _Texts:
    """Expands a job's texts with its variables, which are only put together when a text needs them."""

    def __init__(self, scope: Scope, own: tuple[Variable, ...], inherit: bool | tuple[str, ...], draft: Draft) -> None:
        self._scope = scope
        self._own = own
        self._inherit = inherit
        self._draft = draft
        self._values: dict[str | None, dict[str, str]] = {}  # by what stands for an unknown name

    def expand(self, text: str) -> str:
        """With unknown names as they are."""
        return expand(text, self.settle()) if "$" in text or "%" in text else text

    def fill(self, text: str) -> str:
        """With nothing in the place of unknown names, in the values of variables too."""
        return expand(text, self.settle(unknown=""), unknown="") if "$" in text or "%" in text else text

    def settle(self, unknown: str | None = None) -> dict[str, str]:
        """Every variable's final value. Raises VariableError when they go round in a circle or grow without end."""
        if unknown not in self._values:
            draft = self._draft
            found = self._scope.of_job(self._own, inherit=self._inherit)
            known = predefined.of_draft(
                draft.name, draft.group, draft.stage, draft.instance.number, draft.instance.total
            )
            expanded = expand_all(tuple(found.values()), known=known, unknown=unknown)
            self._values[unknown] = known | {v.name: v.value for v in expanded}
        return self._values[unknown]


def _environment(written: Environment | None, texts: _Texts) -> Environment | None:
    if written is None:
        return None
    name = texts.fill(written.name)
    tier = texts.fill(written.tier) or environment_tier(name)
    return msgspec.structs.replace(written, name=name, tier=tier, auto_stop_in=texts.fill(written.auto_stop_in))
