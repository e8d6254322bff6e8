"""``python -m quotes PORT``: serve ``/health`` and ``/quote?amount=..&months=..&interest=..`` on the loopback."""

from __future__ import annotations

import json
import os
import sys
from decimal import Decimal, InvalidOperation
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from quotes.rates import monthly_rate


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/health":
            return self.answer(200, {"status": "up"})
        if url.path != "/quote":
            return self.answer(404, {"error": "no such page"})
        if self.headers.get("X-Token") != os.environ.get("SERVICE_TOKEN"):
            return self.answer(401, {"error": "a token is needed"})
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        try:
            rate = monthly_rate(
                Decimal(asked["amount"]),
                int(asked["months"]),
                Decimal(asked["interest"]),
                os.environ.get("ROUNDING", "half-even"),
            )
        except (KeyError, ValueError, InvalidOperation) as error:
            return self.answer(400, {"error": str(error)})
        return self.answer(200, {"rate": str(rate)})

    def answer(self, status: int, body: dict[str, str]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    print(f"serving on port {server.server_port}", flush=True)
    server.serve_forever()
