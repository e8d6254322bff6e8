"""``plumb observe`` as a person and a program use it."""

from __future__ import annotations

import json
import subprocess

import pytest

from plumbline.adapters.store import StoreSettings, open_store

pytestmark = pytest.mark.slow

PIPELINE = "a: {script: x}\n"


def run(plumb, *arguments, status=0, data=""):
    done = plumb("observe", *arguments, PLUMBLINE_DATA=data)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


def test_a_summary_in_two_languages(plumb):
    plumb = plumb(PIPELINE)
    out, err = run(plumb)
    assert "local/project at " in out
    assert "1 commit\n" in out
    assert ".gitlab-ci.yml" in out
    assert not err
    assert run(plumb, "--language", "zh")[0]


def test_events_one_on_each_line(plumb):
    plumb = plumb(PIPELINE)
    out, _ = run(plumb, "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [one["context"]["type"].split("-")[-1] for one in lines] == [
        "commit.observed.0.1.0",
        "repository.observed.0.1.0",
        "tree.inspected.0.1.0",
    ]
    said, _ = run(plumb, "--out", "found.jsonl")
    assert "3 events" in said
    assert (plumb.folder / "found.jsonl").read_text() == out
    run(plumb, "--out", "x", "--json", status=2)
    assert "cannot be written" in run(plumb, "--out", "no/where", status=2)[1]


def test_into_the_ledger_and_again(plumb, tmp_path):
    plumb = plumb(PIPELINE)
    data = tmp_path / "ledger"
    open_store(StoreSettings(data=str(data), create=True)).close()
    assert run(plumb, "--data", str(data))[0].startswith("3 events are new in the ledger, 0 were")
    assert run(plumb, data=str(data))[0].startswith("0 events are new in the ledger, 3 were")


def test_a_copy_of_an_address_and_a_shallow_one(plumb, tmp_path):
    plumb = plumb(PIPELINE)
    plumb.git("commit", "--allow-empty", "-q", "-m", "Second")
    out, _ = run(plumb, f"file://{plumb.folder}", "--json")
    assert len(out.splitlines()) == 4
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", f"file://{plumb.folder}", str(tmp_path / "shallow")], check=True
    )
    assert "shallow" in run(plumb, str(tmp_path / "shallow"))[1]


def test_what_is_no_repository(plumb, tmp_path):
    plumb = plumb(PIPELINE)
    assert "not inside a git repository" in run(plumb, str(tmp_path / "data"), status=2)[1]
    assert "cannot be cloned" in run(plumb, f"file://{tmp_path}/nothing", status=3)[1]
    assert "no branch, tag or commit nowhere" in run(plumb, "--ref", "nowhere", status=2)[1]


def observed_types(plumb, data):
    store = open_store(StoreSettings(data=str(data)))
    try:
        return [(one.type.split("-")[-1], json.loads(one.body)) for one in store.ledger.read(1, 1000)]
    finally:
        store.close()


def head(plumb):
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=plumb.folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def rewritten(plumb, data):
    found = [body for kind, body in observed_types(plumb, data) if kind == "repository.rewritten.0.1.0"]
    return [body["subject"]["content"] for body in found]


def test_a_history_that_was_rewritten_is_told_and_recorded_once(plumb, tmp_path):
    plumb, data = plumb(PIPELINE), tmp_path / "ledger"
    open_store(StoreSettings(data=str(data), create=True)).close()
    plumb.git("commit", "--allow-empty", "-q", "-m", "Second")
    run(plumb, data=str(data))
    plumb.git("commit", "--allow-empty", "-q", "-m", "Third")
    assert not run(plumb, data=str(data))[1]
    before = head(plumb)
    plumb.git("branch", "kept")  # the old end is still in the repository, but not on its branch
    plumb.git("commit", "--amend", "--allow-empty", "-q", "-m", "Third, told otherwise")
    assert "refs/heads/main was rewritten" in run(plumb, data=str(data))[1]
    assert rewritten(plumb, data) == [{"ref": "refs/heads/main", "before": before, "after": head(plumb)}]
    assert not run(plumb, data=str(data))[1]
    plumb.git("branch", "-D", "kept")
    plumb.git("commit", "--amend", "--allow-empty", "-q", "-m", "Third, once more")
    said = run(plumb, "--language", "zh", data=str(data))[1]
    assert head(plumb)[:12] in said
    assert len(rewritten(plumb, data)) == 2


def test_an_older_copy_is_no_rewritten_history_but_an_address_that_was_set_back_is(plumb, tmp_path):
    plumb, data = plumb(PIPELINE), tmp_path / "ledger"
    open_store(StoreSettings(data=str(data), create=True)).close()
    plumb.git("commit", "--allow-empty", "-q", "-m", "Second")
    run(plumb, data=str(data))
    plumb.git("reset", "-q", "--hard", "HEAD~1")
    assert "this copy is older, or was set back" in run(plumb, data=str(data))[1]
    assert rewritten(plumb, data) == []
    remote, other = tmp_path / "far" / "app.git", tmp_path / "other"
    plumb.git("commit", "--allow-empty", "-q", "-m", "Second")
    subprocess.run(["git", "clone", "-q", "--bare", str(plumb.folder), str(remote)], check=True)
    open_store(StoreSettings(data=str(other), create=True)).close()
    run(plumb, f"file://{remote}", data=str(other))
    plumb.git("push", "-q", "--force", str(remote), "HEAD~1:main")
    assert "was rewritten" in run(plumb, f"file://{remote}", data=str(other))[1]
    assert len(rewritten(plumb, other)) == 1


def test_a_checkout_of_one_commit_and_another_name_of_the_branch_rewrite_nothing(plumb, tmp_path):
    plumb, data = plumb(PIPELINE), tmp_path / "ledger"
    open_store(StoreSettings(data=str(data), create=True)).close()
    plumb.git("commit", "--allow-empty", "-q", "-m", "Second")
    run(plumb, data=str(data))
    plumb.git("branch", "-m", "main", "trunk")
    assert not run(plumb, data=str(data))[1]
    plumb.git("checkout", "-q", "--detach", "HEAD~1")
    plumb.git("branch", "-D", "trunk")
    assert not run(plumb, data=str(data))[1]
    plumb.git("checkout", "-q", "--detach")
    plumb.git("commit", "--allow-empty", "-q", "-m", "Aside")
    assert not run(plumb, data=str(data))[1]
    assert rewritten(plumb, data) == []
