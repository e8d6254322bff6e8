"""Checks that are built in: adding one is adding a file."""
