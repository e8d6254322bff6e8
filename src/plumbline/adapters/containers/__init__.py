"""Jobs with an image: one container for all scripts of a job, its services beside it, by the client of an engine."""

from plumbline.adapters.containers.engine import Engine
from plumbline.adapters.containers.finding import find_engine, forget_engines
from plumbline.adapters.containers.opening import EngineContainers
from plumbline.adapters.containers.trial import try_container

__all__ = ["Engine", "EngineContainers", "find_engine", "forget_engines", "try_container"]
