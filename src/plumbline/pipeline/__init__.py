"""GitLab CI YAML in, plan or problems out; and given a plan and what has finished, what may run next."""

from plumbline.pipeline import predefined
from plumbline.pipeline.critical_path import critical_path
from plumbline.pipeline.cron import next_time
from plumbline.pipeline.durations import seconds
from plumbline.pipeline.globs import GlobError, doublestar, literal_prefix
from plumbline.pipeline.plan import PlanRequest, make_plan
from plumbline.pipeline.progress import Progress, Step, Transition
from plumbline.pipeline.scope import Scope
from plumbline.pipeline.variables import VariableError, can_be_masked, expand, expand_all, runner_expand
from plumbline.pipeline.wording import did_you_mean

__all__ = [
    "GlobError",
    "PlanRequest",
    "Progress",
    "Scope",
    "Step",
    "Transition",
    "VariableError",
    "can_be_masked",
    "critical_path",
    "did_you_mean",
    "doublestar",
    "expand",
    "expand_all",
    "literal_prefix",
    "make_plan",
    "next_time",
    "predefined",
    "runner_expand",
    "seconds",
]
