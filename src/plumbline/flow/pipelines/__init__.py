"""Pipelines on the server: made, claimed, finished, steered and recovered. Each step is one transaction."""
