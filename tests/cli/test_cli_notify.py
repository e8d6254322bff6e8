"""What the post-receive hook tells, whatever branches are called and whichever message fails."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SOURCE = str(Path(__file__).parents[2] / "src")


@pytest.fixture
def heard():
    """A server that refuses the first message; the refs that it was told of, and its address."""
    refs = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            refs.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["ref"])
            self.send_response(202 if len(refs) > 1 else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield refs, f"http://127.0.0.1:{server.server_address[1]}/hooks/git/1"
    server.shutdown()
    thread.join()
    server.server_close()


def test_one_that_cannot_be_told_keeps_no_other_back(tmp_path, heard):
    refs, url = heard
    (tmp_path / "secret").write_text("s")
    names = [b"refs/heads/one", b"refs/heads/caf\xe9", "refs/heads/café".encode(), b"refs/heads/two"]
    lines = b"".join(b"0" * 40 + b" " + b"a" * 40 + b" " + name + b"\n" for name in names)
    command = [sys.executable, "-m", "plumbline", "--language", "en", "notify", url, "--secret-file"]
    done = subprocess.run(
        [*command, str(tmp_path / "secret")], input=lines, capture_output=True, check=False,
        env=os.environ | {"PYTHONPATH": SOURCE},
    )  # fmt: skip
    assert refs == ["refs/heads/one", "refs/heads/café", "refs/heads/two"]
    assert b"its name is not UTF-8" in done.stderr
    assert b"status 503" in done.stderr
    assert done.returncode == 3
