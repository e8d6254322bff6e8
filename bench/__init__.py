"""Figures as ratios against a peer or a physical limit, measured in one run: ``python -m bench [name...]``."""
