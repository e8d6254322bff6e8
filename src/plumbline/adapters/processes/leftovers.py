"""What an owner left that was killed itself: its processes, its groups, its containers."""

from __future__ import annotations

from plumbline.adapters.processes import table
from plumbline.adapters.processes.limits import remove_groups


def kill_marked(prefix: str, folder: str) -> int:
    """As :func:`plumbline.adapters.processes.table.kill_marked`, the groups of jobs included: they are ended first,
    since nothing in them can fork itself out of reach."""
    if prefix:
        remove_groups(prefix)
    return table.kill_marked(prefix, folder)
