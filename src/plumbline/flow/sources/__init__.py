"""Registered sources of evidence: whose word counts beside this server's own, about what, and how much of it."""
