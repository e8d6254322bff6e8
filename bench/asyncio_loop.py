"""The lower limit of a job runner: ``bash -c true`` so many times, two at a time, and nothing else."""

from __future__ import annotations

import asyncio
import sys


async def main(count: int, width: int = 2) -> None:
    left = iter(range(count))

    async def work() -> None:
        for _ in left:
            process = await asyncio.create_subprocess_exec("bash", "-c", "true")
            await process.wait()

    await asyncio.gather(*(work() for _ in range(width)))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
