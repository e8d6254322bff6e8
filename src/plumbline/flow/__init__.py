"""Carries a change through the platform: plan it, run it, explain it. The only place where rooms meet."""

from plumbline.flow.check import LintReport, check
from plumbline.flow.conductor import Conductor
from plumbline.flow.control import Control
from plumbline.flow.explain import Explanation, explain
from plumbline.flow.pipeline_run import step_of
from plumbline.flow.plan_pipeline import plan_pipeline
from plumbline.flow.rehearse import rehearse
from plumbline.flow.run_pipeline import run_pipeline
from plumbline.flow.secrecy import Secrecy
from plumbline.flow.selection import Selection, select
from plumbline.flow.tools import Asked, Equipment, Tools

__all__ = [
    "Asked",
    "Conductor",
    "Control",
    "Equipment",
    "Explanation",
    "LintReport",
    "Secrecy",
    "Selection",
    "Tools",
    "check",
    "explain",
    "plan_pipeline",
    "rehearse",
    "run_pipeline",
    "select",
    "step_of",
]
