"""A fact against a threshold: met, not met, no data, error. Gates and maturity judge with the same code. Pure."""

from plumbline.judging.judge import STATEMENTS, find, together
from plumbline.judging.probes import probes
from plumbline.judging.signal import Defaults, Signal, Threshold

__all__ = ["STATEMENTS", "Defaults", "Signal", "Threshold", "find", "probes", "together"]
