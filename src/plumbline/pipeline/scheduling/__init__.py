"""Given a plan and what has finished: what may run next, and why."""
