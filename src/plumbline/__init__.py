"""Plumbline (准绳): from a commit to a production release, with evidence for every step."""

__version__ = "0.1.0"
