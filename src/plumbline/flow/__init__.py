"""Carries a change through the platform: plan it, run it, explain it. The only place where rooms meet."""
