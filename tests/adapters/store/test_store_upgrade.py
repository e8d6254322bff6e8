"""Migrations: all or nothing on both databases, after a backup; and stores of other versions are told apart."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from tests.store_kinds import of_files, of_servers

from plumbline.adapters.store import FILE, StoreSettings, open_store, opening, reach, version
from plumbline.adapters.store.schema import REVISION, metadata
from plumbline.adapters.store.upgrading import STEPS, upgrade
from plumbline.kernel import PlumblineError
from plumbline.model.event import EventDraft
from plumbline.model.server import Outcome, QueueSeen

if TYPE_CHECKING:
    from sqlalchemy import Connection

pytestmark = pytest.mark.slow

NEXT = f"{int(REVISION) + 1:04}"
STEP = f"""
import sqlalchemy as sa
from alembic import op
revision = "{NEXT}"
down_revision = "{REVISION}"

def upgrade():
    op.create_table("extra", sa.Column("id", sa.Integer, primary_key=True))
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("shoe", sa.Integer, sa.CheckConstraint("shoe < 60"), nullable=True))
        batch.alter_column("email", nullable=True)
    {{then}}
"""


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    """The migrations with one more; the test writes what it does at its end."""
    shutil.copytree(STEPS, tmp_path / "steps", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "steps"


def add_step(steps: Path, then: str = "pass") -> None:
    (steps / "versions" / f"r{NEXT}_more.py").write_text(STEP.format(then=then))


@pytest.fixture
def filled(settings: StoreSettings) -> StoreSettings:
    store = open_store(settings)
    store.ledger.append([EventDraft(source="s", id="1", type="t", subject="x", body=b"body")])
    with store.change() as change:
        from plumbline.model.person import Person

        person = change.people.add(Person(id=0, name="mei"))
        change.people.set_password(person.id, "hash", 5)
    store.close()
    return settings


def tables(settings: StoreSettings) -> dict[str, set[str]]:
    engines = reach(settings)
    with engines.reader.connect() as connection:
        seen = inspect(connection)
        found = {table: {column["name"] for column in seen.get_columns(table)} for table in seen.get_table_names()}
    engines.close()
    return found


def test_the_migrations_make_the_tables_of_the_schema(filled: StoreSettings) -> None:
    engines = reach(filled)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return list(compare_metadata(context, metadata))

    with engines.reader.connect() as connection:
        assert differences(connection) == []
    engines.close()


def test_the_newest_migration_is_the_one_the_schema_names() -> None:
    script = ScriptDirectory(STEPS)
    assert script.get_heads() == [REVISION]


def test_opening_a_store_of_today_does_not_need_alembic(filled: StoreSettings) -> None:
    import subprocess
    import sys

    program = (
        "import sys; from plumbline.adapters.store import *;"
        f"open_store(StoreSettings(data={filled.data!r}, address={filled.address!r})).close();"
        "assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("then", ["raise ValueError('no')", 'op.execute("insert into nowhere values (1)")'])
def test_a_failing_migration_leaves_nothing_behind(filled: StoreSettings, steps: Path, then: str) -> None:
    before = tables(filled)
    add_step(steps, then)
    engines = reach(filled)
    with pytest.raises(PlumblineError) as failed:
        upgrade(engines, filled.data, steps=str(steps), to=NEXT)
    engines.close()
    assert failed.value.code == "upgrade-failed"
    assert tables(filled) == before
    open_store(filled).close()


def test_an_upgrade_keeps_everything_and_a_backup(
    filled: StoreSettings, steps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_step(steps)
    engines = reach(filled)
    kept = upgrade(engines, filled.data, steps=str(steps), to=NEXT)
    engines.close()
    assert kept is not None
    assert os.path.getsize(kept) > 1000
    assert tables(filled).keys() >= {"extra", "person", "credential"}
    assert not [name for name in tables(filled) if name.startswith("_alembic")]
    monkeypatch.setattr(opening, "REVISION", NEXT)
    monkeypatch.setattr(version, "REVISION", NEXT)
    store = open_store(filled)
    assert store.ledger.size() == 1
    with store.view() as view:
        person = view.people.named("mei")
        assert person is not None
        assert view.people.password(person.id) == "hash"
    store.close()
    if not filled.address:
        with sqlite3.connect(kept) as copy:
            assert copy.execute("select version_num from alembic_version").fetchone() == (REVISION,)


@of_servers
def test_without_a_way_to_back_up_it_is_not_upgraded(
    filled: StoreSettings, steps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_step(steps)
    monkeypatch.setenv("PATH", "/nowhere")
    engines = reach(filled)
    with pytest.raises(PlumblineError) as refused:
        upgrade(engines, filled.data, steps=str(steps), to=NEXT)
    assert refused.value.code == "no-dump-tool"
    assert upgrade(engines, filled.data, steps=str(steps), to=NEXT, backup=False) is None
    engines.close()
    assert "extra" in tables(filled)


def set_revision(settings: StoreSettings, revision: str) -> None:
    engines = reach(settings)
    with engines.writer.begin() as connection:
        connection.exec_driver_sql(f"update alembic_version set version_num = '{revision}'")
    engines.close()


@pytest.mark.parametrize(
    ("revision", "code"), [("0000", "store-outdated"), ("9999", "store-newer"), ("5f1c2d9ab1", "store-foreign")]
)
def test_another_version_is_told(filled: StoreSettings, revision: str, code: str) -> None:
    set_revision(filled, revision)
    with pytest.raises(PlumblineError) as refused:
        open_store(filled)
    assert refused.value.code == code
    assert refused.value.hint is not None


@of_files
def test_what_is_not_there_is_not_made_unasked(settings: StoreSettings) -> None:
    with pytest.raises(PlumblineError) as refused:
        open_store(msgspec.structs.replace(settings, create=False))
    assert refused.value.code == "no-store"
    assert not os.path.exists(os.path.join(settings.data, FILE))


def test_deliveries_of_an_older_store_are_known(tmp_path: Path) -> None:
    """What was carried out before there was a queue is told by forges again, and is not carried out again."""
    settings = StoreSettings(data=str(tmp_path), create=True, upgrade=True)
    before = ScriptDirectory(STEPS).get_revision("0010").down_revision
    engines = reach(settings)
    upgrade(engines, settings.data, to=str(before), backup=False)
    with engines.writer.begin() as connection:
        for values in (
            "('git', '7:a:b', 7, 5, 'push', 'main', 'c', 3, 'pipeline')",
            "('git', '7:x', 7, 0, 'push', 'main', 'd', 0, 'nothing')",
        ):
            columns = "forge, id, project, received, event, ref, sha, pipeline, outcome"
            connection.exec_driver_sql(f"insert into trigger_delivery ({columns}) values {values}")  # noqa: S608
    engines.close()
    store = open_store(settings)
    with store.view() as tx:
        known = tx.deliveries.told("git", 7, "a:b", "0" * 64)
        assert known is not None
        assert (known.pipeline, known.outcome, known.settled, known.sha) == (3, Outcome.PIPELINE, 5, "c")
        assert [one.name for one in tx.deliveries.newest(7, 5)] == ["a:b", "x"]
        assert tx.deliveries.queue(10) == QueueSeen()
    store.close()


def test_who_did_it_and_where_is_found_in_an_older_store(tmp_path: Path) -> None:
    """Of a grant of a role an older store kept neither."""
    from plumbline.evidence import write_event
    from plumbline.evidence.vocabulary import own_platform
    from plumbline.flow.ledger.checkpoints import verify_ledger
    from plumbline.model.event import EntryFilter

    today, older = StoreSettings(data=str(tmp_path / "a")), StoreSettings(data=str(tmp_path / "b"))
    content = own_platform.RoleGranted(person="li", role="viewer", node="bank/pay", by="mei")
    store = open_store(today)
    drafts = [write_event(content, id=f"{at}", source="urn:plumbline:x", subject="li", time=at) for at in range(1, 4)]
    store.ledger.append([*drafts, EventDraft(source="s", id="1", type="t", subject="x", body=b"body")])
    entries = list(store.ledger.read())
    store.close()
    before = ScriptDirectory(STEPS).get_revision("0017").down_revision
    engines = reach(older)
    upgrade(engines, older.data, to=str(before), backup=False)
    rows = [(one.seq, one.received, one.source, one.id, one.type, one.subject, b"l" * 32, one.chain, one.body)
            for one in entries]  # fmt: skip
    with engines.writer.begin() as connection:
        columns = "seq, received, source, id, type, subject, leaf, chain, body"
        for row in rows:
            connection.exec_driver_sql(
                f"insert into ledger_entry ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                row,
            )
    engines.close()
    store = open_store(msgspec.structs.replace(older, upgrade=True, backup=False))
    with store.view() as tx:  # there was no gate then: whoever judges begins behind these entries
        followed = {name: tx.settings.get(name) for name in ("gates.upto", "late-evidence", "run_statements")}
    assert set(followed.values()) == {b"4"}
    for wanted in (EntryFilter(who="mei"), EntryFilter(scope="bank")):
        assert [one.seq for one in store.ledger.look(wanted, 10).entries] == [3, 2, 1]
    assert store.ledger.look(EntryFilter(who="li"), 10).entries == ()
    fault = verify_ledger(store.ledger, []).fault
    assert fault is not None
    assert fault.seq == 1  # no leaf here is right; nothing else is said of it
    with pytest.raises(Exception, match="only appended to"), store.engines.writer.begin() as connection:
        connection.exec_driver_sql("delete from ledger_who")
    store.close()
