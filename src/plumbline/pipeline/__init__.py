"""GitLab CI YAML in, plan or problems out; and given a plan and what has finished, what may run next."""

from plumbline.pipeline.asking import AskedValue, Asking, asking
from plumbline.pipeline.inputs import embedded
from plumbline.pipeline.job_inputs import chosen_inputs, fill_inputs, give_inputs
from plumbline.pipeline.keyword_facts import Status
from plumbline.pipeline.keywords import find as find_keyword
from plumbline.pipeline.language import predefined
from plumbline.pipeline.language.cron import next_time
from plumbline.pipeline.language.durations import seconds
from plumbline.pipeline.language.globs import GlobError, doublestar, literal_prefix
from plumbline.pipeline.language.scope import Scope
from plumbline.pipeline.language.slugs import environment_tier
from plumbline.pipeline.language.variables import VariableError, can_be_masked, expand, expand_all, runner_expand
from plumbline.pipeline.plan import PlanRequest, make_plan
from plumbline.pipeline.scheduling.critical_path import Link, critical_path, spent
from plumbline.pipeline.scheduling.downstream import mirrored, waits_for_downstream
from plumbline.pipeline.scheduling.endings import Attempt, Ending, ending_of
from plumbline.pipeline.scheduling.progress import Progress, progress_of
from plumbline.pipeline.scheduling.resource_groups import may_take
from plumbline.pipeline.scheduling.steps import Step, Transition, step_of
from plumbline.pipeline.source.wording import did_you_mean

__all__ = [
    "AskedValue",
    "Asking",
    "Attempt",
    "Ending",
    "GlobError",
    "Link",
    "PlanRequest",
    "Progress",
    "Scope",
    "Status",
    "Step",
    "Transition",
    "VariableError",
    "asking",
    "can_be_masked",
    "chosen_inputs",
    "critical_path",
    "did_you_mean",
    "doublestar",
    "embedded",
    "ending_of",
    "environment_tier",
    "expand",
    "expand_all",
    "fill_inputs",
    "find_keyword",
    "give_inputs",
    "literal_prefix",
    "make_plan",
    "may_take",
    "mirrored",
    "next_time",
    "predefined",
    "progress_of",
    "runner_expand",
    "seconds",
    "spent",
    "step_of",
    "waits_for_downstream",
]
