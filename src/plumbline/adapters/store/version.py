"""Which version the tables of a database have; without Alembic, since it takes long to import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect

from plumbline.adapters.store.refusals import foreign
from plumbline.adapters.store.schema import REVISION
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from sqlalchemy import Connection


def stored_revision(connection: Connection, place: str) -> str | None:
    """The revision of the tables; None where there are none. Raises PlumblineError ``store-newer`` or
    ``store-foreign``."""
    if not inspect(connection).has_table("alembic_version"):
        if inspect(connection).get_table_names():
            raise foreign(place)
        return None
    found = connection.exec_driver_sql("select version_num from alembic_version").scalar()
    if found is None:
        raise foreign(place)
    revision = str(found)
    if not revision.isdigit() or not inspect(connection).has_table("ledger_entry"):
        raise foreign(place)
    if int(revision) > int(REVISION):
        raise PlumblineError(
            "store-newer",
            t("{place} was made by a newer version of Plumbline.", place=place),
            t("Install that version again, or restore the backup that it made before it upgraded the store."),
        )
    return revision
