"""The product in a terminal: it translates arguments and answers, and decides nothing."""

from plumbline.cli.app import main

__all__ = ["main"]
