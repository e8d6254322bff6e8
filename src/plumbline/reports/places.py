"""Where a finding is in the repository, given all folders that may stand for it."""

from __future__ import annotations

from plumbline.reports import paths


def inside(said: str, roots: tuple[str, ...] = ()) -> str:
    """The path in the repository; empty where it lies outside, or is absolute and in none of ``roots``: nobody can
    tell then which file of ours it is."""
    found = paths.place(said)
    if not found.absolute:
        return found.path
    within = (paths.place(said, root).path for root in roots if root.strip("/"))
    return next(filter(None, within), "")
