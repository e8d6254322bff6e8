"""Mutated configurations through the whole pure path: ``python -m tests.fuzz --count N --seed N``.

Every input is a function of the seed and its number, so that a finding can be made again.
"""
