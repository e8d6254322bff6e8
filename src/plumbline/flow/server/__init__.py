"""Pipelines on the server: made, claimed, finished, steered and recovered, each step one transaction with its events."""
