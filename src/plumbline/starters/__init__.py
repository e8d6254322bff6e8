"""Looks at the files of a repository and proposes its first pipeline, as text to be read and taken over."""

from plumbline.starters.files import Files
from plumbline.starters.found import Found, Job, Proposal, Seen
from plumbline.starters.propose import propose
from plumbline.starters.starter import starters
from plumbline.starters.writing import pipeline_text

__all__ = ["Files", "Found", "Job", "Proposal", "Seen", "pipeline_text", "propose", "starters"]
