"""A process that has imported all that is not ours, and forks for every run of tests: each begins afresh, and soon.

Asked by a line of JSON with the arguments of pytest and the file for its output; answers with the exit status.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from contextlib import suppress

THEIRS = (
    "alembic.command",
    "anyio._backends._asyncio",
    "argon2",
    "click",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "cryptography.hazmat.primitives.ciphers.aead",
    "cryptography.x509",
    "jinja2",
    "msgspec",
    "prometheus_client",
    "pytest",
    "rich.console",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.orm",
    "starlette.applications",
    "uvicorn",
    "yaml",
)


def run(arguments: list[str], output: str) -> int:
    """The exit status of pytest in a process of its own; negative: the signal that ended it."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    status = 3
    try:
        import pytest

        status = int(pytest.main(arguments))
        sys.stdout.flush()
    finally:
        os._exit(status)  # nothing of the process that it was made from is to be ended twice


def main() -> None:
    for name in THEIRS:
        with suppress(ImportError):
            importlib.import_module(name)
    assert not any(name.partition(".")[0] == "plumbline" for name in sys.modules)
    for line in sys.stdin:
        asked = json.loads(line)
        print(run(asked["arguments"], asked["output"]), flush=True)


if __name__ == "__main__":
    main()
