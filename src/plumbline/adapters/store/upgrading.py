"""Migrations: all steps in one transaction, after a backup, by one process at a time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from plumbline.adapters.store.engine import mark_as_ours
from plumbline.adapters.store.errors import telling
from plumbline.adapters.store.schema import REVISION, metadata
from plumbline.adapters.store.snapshot import keep_snapshot
from plumbline.adapters.store.version import stored_revision
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection

    from plumbline.adapters.store.engine import Engines

STEPS = os.path.join(os.path.dirname(__file__), "migrations")


def upgrade(engines: Engines, data: str, *, backup: bool = True, steps: str = STEPS, to: str = REVISION) -> str | None:
    """Bring the tables to a revision; the file of the backup, None where none was needed.

    Whatever goes wrong leaves the database as it was. Raises PlumblineError ``upgrade-failed`` and those of a backup.
    """
    with telling(engines.place), engines.reader.connect() as connection:
        before = stored_revision(connection, engines.place)
    kept = keep_snapshot(engines, data, before) if before not in (None, to) and backup else None
    with telling(engines.place), engines.writer.connect() as connection:
        if engines.sqlite:  # a table that is made anew must not take the rows of others with it
            _driver(connection).execute("pragma foreign_keys = off")
        try:
            with connection.begin():  # nobody else writes from here on
                _run(connection, engines, steps, to, kept)
        finally:
            connection.invalidate()
    return kept


def make_tables(connection: Connection, engines: Engines) -> None:
    """Today's tables in an empty database, as part of a transaction that is under way."""
    _run(connection, engines, STEPS, REVISION, None)


def _run(connection: Connection, engines: Engines, steps: str, to: str, kept: str | None) -> None:
    if stored_revision(connection, engines.place) == to:  # another process was faster
        return
    config = Config()
    config.set_main_option("script_location", steps.replace("%", "%%"))
    script = ScriptDirectory.from_config(config)

    def plan(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs(to, revision)

    try:
        with EnvironmentContext(config, script, fn=plan) as environment:
            environment.configure(
                connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True
            )
            environment.run_migrations()
        if engines.sqlite:
            mark_as_ours(connection)
            broken = connection.exec_driver_sql("pragma foreign_key_check").first()
            if broken is not None:
                raise ValueError(f"rows of {broken[0]} refer to rows that are not there")
    except Exception as error:
        hint = t("The store is as it was. Keep using the version before, and report this.")
        if kept:
            hint = t(
                "The store is as it was, and a backup is in {path}. Use the version before; report this.", path=kept
            )
        told = t("{place} could not be upgraded: {reason}", place=engines.place, reason=str(error).partition("\n")[0])
        raise PlumblineError("upgrade-failed", told, hint) from error


def _driver(connection: Connection) -> Any:
    driver = connection.connection.driver_connection
    assert driver is not None
    return driver
