"""Kinds of lock files: each part says how one is called and reads what it pins."""
