"""Every door of the server, by its method and path."""

from __future__ import annotations

from table_api import OPERATIONS
from table_pages import BESIDES, PAGES
from table_registry import REGISTRY

DOORS = OPERATIONS | PAGES | BESIDES | REGISTRY
STREAMS = frozenset({"GET /live", "GET /live/now", "GET /jobs/{job:int}/live"})  # which pages listen to, or ask
