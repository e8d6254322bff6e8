"""What works by itself, in threads of the server: claims jobs and runs them, and carries out deliveries."""

from plumbline.runner.deliveries import DeliveryWorker
from plumbline.runner.loop import Runner

__all__ = ["DeliveryWorker", "Runner"]
