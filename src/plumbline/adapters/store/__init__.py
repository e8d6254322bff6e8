"""What the server keeps, in SQLite or PostgreSQL: the ledger, people, projects, pipelines."""

from plumbline.adapters.store.opening import FILE, StoreSettings, open_store, reach
from plumbline.adapters.store.store import Store, now
from plumbline.adapters.store.waiting import open_when_there

__all__ = ["FILE", "Store", "StoreSettings", "now", "open_store", "open_when_there", "reach"]
