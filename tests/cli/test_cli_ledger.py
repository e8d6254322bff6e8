"""``plumb ledger`` as an operator and an auditor use it, over a real store."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys

import msgspec
import pytest
from jsonschema import Draft202012Validator
from tests.evidence.ledgers import draft

from plumbline.adapters.store import FILE, StoreSettings, open_store
from plumbline.evidence.vocabulary import contents

pytestmark = pytest.mark.slow


def of_tool(number):
    made = draft(number)
    return msgspec.structs.replace(made, source="/tool", body=made.body.replace(b"/plumbline/test", b"/tool"))


def foreign(number):
    return of_tool(number).body


@pytest.fixture
def run(tmp_path):
    """``plumb ledger`` with a data folder of twelve entries."""
    data = tmp_path / "data"
    data.mkdir()
    store = open_store(StoreSettings(data=str(data)))
    store.ledger.append([of_tool(number) for number in range(1, 13)])
    store.close()

    def plumb(*arguments, status=0, given=b"", where=data):
        command = [sys.executable, "-m", "plumbline", "ledger", *map(str, arguments)]
        environment = {"PLUMBLINE_DATA": str(where), "HOME": str(tmp_path), "PATH": ""}
        done = subprocess.run(
            command, check=False, input=given, capture_output=True, env=environment, cwd=tmp_path, timeout=60
        )
        assert done.returncode == status, done.stderr.decode()
        assert b"Traceback" not in done.stderr
        return done.stdout.decode(), done.stderr.decode()

    plumb.file = data / FILE
    plumb.folder = tmp_path
    return plumb


def change(run, statement, *values):
    """What somebody with the database in their hands can do."""
    with sqlite3.connect(run.file) as database:
        for (name,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            database.execute(f'drop trigger "{name}"')
        database.execute(statement, values)
    database.close()


@pytest.mark.slow
def test_from_the_store_to_an_auditor(run):
    out, _ = run("verify")
    assert "Entries 1 to 12 are as they were; signed up to 0." in out
    note, _ = run("checkpoint")
    assert note.split("\n")[1] == "12"
    key = run("checkpoint", "--show-key")[0].strip()
    assert "signed up to 12" in run("verify", "--key", key)[0]
    run("export", "--out", "all.bundle")
    run("prove", 5, "--out", "five.bundle")
    nowhere = run.folder / "nowhere"
    for file in ("all.bundle", "five.bundle"):
        run("verify", "--bundle", file, "--key", key, where=nowhere)
        assert not nowhere.exists()
        changed = bytearray((run.folder / file).read_bytes())
        place = changed.index(b'"seq":5,') + 200
        changed[place] ^= 1
        (run.folder / file).write_bytes(changed)
        out, _ = run("verify", "--bundle", file, "--key", key, status=1)
        assert "broken at entry 5" in out
    _, err = run("verify", "--bundle", "all.bundle", status=2)
    assert "--key" in err


@pytest.mark.slow
def test_a_changed_byte_and_a_dropped_tail(run):
    (run.folder / "kept").write_text(run("checkpoint")[0])
    change(run, "delete from ledger_entry where seq > 9")
    report = json.loads(run("verify", "--json", status=1)[0])
    assert report["fault"]["seq"] == 10
    assert report["fault"]["code"] == "truncated"
    change(run, "delete from ledger_checkpoint")
    run("verify")
    assert "broken at entry 10" in run("verify", "--checkpoint", "kept", status=1)[0]
    change(run, "update ledger_entry set body = cast(replace(body, 'success', 'failure') as blob) where seq = 4")
    assert "broken at entry 4" in run("verify", status=1)[0]
    change(run, "update ledger_entry set body = 'a text' where seq = 2")
    assert "broken at entry 2" in run("verify", status=1)[0]


@pytest.mark.slow
def test_nobody_signs_what_changed_since_it_was_verified(run):
    note, _ = run("checkpoint")
    run("import-events", given=foreign(20) + b"\n" + foreign(21))
    change(run, "update ledger_entry set leaf = zeroblob(32) where seq = 14")
    for command in (["checkpoint"], ["export", "--out", "all.bundle"], ["prove", 5, "--out", "five.bundle"]):
        out, err = run(*command, status=2)
        assert (out, "beside entry 14 was changed" in err, "nothing was signed" in err) == ("", True, True)
    with sqlite3.connect(run.file) as database:
        assert database.execute("select note from ledger_checkpoint").fetchall() == [(note.encode(),)]
    database.close()


@pytest.mark.slow
def test_growth_and_import(run):
    (run.folder / "kept").write_text(run("checkpoint")[0])
    lines = foreign(20) + b"\nnonsense\n" + foreign(3) + b"\n" + b"x" * 3_000_000 + b"\n" + foreign(21)
    out, err = run("import-events", given=lines, status=1)
    assert out == "2 new, 1 known already, 2 refused\n"
    assert "line 2: The event is not JSON" in err
    assert "line 4: The event has" in err
    proof = json.loads(run("prove", "--since", "kept")[0])
    assert proof["newer"].split("\n")[1] == "14"
    assert proof["path"]
    run("import-events", given=b"\n", status=2)


@pytest.mark.slow
def test_of_many_old_events_the_import_says_how_many_and_of_odd_ones_a_few(run):
    odd = [foreign(number).replace(b'"success"', b"7") for number in range(100, 140)]
    old = [foreign(number) for number in range(200, 300)]
    out, err = run("import-events", given=b"\n".join([*old, *odd, b"nonsense", *old[:3]]), status=1)
    assert out == "140 new, 3 known already, 1 refused\n"
    lines = err.splitlines()
    assert len(lines) == 8, err
    assert [line for line in lines if "subject.content is not as" in line] == lines[2:5]
    assert lines[0].startswith("line 141: The event is not JSON")  # the others are taken in together
    assert lines[5] == "37 more lines with a note like that of line 101"
    assert lines[6] == "143 of them are about a time more than a day ago"


@pytest.mark.slow
def test_nothing_is_never_green(run):
    change(run, "delete from ledger_entry")
    out, _ = run("verify", status=1)
    assert "not a pass" in out
    assert run("checkpoint", status=2)[0] == ""
    _, err = run("verify", status=3, where=run.folder / "missing")
    assert "There is no store" in err
    run("prove", status=2)
    run("prove", 3, status=2)
    run("verify", "--key", "nonsense", status=2)


def test_schemas_are_written_for_whoever_checks_events_with_a_validator_of_their_own(run):
    out, _ = run("schemas", "schemas")
    files = sorted((run.folder / "schemas").iterdir())
    assert f"{len(files)} schemas" in out
    assert {file.name for file in files} == {f"{kind}.json" for kind in contents()}
    for file in files:
        Draft202012Validator.check_schema(json.loads(file.read_bytes()))
    (run.folder / "file").write_text("in the way")
    _, error = run("schemas", "file/below", status=3)
    assert "file" in error
