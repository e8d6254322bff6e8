"""Executors: where and how the jobs of a run are carried out."""

from plumbline.adapters.executors.local import LocalExecutor, LocalSettings
from plumbline.adapters.executors.places import Host, Place
from plumbline.adapters.executors.sandbox import Bubblewrap, Isolation, bubblewrap

__all__ = ["Bubblewrap", "Host", "Isolation", "LocalExecutor", "LocalSettings", "Place", "bubblewrap"]
