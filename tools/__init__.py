"""Tools for those who work on Plumbline itself."""
