"""What jobs leave behind: one zip archive a job, and the reports of tools as separate files."""

from plumbline.adapters.artifacts.store import LocalArtifacts

__all__ = ["LocalArtifacts"]
