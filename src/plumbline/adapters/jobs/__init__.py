"""One attempt at a job, from its working copy to its verdict, wherever its scripts run."""

from plumbline.adapters.jobs.local import LocalExecutor, LocalSettings
from plumbline.adapters.jobs.places import Containers, Host, LazyContainers, Place

__all__ = ["Containers", "Host", "LazyContainers", "LocalExecutor", "LocalSettings", "Place"]
