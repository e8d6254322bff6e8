"""``python -m bench.load``: so many requests a second at a server on this machine, as JSON on standard input says.

Each request has its moment, whether those before it were answered or not, and its time counts from that moment.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

CONNECTIONS = 40


async def main(port: int, paths: list[str], headers: list[str], rate: float, seconds: float) -> dict[str, object]:
    times: list[float] = []
    statuses: dict[str, int] = {}
    total = int(rate * seconds)
    moments = iter(range(total))
    began = time.perf_counter() + 0.2

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in moments:
            moment = began + number / rate
            await asyncio.sleep(max(0.0, moment - time.perf_counter()))
            lines = [f"GET {paths[number % len(paths)]} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers]
            writer.write("\r\n".join([*lines, "", ""]).encode())
            status = await _answer(reader)
            times.append(time.perf_counter() - moment)
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    times.sort()
    took = time.perf_counter() - began
    middle, last = times[len(times) // 2], times[int(len(times) * 0.99)]
    return {"p50": middle, "p99": last, "rate": total / took, "statuses": statuses}


async def _answer(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    found = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
    await reader.readexactly(int(found["content-length"]))
    return head[0].split(" ")[1]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(**json.load(sys.stdin)))))
