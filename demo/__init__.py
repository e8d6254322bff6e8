"""A real pipeline in a real repository, for a first look: ``python -m demo``."""
