"""The tables, one schema for SQLite and PostgreSQL. Times are integer microseconds since the epoch, UTC."""

from plumbline.adapters.store.schema import (
    artifacts,
    credentials,
    gates,
    keeping,
    ledger,
    people,
    pipelines,
    reports,
    sources,
    tree,
)
from plumbline.adapters.store.schema.columns import metadata

REVISION = "0024"  # the newest migration, known here so that Alembic is imported only where it has work to do

__all__ = [
    "REVISION",
    "artifacts",
    "credentials",
    "gates",
    "keeping",
    "ledger",
    "metadata",
    "people",
    "pipelines",
    "reports",
    "sources",
    "tree",
]
