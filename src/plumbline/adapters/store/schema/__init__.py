"""The tables, one schema for SQLite and PostgreSQL. Times are integer microseconds since the epoch, UTC."""

from plumbline.adapters.store.schema import credentials, ledger, people, pipelines, tree
from plumbline.adapters.store.schema.columns import metadata

REVISION = "0005"  # the newest migration, known here so that Alembic is imported only where it has work to do

__all__ = ["REVISION", "credentials", "ledger", "metadata", "people", "pipelines", "tree"]
