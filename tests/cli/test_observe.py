"""``plumb observe`` as a person and a program use it."""

from __future__ import annotations

import json
import subprocess

from plumbline.adapters.store import StoreSettings, open_store

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
