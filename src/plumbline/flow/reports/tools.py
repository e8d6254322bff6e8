"""What the flows about reports may touch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plumbline.flow.pipelines.tools import Server
from plumbline.flow.unit_of_work import Units
from plumbline.model.report import Report, Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTools:
    """Built by ``wiring`` alone; used from many threads."""

    units: Units
    server: Server
    read: Callable[[str, str, bytes, str], Report | Unreadable]  # layer, name, bytes, what it is said to be
