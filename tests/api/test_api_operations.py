"""What operators ask: who runs jobs, whether the ledger holds, what a name means, and the figures."""

from __future__ import annotations

import subprocess
import threading
import time

import pytest
from tests.waiting import until

from plumbline.adapters.store.refusals import full as full_store
from plumbline.flow.pipelines.create_pipeline import start_pipeline
from plumbline.flow.pipelines.tools import Wanted
from plumbline.model.server import Binding
from plumbline.model.tree import NodeKind
from plumbline.runner import Runner, loop

pytestmark = pytest.mark.slow

CONFIGURATION = "good: {script: [echo hello]}\nbad: {script: [exit 3], allow_failure: true}\n"


def project(api, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitlab-ci.yml").write_text(CONFIGURATION)
    for words in (["init", "-q", "-b", "main"], ["add", "."],
                  ["-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-q", "-m", "Begin"]):  # fmt: skip
        subprocess.run(["git", *words], cwd=home, check=True)
    bank = api.node("bank")
    made = api.node("core", NodeKind.PROJECT, parent=bank.id)
    with api.tools.units.store.change() as tx:
        tx.bindings.put(Binding(project=made.id, kind="git", url=str(home)))
    return made.id


def run_once(api, number):
    """A pipeline through the embedded runner; what ``list_runners`` said meanwhile."""
    runner = Runner(api.server.runner_tools())
    thread = threading.Thread(target=runner.run)
    thread.start()
    pipeline = start_pipeline(api.tools.pipelines, Wanted(project=number), by=0)
    api.server.on_work(runner.wake)
    runner.wake()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with api.tools.units.store.view() as tx:
            if tx.pipelines.get(pipeline.id).finished:
                break
        time.sleep(0.02)
    while not (seen := api.get("/runners", token=api.admin).json())["runners"] and time.monotonic() < deadline:
        time.sleep(0.02)
    runner.stop()
    thread.join()
    return pipeline, seen


def test_a_runner_waits_for_a_store_that_is_full_at_its_start(api, admin, tmp_path, monkeypatch):
    api.admin = admin
    number = project(api, tmp_path)
    tools, refused = api.server.runner_tools(), []

    def full():
        refused.append(full_store("the disk", ""))
        if len(refused) > 1:
            monkeypatch.undo()
        raise refused[-1]

    monkeypatch.setattr(type(api.tools.units.store), "change", lambda _store: full())
    runner = Runner(tools)
    thread = threading.Thread(target=runner.run)
    thread.start()
    until(lambda: len(refused) > 1)
    made = start_pipeline(api.tools.pipelines, Wanted(project=number), by=0)
    runner.wake()

    def done():
        with api.tools.units.store.view() as tx:
            return tx.pipelines.get(made.id).finished

    until(done)
    runner.stop()
    thread.join()


def test_runners_figures_and_names_after_a_pipeline(api, admin, tmp_path):
    api.admin = admin
    assert api.get("/runners", token=admin).json() == {"runners": [], "waiting": 0}
    number = project(api, tmp_path)
    pipeline, seen = run_once(api, number)
    [one] = seen["runners"]
    assert one["alive"]
    assert one["threads"] >= 1
    assert one["name"].startswith(one["replica"] + "/")
    assert api.get("/runners", token=admin).json()["runners"] == []  # it said goodbye
    text = api.ask("GET", "/metrics", token=admin).text
    assert 'plumbline_job_seconds_count{state="success"} 1.0' in text
    assert 'plumbline_job_seconds_count{state="failed"} 1.0' in text
    assert 'plumbline_job_queue_seconds_count{state="running"} 2.0' in text
    assert 'plumbline_pipeline_seconds_count{state="success"} 1.0' in text
    assert 'plumbline_jobs{state="pending"} 0.0' in text
    assert 'plumbline_pipelines{state="running"} 0.0' in text
    assert "plumbline_ledger_broken 0.0" in text

    def find(text, token=admin):
        found = api.get("/resolve", token=token, params={"q": text}).json()["found"]
        return {(each["kind"], each["url"]) for each in found}

    assert ("commit", f"/pipelines/{pipeline.id}") in find(pipeline.sha[:12])
    assert ("pipeline", f"/pipelines/{pipeline.id}") in find(f"#{pipeline.id}")
    assert ("project", f"/projects/{number}") in find("core")
    assert ("person", "/people/1") in find("ada")
    assert any(kind == "event" for kind, _ in find(pipeline.uid))
    assert find("") == set()
    nobody = api.token(api.person("nil"))
    for text in (pipeline.sha, "core", "ada", "1"):
        assert {kind for kind, _ in find(text, nobody)} <= {"criterion", "item"}, text  # models are for everybody


def test_only_those_who_may_see_runners(api):
    nobody = api.token(api.person("nil"))
    assert api.get("/runners", token=nobody).status_code == 403
    assert api.get("/ledger/verification", token=nobody).status_code == 403
    assert api.post("/ledger/verification", token=nobody, json={}).status_code == 403
    assert api.get("/resolve?q=x").status_code == 401


def verification(api, admin, **body):
    return api.post("/ledger/verification", token=admin, json=body).json()


def add_people(api, admin, *names):
    for name in names:
        answer = api.post("/people", token=admin, json={"name": name})
        assert answer.status_code == 201, answer.text


def change(api, statement):
    """Somebody changes the database by hand."""
    import sqlite3
    from contextlib import closing

    path = api.tools.units.store.place
    with closing(sqlite3.connect(path)) as connection:
        for (name,) in connection.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            connection.execute(f"drop trigger {name}")
        connection.execute(statement)
        connection.commit()


def test_the_ledger_is_verified_as_it_grows(api, admin):
    found = verification(api, admin)
    assert (found["outcome"], found["entries"]) == ("nothing to verify", 0)
    add_people(api, admin, "bo", "cy")
    found = verification(api, admin)
    assert (found["outcome"], found["new"]) == ("intact", found["entries"])
    first = found["entries"]
    assert first == found["size"] > 0
    assert found["whole"] == found["at"] > 0
    add_people(api, admin, "di")
    found = verification(api, admin, whole=False)
    assert (found["outcome"], found["new"], found["entries"]) == ("intact", found["size"] - first, found["size"])
    assert found["whole"] < found["at"]
    assert verification(api, admin, whole=False)["new"] == 0
    assert api.get("/ledger/verification", token=admin).json()["entries"] == found["entries"]


def test_a_changed_entry_is_named(api, admin):
    add_people(api, admin, "bo", "cy", "di")
    assert verification(api, admin)["outcome"] == "intact"
    change(api, "update ledger_entry set body = cast(cast(body as text) || ' ' as blob) where seq = 2")
    found = verification(api, admin)
    assert (found["outcome"], found["fault"], found["code"]) == ("broken", 2, "changed")
    assert "plumbline_ledger_broken 1.0" in api.ask("GET", "/metrics", token=admin).text


def test_a_tail_that_was_cut_off_is_noticed_without_a_checkpoint(api, admin):
    add_people(api, admin, "bo", "cy", "di")
    size = verification(api, admin)["entries"]
    change(api, f"delete from ledger_entry where seq = {size}")
    found = verification(api, admin, whole=False)
    assert (found["outcome"], found["fault"], found["code"]) == ("broken", size, "truncated")
    assert verification(api, admin)["outcome"] == "broken"  # and stays so
    api.server.keep_house()
    assert api.tools.ledger.ledger.checkpoints() == []  # nobody signs what does not hold


def test_a_fault_of_one_step_does_not_stop_the_clock(api, monkeypatch, caplog):
    calls = []

    def faulty(_server, **_more):
        calls.append(time.monotonic())
        raise RuntimeError("a bug with one project")

    monkeypatch.setattr(loop, "_TICK", 0.02)
    monkeypatch.setattr(loop, "run_schedules", faulty)
    runner = Runner(api.server.runner_tools())
    thread = threading.Thread(target=runner.run)
    thread.start()
    deadline = time.monotonic() + 60
    while len(calls) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    runner.stop()
    thread.join()
    assert len(calls) >= 3
    assert "a bug with one project" in caplog.text
