"""Checkpoints taken outside as an operator sets it up, and what they show of a database that was rolled back."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys

import pytest
from tests.evidence.ledgers import draft
from tests.outside_places import HttpSink, MailSink, serving

from plumbline.adapters.store import FILE, StoreSettings, open_store

pytestmark = [pytest.mark.slow, pytest.mark.long]
WHERE = ("file", "git", "http", "mail")


class Installation:
    def __init__(self, folder):
        self.folder = folder
        self.data = folder / "data"
        self.data.mkdir()
        self.append(*range(1, 13))

    def append(self, *numbers, word="success"):
        store = open_store(StoreSettings(data=str(self.data)))
        store.ledger.append([draft(number, word) for number in numbers])
        store.close()

    def __call__(self, *arguments, status=0):
        command = [sys.executable, "-m", "plumbline", "ledger", *map(str, arguments)]
        environment = {"PLUMBLINE_DATA": str(self.data), "HOME": str(self.folder), "PATH": os.environ["PATH"]}
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, env=environment, cwd=self.folder, timeout=60
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout, done.stderr

    def set_up(self, text):
        (self.data / "checkpoints.toml").write_text(text)

    def told(self):
        """What the ledger was told of deliveries."""
        store = open_store(StoreSettings(data=str(self.data)))
        entries = [json.loads(entry.body) for entry in store.ledger.read() if "checkpoint.delivered" in entry.type]
        size = store.ledger.size()
        store.close()
        return [entry["subject"]["content"] for entry in entries], size

    def copy(self):
        shutil.copytree(self.data, self.folder / "before", dirs_exist_ok=True)

    def roll_back(self):
        shutil.rmtree(self.data)
        shutil.copytree(self.folder / "before", self.data)


@pytest.fixture
def plumb(tmp_path):
    return Installation(tmp_path)


@pytest.fixture
def http():
    with serving(HttpSink()) as sink:
        yield sink


@pytest.fixture
def mail():
    with serving(MailSink()) as sink:
        yield sink


def git(folder, *arguments):
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def four_places(plumb, http, mail):
    git(plumb.folder, "init", "--bare", "--quiet", "there.git")
    (plumb.folder / "token").write_text("a-secret-token\n")
    plumb.set_up(f"""
every = 60

[[file]]
path = "{plumb.folder}/kept.notes"

[[git]]
remote = "{plumb.folder}/there.git"

[[http]]
url = "{http.url}?key=hidden"
token_file = "{plumb.folder}/token"

[[mail]]
to = ["audit@bank.example"]
from = "plumbline@bank.example"
host = "127.0.0.1"
port = {mail.port}
security = "none"
""")


def test_one_checkpoint_gets_to_all_four(plumb, http, mail):
    four_places(plumb, http, mail)
    out, err = plumb("deliver")
    assert (out.count("has the checkpoint of 12 entries"), err) == (4, "")
    note = (plumb.folder / "kept.notes").read_bytes().removesuffix(b"\n")
    assert http.bodies == [note]
    assert http.headers[0]["Authorization"] == "Bearer a-secret-token"
    [message] = mail.messages()
    [attached] = message.iter_attachments()
    assert (attached.get_content(), attached.get_filename()[-8:]) == (note, "-12.note")
    origin = note.split(b"\n")[0].decode()
    kept = subprocess.run(
        ["git", "show", f"checkpoints:{origin}.note"], cwd=plumb.folder / "there.git", check=True, capture_output=True
    )
    assert kept.stdout == note
    told, size = plumb.told()
    assert sorted(one["kind"] for one in told) == sorted(WHERE)
    assert {(one["size"], one["outcome"], one["attempt"]) for one in told} == {(12, "success", 1)}
    assert "secret" not in json.dumps(told)
    assert "hidden" not in json.dumps(told)
    # Nothing grew but what was told of deliveries: nothing is made and nothing is sent.
    assert plumb("deliver")[0] == "Every place has the newest checkpoint.\n"
    assert plumb.told() == (told, size)
    plumb.append(20)
    assert plumb("deliver")[0].count("has the checkpoint of") == 4
    assert len(http.bodies) == len(mail.mails) == 2
    assert git(plumb.folder / "there.git", "log", "--oneline", "checkpoints").count("\n") == 2
    for place in ("kept.notes", "there.git"):
        plumb("verify", "--against", place)


def test_a_database_that_was_rolled_back_is_found_with_the_entry(plumb, http, mail):
    four_places(plumb, http, mail)
    plumb("deliver")
    plumb.copy()
    plumb.append(*range(20, 25))
    plumb("deliver")
    plumb.roll_back()
    plumb("verify")  # by itself it is as good as ever
    for place in ("kept.notes", "there.git"):
        out, _ = plumb("verify", "--against", place, status=1)
        # 12 entries, that a checkpoint was made, and 4 deliveries were there when it was rolled back
        assert "broken at entry 18: The ledger ends with entry 17" in out
    # Whoever has database and key lets it grow again and signs that.
    plumb.append(*range(30, 45), word="failure")
    plumb("checkpoint")
    plumb("verify")
    for place in ("kept.notes", "there.git"):
        report = json.loads(plumb("verify", "--json", "--against", place, status=1)[0])
        assert (report["fault"]["seq"], report["fault"]["code"]) == (13, "root")


def test_a_place_that_cannot_be_reached_is_tried_again_and_told(plumb, http, mail):
    four_places(plumb, http, mail)
    http.status, http.location = 302, "http://127.0.0.1:1/elsewhere"
    mail.refuse = {"audit@"}
    shutil.move(plumb.folder / "there.git", plumb.folder / "away.git")
    out, err = plumb("deliver", status=1)
    assert "kept.notes has the checkpoint of 12 entries." in out
    assert len(http.bodies) == 1  # no redirect is followed
    assert err.count("did not get to") == 3
    assert "status 302" in err
    assert "secret" not in err
    assert "hidden" not in err
    http.status, http.location, mail.refuse = 200, "", set()
    shutil.move(plumb.folder / "away.git", plumb.folder / "there.git")
    out, _ = plumb("deliver")
    assert out.count("has the checkpoint of 12 entries") == 3
    told, _ = plumb.told()
    failed = [one for one in told if one["outcome"] == "failure"]
    assert sorted(one["kind"] for one in failed) == ["git", "http", "mail"]
    assert all("checkpoint-not-delivered" in one["reason"] for one in failed)
    assert {one["attempt"] for one in told if one["kind"] != "file" and one["outcome"] == "success"} == {2}


def test_another_history_of_the_repository_is_kept_beside_ours(plumb):
    """Two installations tell one repository, and somebody wrote into ours."""
    git(plumb.folder, "init", "--bare", "--quiet", "there.git")
    plumb.set_up(f'[[git]]\nremote = "{plumb.folder}/there.git"\n')
    (plumb.folder / "second").mkdir()
    other = Installation(plumb.folder / "second")
    other.set_up(f'[[git]]\nremote = "{plumb.folder}/there.git"\n')
    for one in (plumb, other):
        one("deliver")
    for number, one in enumerate((plumb, other, other, plumb), 50):
        one.append(number)
        one("deliver")
    names = git(plumb.folder / "there.git", "ls-tree", "--name-only", "checkpoints").split()
    assert len(names) == 2
    assert git(plumb.folder / "there.git", "rev-list", "--count", "checkpoints").strip() == "6"
    for one in (plumb, other):
        _, err = one("verify", "--against", plumb.folder / "there.git")
        assert "3 notes in" in err
        assert "passed" in err


def test_a_note_that_was_torn_hides_none(plumb):
    plumb.set_up(f'[[file]]\npath = "{plumb.folder}/kept.notes"\n')
    kept = plumb.folder / "kept.notes"
    plumb("deliver")
    whole = kept.read_bytes()
    for cut in (3, 40, len(whole) // 2, len(whole) - 3, len(whole) - 1):
        kept.write_bytes(whole + whole[:cut])
        plumb.append(100 + cut)
        plumb("deliver")
        plumb("verify", "--against", kept)
        assert kept.read_bytes().startswith(whole)
    _, err = plumb("verify", "--against", sys.executable, status=2)
    assert "There is no signed note in" in err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[file]]\n", "path"),
        ("[[files]]\npath = 'x'\n", "files"),
        ("every = 5\n", "every"),
        ("[[http]]\nurl = 'http://elsewhere.example/x'\n", "https://"),
        ("[[http]]\nurl = 'https://user:s3cret@bank.example/x'\n", "https://"),
        ("[[http]]\nurl = 'file:///etc/passwd'\n", "https://"),
        ("[[git]]\nbranch = 'x'\n", "repository"),
        ("[[git]]\nremote = 'x'\nbranch = '--upload-pack=x'\n", "branch"),
        ("[[mail]]\nto = []\nfrom = 'a'\nhost = 'b'\n", "to"),
        ("[[mail]]\nto = ['x@y']\nfrom = 'a'\nhost = 'b'\nsecurity = 'ssl'\n", "security"),
        ("[[mail]]\nto = ['x@y']\nfrom = 'a'\nhost = 'b.example'\nsecurity = 'none'\nuser = 'u'\n", "in the open"),
        ("[[witness]]\nurl = 'https://w.example'\nkey = 'nonsense'\n", "key"),
        ("[[witnessed]]\nkey = 'nonsense'\n", "key"),
        ("every = \n", "line 1"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_reason(plumb, text, words):
    plumb.set_up(text)
    _, err = plumb("deliver", status=2)
    assert words in err
    assert "s3cret" not in err


def test_nothing_is_sent_where_nothing_is_set_up(plumb):
    _, err = plumb("deliver", status=3)
    assert "No place outside is set up" in err
    with sqlite3.connect(plumb.data / FILE) as database:
        assert database.execute("select count(*) from ledger_entry").fetchone() == (12,)
        assert database.execute("select count(*) from ledger_checkpoint").fetchone() == (0,)
    database.close()
