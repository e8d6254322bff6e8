"""Caches of one project between its runs."""

from plumbline.adapters.caches.store import LocalCaches

__all__ = ["LocalCaches"]
