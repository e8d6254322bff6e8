"""Implementations of the content-addressed store."""
