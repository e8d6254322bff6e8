"""Executors: where and how the jobs of a run are carried out."""

from plumbline.adapters.executors.container import EngineContainers
from plumbline.adapters.executors.engine import Engine, container_engine, no_container_engine
from plumbline.adapters.executors.isolation import choose_place
from plumbline.adapters.executors.local import LocalExecutor, LocalSettings
from plumbline.adapters.executors.places import Containers, Host, LazyContainers, Place
from plumbline.adapters.executors.sandbox import Bubblewrap, Isolation, bubblewrap

__all__ = [
    "Bubblewrap",
    "Containers",
    "Engine",
    "EngineContainers",
    "Host",
    "Isolation",
    "LazyContainers",
    "LocalExecutor",
    "LocalSettings",
    "Place",
    "bubblewrap",
    "choose_place",
    "container_engine",
    "no_container_engine",
]
