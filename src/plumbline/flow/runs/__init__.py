"""Pipelines on this machine: `plumb run` and what goes with it."""
