"""The runs of one project on this machine, as folders."""

from plumbline.adapters.runs.store import LocalRuns, local_folder

__all__ = ["LocalRuns", "local_folder"]
