"""A fact against a threshold: met, not met, no data, error. Gates and maturity judge with the same code. Pure."""

from plumbline.judging.judge import STATEMENTS, find, together
from plumbline.judging.probes import probes
from plumbline.judging.signal import Defaults, Signal, Threshold
from plumbline.judging.signal_mistakes import signal_mistakes

__all__ = ["STATEMENTS", "Defaults", "Signal", "Threshold", "find", "probes", "signal_mistakes", "together"]
