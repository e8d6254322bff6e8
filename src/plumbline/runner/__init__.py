"""The process, or the thread of the server, that claims jobs and runs them."""

from plumbline.runner.benches import Bench, Benches
from plumbline.runner.loop import Runner, RunnerTools

__all__ = ["Bench", "Benches", "Runner", "RunnerTools"]
