"""``plumb evidence``: what is wrong is said before anything is asked of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Plumb

pytestmark = pytest.mark.slow
NOWHERE = ("--server", "http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("status", *NOWHERE), 2, "Name a pipeline, or a node"),
        (("explain", "sast", *NOWHERE), 2, "Name a pipeline, or a collection"),
        (("add", ".gitlab-ci.yml", "--kind", "junit", *NOWHERE, "--project", "1"), 2, "needs --commit"),
        (("status", "--pipeline", "1", *NOWHERE), 2, "PLUMBLINE_TOKEN"),
    ],
)
def test_what_is_wrong_is_said_first(
    plumb: Callable[[str], Plumb], arguments: tuple[str, ...], status: int, said: str
) -> None:
    done = plumb("test: {script: [make]}\n")("evidence", *arguments)
    assert (done.returncode, said in done.stdout + done.stderr) == (status, True), done
    assert "Traceback" not in done.stderr


def test_a_server_that_is_not_there_is_told(plumb: Callable[[str], Plumb]) -> None:
    done = plumb("test: {script: [make]}\n")("evidence", "doctor", *NOWHERE, PLUMBLINE_TOKEN="x")
    assert done.returncode == 3
    assert "does not answer: Connection refused" in done.stderr
