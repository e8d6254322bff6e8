"""The process, or the thread of the server, that claims jobs and runs them."""

from plumbline.runner.loop import Runner

__all__ = ["Runner"]
