"""How the server meets those who ask it: HTTPS of its own, and proxies whose word is taken."""

from __future__ import annotations

import datetime
import json
import signal
import socket
import ssl
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from test_api_up import Up

from plumbline.api import Certificate
from plumbline.kernel import PlumblineError

ANOTHER = "203.0.113.9"


def write(folder, name, passphrase=b""):
    """A certificate for this machine; the paths of its two files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secrecy = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    files = folder / "chain.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, secrecy))
    return tuple(map(str, files))


def shown(port):
    """The name in the certificate that the server shows now."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as wrapped,
    ):
        given = x509.load_der_x509_certificate(wrapped.getpeercert(binary_form=True))
    return given.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def test_what_is_no_certificate_with_its_key_is_told(tmp_path):
    chain, key = write(tmp_path, "one")
    (tmp_path / "other").mkdir()
    other = write(tmp_path / "other", "other")[1]
    (tmp_path / "locked").mkdir()
    locked = write(tmp_path / "locked", "locked", b"secret")
    junk = tmp_path / "junk.pem"
    junk.write_text("junk")
    for files, words in (
        ((chain, other), "another certificate"),
        (locked, "passphrase"),
        ((str(junk), key), "not a certificate"),
        ((chain, str(tmp_path / "none")), "No such file"),
        ((str(tmp_path), key), "directory"),
    ):
        with pytest.raises(PlumblineError, match=words) as caught:
            Certificate(*files)
        assert caught.value.code == "certificate-wrong"
        assert caught.value.hint


@pytest.mark.slow
def test_it_speaks_https_itself_and_takes_a_new_certificate_while_it_runs(tmp_path, monkeypatch):
    chain, key = write(tmp_path, "one")
    monkeypatch.setenv("SSL_CERT_FILE", chain)
    server = Up(tmp_path / "data", "--no-runner", "--certificate", chain, "--certificate-key", key)
    try:
        port = int(server.url.rpartition(":")[2])
        server.url = f"https://localhost:{port}"
        status, headers, _ = server.ask("GET", "/healthz")
        assert (status, headers["Strict-Transport-Security"]) == (200, "max-age=31536000")
        assert shown(port) == "one"
        write(tmp_path, "two")
        server.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 60
        while shown(port) != "two":
            assert time.monotonic() < until
            time.sleep(0.05)
        (tmp_path / "chain.pem").write_text("junk")
        server.process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        assert shown(port) == "two"
    finally:
        assert server.end(signal.SIGTERM) == 0
    assert "certificate-wrong" in (tmp_path / "data.log").read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "believed"),
    [
        ((), False),
        (("--url", "https://plumb.bank.example"), False),  # jobs ask from this machine as well
        (("--proxy", "127.0.0.0/24"), True),
        (("--url", "https://plumb.bank.example", "--proxy", "10.0.0.5"), False),
    ],
)
def test_the_word_of_a_proxy_is_taken_where_it_is_one(tmp_path, options, believed):
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    server = Up(tmp_path / "data", "--no-runner", "--listen", address, *options)
    try:
        server.url = f"http://{address}"
        status, _, _ = server.ask(
            "POST",
            "/api/v1/session",
            {"name": "mallory", "password": "x"},
            **{"X-Forwarded-For": f"9.9.9.9, {ANOTHER}"},
        )
        assert status == 401
    finally:
        server.end(signal.SIGTERM)
    told = [json.loads(line) for line in (tmp_path / "data.log").read_text().splitlines()]
    lines = [line for line in told if line["message"] == "request"]
    assert lines[-1]["address"] == (ANOTHER if believed else "127.0.0.1")
    assert any("--proxy" in line["message"] for line in told) == (options == ("--url", "https://plumb.bank.example"))
