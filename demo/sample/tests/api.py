"""Start the built service as a process of its own and ask it over HTTP."""

import json
import os
import subprocess
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

EXPECTED = {"half-even": "0.12", "half-up": "0.13"}[os.environ["ROUNDING"]]
token = os.environ["SERVICE_TOKEN"]
service = subprocess.Popen([sys.executable, "dist/quotes.pyz", "0"], stdout=subprocess.PIPE, text=True)
try:
    base = f"http://127.0.0.1:{service.stdout.readline().split()[-1]}"

    def ask(path, **headers):
        try:
            with urlopen(Request(base + path, headers=headers), timeout=5) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)

    assert ask("/health") == (200, {"status": "up"})
    assert ask("/quote?amount=1&months=1&interest=0")[0] == 401
    status, body = ask("/quote?amount=0.25&months=2&interest=0", **{"X-Token": token})
    print(f"asked {base}/quote with token {token}: {status} {body}")
    assert (status, body) == (200, {"rate": EXPECTED}), body
    assert ask("/quote?amount=none&months=2&interest=0", **{"X-Token": token})[0] == 400
    print("the service answers as it should")
finally:
    service.terminate()
    service.wait()
