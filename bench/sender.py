"""``python -m bench.sender``: events sent over a few connections that stay open, as JSON on standard input says. Writes
how long it took, in seconds. Each connection waits for its answer before it sends the next."""

from __future__ import annotations

import http.client
import json
import sys
import time
from threading import Thread


def main(port: int, token: str, bodies: list[str], connections: int) -> float:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    refused: list[str] = []

    def send(part: list[str]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for body in part:
            connection.request("POST", "/api/v1/events", body, headers)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status != 200:
                refused.append(f"{answer.status} {said[:200]!r}")
        connection.close()

    threads = [Thread(target=send, args=(bodies[number::connections],)) for number in range(connections)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refused:
        raise SystemExit(f"{len(refused)} were refused, such as {refused[0]}")
    return time.perf_counter() - began


if __name__ == "__main__":
    print(main(**json.load(sys.stdin)))
