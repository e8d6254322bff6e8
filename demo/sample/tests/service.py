"""The built service as a process of its own that records what it is asked, and a client that says who asks."""

import json
import subprocess
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import plumbline_recorder

_SERVE = """
import sys
sys.path[:0] = ["dist/quotes.pyz", "tests"]
import plumbline_recorder
from quotes.__main__ import serve
from quotes.app import app
serve(plumbline_recorder.wsgi(app), 0)
"""


class Service:
    def __init__(self):
        self.process = subprocess.Popen([sys.executable, "-c", _SERVE], stdout=subprocess.PIPE, text=True)
        self.base = f"http://127.0.0.1:{self.process.stdout.readline().split()[-1]}"

    def ask(self, path, **headers):
        """Status and body."""
        try:
            request = Request(self.base + path, headers={**headers, **plumbline_recorder.headers()})
            with urlopen(request, timeout=5) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
