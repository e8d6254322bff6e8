"""What the post-receive hook tells, whatever branches are called and whichever message fails."""

from __future__ import annotations

import http.server
import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ANSWERS = {  # other than that it is queued
    "/hooks/git/2": (302, b""),
    "/hooks/git/3": (200, b'{"outcome":"refused","reason":"commit-not-in-ref"}'),
    "/hooks/git/4": (200, b'{"outcome":"nothing","reason":""}'),
}
OUTCOMES = {  # an older server has none
    "refs/heads/made": (
        200,
        b'{"outcome":"pipeline","pipeline":41,"iid":9,"address":"https://plumb.bank/pipelines/41"}',
    ),
    "refs/heads/evil\u202e": (200, rb'{"outcome":"failed","message":"\u001b[2J\u001b]0;t\u0007no\u202eway"}'),
    "refs/heads/odd": (200, b'["outcome"]'),
}
SOURCE = str(Path(__file__).parents[2] / "src")


@pytest.fixture
def heard():
    """A server that refuses the first message; the refs that it was told of, and its address."""
    refs = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            ref = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["ref"]
            if self.path.endswith("/outcome"):
                self.answer(*OUTCOMES.get(ref, (404, b"{}")))
                return
            refs.append(ref)
            status, said = ANSWERS.get(self.path, (202, b'{"outcome":"queued","reason":""}'))
            self.answer(status if len(refs) > 1 or self.path in ANSWERS else 503, said)

        def answer(self, status, said):
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.send_header("Location", "/sign-in")
            self.end_headers()
            self.wfile.write(said)

        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<p>Sign in</p>")

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield refs, f"http://127.0.0.1:{server.server_address[1]}/hooks/git/1"
    server.shutdown()
    thread.join()
    server.server_close()


def notify(tmp_path, url, lines):
    (tmp_path / "secret").write_text("s")
    command = [sys.executable, "-m", "plumbline", "--language", "en", "notify", url, "--secret-file"]
    return subprocess.run(
        [*command, str(tmp_path / "secret")], input=lines, capture_output=True, check=False,
        env=os.environ | {"PYTHONPATH": SOURCE},
    )  # fmt: skip


def line_of(name):
    return b"0" * 40 + b" " + b"a" * 40 + b" " + name.encode() + b"\n"


def test_a_name_may_have_other_ends_of_lines_in_it(tmp_path, heard):
    refs, url = heard
    notify(tmp_path, url, line_of("refs/heads/a\u2028b") + line_of("refs/heads/c\x85d"))
    assert refs == ["refs/heads/a\u2028b", "refs/heads/c\x85d"]


@pytest.mark.parametrize(
    ("place", "status", "words"),
    [("2", 2, b"no server of Plumbline"), ("3", 3, b"refused (commit-not-in-ref)"), ("4", 0, b"")],
)
def test_an_answer_is_no_success_yet(tmp_path, heard, place, status, words):
    done = notify(tmp_path, f"{heard[1][:-1]}{place}", line_of("refs/heads/main"))
    assert (done.returncode, words in done.stderr) == (status, True), done.stderr


def test_one_that_cannot_be_told_keeps_no_other_back(tmp_path, heard):
    refs, url = heard
    names = [b"refs/heads/one", b"refs/heads/caf\xe9", "refs/heads/café".encode(), b"refs/heads/two"]
    lines = b"".join(b"0" * 40 + b" " + b"a" * 40 + b" " + name + b"\n" for name in names)
    done = notify(tmp_path, url, lines)
    assert refs == ["refs/heads/one", "refs/heads/café", "refs/heads/two"]
    assert b"its name is not UTF-8" in done.stderr
    assert b"status 503" in done.stderr
    assert done.returncode == 3


def test_what_came_of_it_is_one_line_without_what_controls_a_terminal(tmp_path, heard):
    names = ("made", "evil\u202e", "odd")
    done = notify(tmp_path, f"{heard[1][:-1]}4", b"".join(line_of(f"refs/heads/{name}") for name in names))
    assert done.stdout.decode().splitlines() == [
        "Pipeline #9: https://plumb.bank/pipelines/41",
        "No pipeline for evil: noway",
    ]
    assert done.returncode == 0


def test_a_server_that_says_nothing_holds_a_push_a_few_seconds_whatever_is_pushed(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/hooks/git/1"
        done = notify(tmp_path, url, b"".join(line_of(f"refs/heads/{n}") for n in range(50)))
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()  # once, and not fifty times
    assert b"does not answer" in done.stderr
