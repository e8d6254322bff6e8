"""Executors: where and how the jobs of a run are carried out."""

from plumbline.adapters.executors.local import LocalExecutor, LocalSettings
from plumbline.adapters.executors.places import Host, Place

__all__ = ["Host", "LocalExecutor", "LocalSettings", "Place"]
