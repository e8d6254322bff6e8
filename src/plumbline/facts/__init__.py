"""Events in, answers out: each a named question to the records, with its window, its count and its event ids. Pure."""

from plumbline.facts.answering import Asked, answer
from plumbline.facts.catalog import definitions
from plumbline.facts.evidence import Evidence
from plumbline.facts.metrics import Computed, compute_metrics
from plumbline.facts.people import People
from plumbline.facts.statements import LASTS, STATED, exemptions, kept_in_force, statements

__all__ = [
    "LASTS",
    "STATED",
    "Asked",
    "Computed",
    "Evidence",
    "People",
    "answer",
    "compute_metrics",
    "definitions",
    "exemptions",
    "kept_in_force",
    "statements",
]
