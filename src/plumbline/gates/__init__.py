"""Policies over documented facts: what passes, what does not, and why. Pure."""
