"""What environments have: by state, and filled in from the ledger when the table was made."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import text

from plumbline.adapters.store import StoreSettings, open_store
from plumbline.adapters.store.opening import reach
from plumbline.adapters.store.upgrading import upgrade
from plumbline.model.deployment import EnvironmentDeployment

if TYPE_CHECKING:
    from pathlib import Path

FINISHED = "dev.cdeventsx.plumbline-deployment.finished.0.1.0"
JOB = "insert into job (id, pipeline, name, stage, attempt, state, record, finished, started)"


def older(settings: StoreSettings) -> None:
    """A store whose tables are those before, with a project, a pipeline and jobs 1 to 9."""
    os.makedirs(settings.data)
    engines = reach(settings)
    upgrade(engines, settings.data, to="0007")
    pipeline = "insert into pipeline (id, project, iid, event, state, uid, change, plan, variables)"
    with engines.writer.begin() as connection:
        connection.execute(text("insert into tree_node (id, kind, name, path) values (4, 'project', 'p', 'p')"))
        connection.execute(text(f"{pipeline} values (9, 4, 1, 'push', 'success', 'u', :x, :x, :x)"), {"x": b"{}"})
        for number in range(1, 10):
            values = {"id": number, "x": b""}
            connection.execute(
                text(f"{JOB} values (:id, 9, 'j', 't', :id, 'success', :x, :id * 10, :id * 10 - 5)"), values
            )
    engines.close()


def told(job: int, commit: str, outcome: str, environment: str = "4/production") -> bytes:
    content = {"environment": {"id": environment}, "commit": commit, "intent": "deploy", "outcome": outcome}
    return json.dumps({"subject": {"id": f"u/{job}", "content": content}}).encode()


def entry(connection: object, seq: int, source: str, body: bytes, kind: str = FINISHED) -> None:
    columns = "(seq, source, id, type, subject, received, body, chain, leaf)"
    values = {"seq": seq, "source": source, "id": str(seq), "type": kind, "body": body, "x": bytes(32)}
    statement = f"insert into ledger_entry {columns} values (:seq, :source, :id, :type, 's', 1, :body, :x, :x)"
    connection.execute(text(statement), values)  # type: ignore[attr-defined]


def test_the_table_is_filled_with_what_this_server_told(tmp_path: Path) -> None:
    settings = StoreSettings(data=str(tmp_path / "data"))
    older(settings)
    engines = reach(settings)
    with engines.writer.begin() as connection:
        for seq, (source, body) in enumerate(
            [
                ("urn:plumbline:abc", told(1, "a" * 40, "success")),
                ("urn:plumbline:abc", told(2, "b" * 40, "failure")),
                ("/somebody", told(3, "c" * 40, "success")),
                ("urn:plumbline:abc", told(77, "d" * 40, "success")),  # a job that is gone
                ("urn:plumbline:abc", b"no event"),
                ("urn:plumbline:abc", told(4, "e" * 40, "success", "no number")),
            ],
            1,
        ):
            entry(connection, seq, source, body)
    engines.close()
    store = open_store(msgspec.structs.replace(settings, upgrade=True, backup=False))
    with store.view() as tx:
        state = tx.deployments.state(4, "production")
        assert [tx.deployments.get(job) is not None for job in range(1, 5)] == [True, True, False, False]
    store.close()
    assert state.serving is not None
    assert state.last is not None
    assert (state.serving.commit, state.serving.subject, state.serving.finished) == ("a" * 40, "u/1", 10)
    assert (state.last.commit, state.last.outcome) == ("b" * 40, "failure")


@pytest.mark.parametrize("outcome", ["cancel", ""])
def test_what_was_cancelled_or_runs_is_not_there(tmp_path: Path, outcome: str) -> None:
    settings = StoreSettings(data=str(tmp_path / "data"))
    older(settings)
    store = open_store(msgspec.structs.replace(settings, upgrade=True, backup=False))
    with store.change() as tx:
        for job, end in ((1, "success"), (2, outcome)):
            tx.deployments.add(
                EnvironmentDeployment(
                    job=job, project=4, environment="e", subject=f"u/{job}", commit=str(job), outcome=end,
                    finished=job if end else 0,
                )
            )  # fmt: skip
        state = tx.deployments.state(4, "e")
        assert state.last is not None
        assert state.serving == state.last
        assert state.last.job == 1
        assert tx.deployments.had(4, "e", "1")
        assert not tx.deployments.had(4, "e", "2")
        assert not tx.deployments.had(4, "other", "1")
        tx.deployments.stop(4, "e", 9)
        assert tx.deployments.state(4, "e").last is None
        assert not tx.deployments.had(4, "e", "1")
    store.close()
