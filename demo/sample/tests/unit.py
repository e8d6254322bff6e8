"""Run the unit tests, and say how many lines of the arithmetic they reached."""

import sys
import unittest

from quotes import rates

reached: set[int] = set()


def watch(frame, _event, _value):
    if frame.f_code.co_filename != rates.__file__:
        return None
    reached.add(frame.f_lineno)
    return watch


code = rates.monthly_rate.__code__
wanted = {line for _, _, line in code.co_lines() if line and line != code.co_firstlineno}
sys.settrace(watch)
result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(unittest.defaultTestLoader.discover("tests"))
sys.settrace(None)
print(f"covered: {100 * len(wanted & reached) / len(wanted):.1f}%")
sys.exit(not result.wasSuccessful())
