"""``python -m quotes PORT``: serve on the loopback; port 0 is any that is free."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from quotes.app import app


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def serve(served: Callable[..., Any], port: int) -> None:
    with make_server("127.0.0.1", port, served, handler_class=Quiet) as server:
        print(f"serving on port {server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    serve(app, int(sys.argv[1]))
