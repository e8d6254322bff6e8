"""Another key signs the ledger, a folder begins anew, and a certificate that is over: as an operator meets them."""

from __future__ import annotations

import datetime
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.request

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.evidence.ledgers import draft

from plumbline.adapters import ledger_key
from plumbline.adapters.store import FILE, StoreSettings, open_store
from plumbline.kernel import PlumblineError
from plumbline.wiring import outside
from plumbline.wiring.server import OpenServer, ServerSettings

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    append(folder, *range(1, 13))
    return folder


def append(folder, *numbers):
    store = open_store(StoreSettings(data=str(folder)))
    store.ledger.append([draft(number) for number in numbers])
    store.close()


def plumb(folder, *arguments, status=0):
    done = subprocess.run(
        [sys.executable, "-m", "plumbline", *map(str, arguments)],
        check=False, capture_output=True, text=True, timeout=60, cwd=folder.parent,
        env=os.environ | {"PLUMBLINE_DATA": str(folder), "HOME": str(folder.parent)},
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


def test_an_older_key_keeps_verifying_what_it_signed(data):
    old = plumb(data, "ledger", "checkpoint", "--show-key")[0].strip()
    (data.parent / "old.note").write_text(plumb(data, "ledger", "checkpoint")[0])
    out, err = plumb(data, "ledger", "rotate-key")
    new = out.strip()
    assert (new != old, old in err) == (True, True)
    assert new.partition("+")[0] == old.partition("+")[0]  # the ledger's name stays
    append(data, 20)
    assert plumb(data, "ledger", "checkpoint", "--show-key")[0].strip() == new
    (data.parent / "new.note").write_text(plumb(data, "ledger", "checkpoint")[0])
    for key in (old, new):
        out, err = plumb(data, "ledger", "verify", "--key", key, "--checkpoint", "old.note", "--checkpoint", "new.note")
        assert ("signed up to 14" in out, "note:" in err) == (True, False)
        plumb(data, "ledger", "verify", "--key", key, "--against", "old.note")
    plumb(data, "ledger", "export", "--out", "all.bundle")
    plumb(data, "ledger", "prove", "--since", "old.note")
    for key in (old, new):
        plumb(data, "ledger", "verify", "--bundle", "all.bundle", "--key", key)
    plumb(data, "ledger", "rotate-key")
    append(data, 21)
    plumb(data, "ledger", "checkpoint")
    for key in (old, new):
        assert "signed up to 16" in plumb(data, "ledger", "verify", "--key", key)[0]


@pytest.mark.parametrize("at", ["before the ledger is told", "before the key is changed"])
def test_a_rotation_that_was_killed_is_gone_on_with(data, monkeypatch, at):
    old = ledger_key.make_ledger_key(str(data))

    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    with monkeypatch.context() as dying:
        name = "record_rotation" if at == "before the ledger is told" else "follow_ledger_key"
        dying.setattr(outside, name, die)
        with pytest.raises(Killed):
            outside.rotate_ledger_key(str(data), None)
    assert ledger_key.read_ledger_key(str(data)) == old
    planned = ledger_key.read_ledger_key(str(data), ledger_key.NEXT)
    plumb(data, "ledger", "checkpoint")  # the old one goes on signing
    before, after = outside.rotate_ledger_key(str(data), None)
    assert (before, after) == (old, planned)
    assert ledger_key.read_ledger_key(str(data)) == planned
    assert not (data / ledger_key.NEXT).exists()
    plumb(data, "ledger", "checkpoint")
    assert "are as they were" in plumb(data, "ledger", "verify")[0]
    store = open_store(StoreSettings(data=str(data)))
    assert [entry.type for entry in store.ledger.read()].count("dev.cdeventsx.plumbline-ledgerKey.rotated.0.1.0") == 1
    store.close()


class Up:
    def __init__(self, data, *more):
        command = [sys.executable, "-m", "plumbline", "up", "--data", str(data), "--listen", "127.0.0.1:0",
                   "--no-runner", *more]  # fmt: skip
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines = []
        while not (found := re.search(r"listens on (\S+)", line := self.process.stdout.readline())):
            assert line, self.process.stderr.read()
            self.lines.append(line)
        self.url = found.group(1)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        _, err = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, err
        return err


def test_a_folder_whose_database_is_gone_begins_anew_only_when_that_is_said(data):
    old = plumb(data, "ledger", "checkpoint", "--show-key")[0].strip()
    for ending in ("", "-wal", "-shm"):
        (data / f"{FILE}{ending}").unlink(missing_ok=True)
    (data / "logs").mkdir()
    before = sorted(os.listdir(data))
    for command in (["up", "--listen", "127.0.0.1:0"], ["ledger", "checkpoint"]):
        _, err = plumb(data, *command, status=2 if command[0] == "up" else 3)
        assert ("database" in err or "no store" in err, "hint" in err) == (True, True)
    _, err = plumb(data, "up", "--listen", "127.0.0.1:0", status=2)
    assert "ledger-key" in err
    assert "plumb restore" in err
    assert sorted(os.listdir(data)) == before
    server = Up(data, "--begin-anew")
    assert any("backups/replaced-" in line for line in server.lines)
    server.end()
    new = plumb(data, "ledger", "checkpoint", "--show-key")[0].strip()
    assert new.partition("+")[0] != old.partition("+")[0]
    [aside] = (data / "backups").iterdir()
    assert sorted(os.listdir(aside)) == ["ledger-key", "logs"]
    _, err = plumb(data, "up", "--begin-anew", "--listen", "127.0.0.1:0", status=2)
    assert "nothing begins anew" in err


def test_where_the_ledgers_key_is_gone_nothing_is_signed_with_another_unasked(data):
    """Else whoever takes the key away has what they rewrote signed in a new name, and nobody is told."""
    (data.parent / "old.note").write_text(plumb(data, "ledger", "checkpoint")[0])
    old = plumb(data, "ledger", "checkpoint", "--show-key")[0].strip()
    (data / ledger_key.FILE).rename(data.parent / "aside")
    append(data, 20)
    for command in ("up --listen 127.0.0.1:0", "ledger checkpoint", "ledger checkpoint --show-key",
                    "ledger export --out x.bundle", "ledger prove --since old.note"):  # fmt: skip
        _, err = plumb(data, *command.split(), status=2)
        assert ("ledger-key is not there" in err, "--new-ledger-key" in err) == (True, True), command
    assert not (data / ledger_key.FILE).exists()
    assert "are as they were" in plumb(data, "ledger", "verify", "--key", old)[0]
    server = Up(data, "--new-ledger-key")
    new = plumb(data, "ledger", "checkpoint", "--show-key")[0].strip()
    server.end()
    assert any(new in line for line in server.lines)
    assert new.partition("+")[0] != old.partition("+")[0]
    _, err = plumb(data, "up", "--new-ledger-key", "--listen", "127.0.0.1:0", status=2)
    assert "no other takes its place" in err
    for key in (old, new):
        assert "are as they were" in plumb(data, "ledger", "verify", "--key", key)[0]


def test_a_key_that_goes_while_the_server_runs_is_not_replaced_either(data):
    plumb(data, "ledger", "checkpoint")
    with OpenServer(ServerSettings(data=str(data))) as server:
        (data / ledger_key.FILE).unlink()
        append(data, 20)
        with pytest.raises(PlumblineError) as refused:
            server.keep_house()
        assert refused.value.code == "ledger-key-gone"
    assert not (data / ledger_key.FILE).exists()


def certificate(folder, days):
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=400))
        .not_valid_after(now + datetime.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    (folder / "chain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    return ["--certificate", str(folder / "chain.pem"), "--certificate-key", str(folder / "key.pem")]


@pytest.mark.parametrize(("days", "words", "health"), [
    (-3, "expired on", "problem"), (5, "holds until", "warning"), (300, "holds until", "ok")
])  # fmt: skip
def test_a_certificate_that_is_over_stops_no_start(tmp_path, days, words, health):
    server = Up(tmp_path / "data", *certificate(tmp_path, days))
    try:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        deadline = time.monotonic() + 20
        while True:
            try:
                assert urllib.request.urlopen(f"{server.url}/healthz", context=context, timeout=5).status == 200
                break
            except OSError:
                assert time.monotonic() < deadline
    finally:
        err = server.end()
    assert (words in err) == (health != "ok")
    done = subprocess.run(
        [sys.executable, "-m", "plumbline", "doctor", "--json", "--data", str(tmp_path / "data")],
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    found = {check["name"]: check for check in map(json.loads, done.stdout.splitlines())}
    assert (found["certificate"]["health"], words in found["certificate"]["message"]) == (health, True)
    assert "No checkpoint is taken outside" in found["checkpoints"]["message"]
