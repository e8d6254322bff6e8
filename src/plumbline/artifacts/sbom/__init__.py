"""A bill of materials out of the lock files of a repository: what they pin, and honestly whether that is all."""
