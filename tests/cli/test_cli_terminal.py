"""A run on a terminal: what a person sees, types and interrupts."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

import pytest

pytestmark = pytest.mark.slow

STAGED = """
stages: [one, two]
first: {stage: one, script: echo x}
play: {stage: two, when: manual, script: ["echo playing", "sleep 20"], after_script: ["echo cleaned"]}
"""


class Terminal:
    """``plumb`` on a terminal of its own."""

    def __init__(self, repository, *arguments: str, columns: int = 80, **extra: str) -> None:
        self.mine, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "plumbline", *arguments],
            cwd=repository.folder, env=repository.environment(TERM="xterm", **extra),
            stdin=its, stdout=its, stderr=its, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )  # fmt: skip
        os.close(its)
        self.shown = ""

    def until(self, words: str, seconds: float = 60.0) -> str:
        """Read until the words have come."""
        deadline = time.monotonic() + seconds
        while words not in self.shown and time.monotonic() < deadline:
            if select.select([self.mine], [], [], 0.1)[0]:
                try:
                    self.shown += os.read(self.mine, 65536).decode(errors="replace")
                except OSError:  # the other side is closed
                    break
        assert words in self.shown
        return self.shown

    def type(self, text: str) -> None:
        os.write(self.mine, text.encode())

    def end(self) -> int:
        self.until("plumb logs 1 ")
        return self.process.wait(timeout=60)


def newest(repository) -> dict:
    return json.loads(repository("history", "--json", "-n", "1").stdout)


def test_a_manual_job_is_played_and_interrupted(plumb):
    repository = plumb(STAGED)
    terminal = Terminal(repository, "run")
    terminal.until("Play which?")
    terminal.type("1\n")
    terminal.until("$ sleep 20")
    terminal.type("\x03")
    terminal.until("Stopping; after_script still runs")
    assert terminal.end() == 130
    assert "pipeline 1: canceled" in terminal.shown
    assert "cleaned" in repository("logs", "play").stdout


def test_an_interruption_answers_the_question(plumb):
    repository = plumb(STAGED)
    terminal = Terminal(repository, "run")
    terminal.until("Play which?")
    time.sleep(0.2)  # until it really reads
    terminal.type("\x03")
    assert terminal.end() == 130
    assert newest(repository)["state"] == "canceled"


def test_a_terminal_that_is_closed_stops_the_run(plumb):
    repository = plumb(STAGED)
    terminal = Terminal(repository, "run", "--manual", "*")
    terminal.until("$ sleep 20")
    os.close(terminal.mine)
    assert terminal.process.wait(timeout=60) in (3, 129)
    found = newest(repository)
    assert found["state"] == "canceled", json.dumps(found)
    assert "cleaned" in repository("logs", "play").stdout


@pytest.mark.parametrize(("language", "word"), [("en", "1 running"), ("zh", "1 运行中")])
def test_the_moving_part_is_in_the_readers_language(plumb, language, word):
    terminal = Terminal(plumb("one: {script: sleep 0.5}\ntwo: {script: 'true'}\n"), "run", PLUMBLINE_LANGUAGE=language)
    terminal.until(word)
    terminal.end()
