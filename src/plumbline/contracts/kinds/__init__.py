"""Kinds of evidence: adding one is adding a file."""
