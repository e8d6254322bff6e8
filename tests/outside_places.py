"""Places that checkpoints are taken to, on this machine: an HTTP server and a mail server of few lines, all real."""

from __future__ import annotations

import contextlib
import http.server
import socketserver
import threading
from email import message_from_bytes
from email.policy import default


@contextlib.contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class HttpSink(http.server.ThreadingHTTPServer):
    """Keeps what is posted; ``status`` is what it answers, and ``location`` where it sends to."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Posted)
        self.bodies, self.headers, self.status, self.location = [], [], 200, ""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/checkpoints"


class _Posted(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.headers.append(dict(self.headers))
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_):
        pass


class MailSink(socketserver.ThreadingTCPServer):
    """Takes mail as RFC 5321 has it, without extensions; ``refuse``: recipients that it does not take."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Mailed)
        self.mails, self.refuse = [], set()

    @property
    def port(self):
        return self.server_address[1]

    def messages(self):
        return [message_from_bytes(mail, policy=default) for mail in self.mails]


class _Mailed(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("220 sink")
        for line in self.rfile:
            word = line.split(b":")[0].split()[0].upper() if line.strip() else b""
            if word == b"DATA":
                self._say("354 go on")
                self.server.mails.append(self._data())
                self._say("250 kept")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            elif word == b"RCPT" and any(name in line.decode() for name in self.server.refuse):
                self._say("550 nobody")
            else:
                self._say("250 well")

    def _data(self):
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, text):
        self.wfile.write(text.encode() + b"\r\n")
