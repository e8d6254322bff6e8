"""Findings over time: what makes one the same as before, what a scan may close, and which states there are."""
