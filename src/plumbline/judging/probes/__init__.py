"""The ways to hold a fact against a threshold. To add one, add one file with its ``PART``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from plumbline.kernel import shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.judging.probes._probe import Probe


@cache
def probes() -> Mapping[str, Probe]:
    return dict(shelf(__name__).items())
