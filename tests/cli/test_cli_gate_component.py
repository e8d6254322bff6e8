"""The shipped job that asks the gates, with each of the programs that it may ask with."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_COMMANDS = ("sh", "date", "head", "sleep", "printf")
_TOOLS = tuple(tool for tool in ("curl", "wget", "python3") if shutil.which(tool))


class Gate:
    """Answers in this order; the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str]] = []
        self.seen: list[tuple[str, str, str, object]] = []
        gate = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None: ...

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                gate.seen.append((self.path, self.headers["JOB-TOKEN"], self.headers["Accept-Language"], body))
                status, text = gate.answers.pop(0) if len(gate.answers) > 1 else gate.answers[0]
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class Ended(NamedTuple):
    status: int
    out: str


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.close()


def run(folder: Path, gate: Gate, tool: str, wait: str = "60") -> Ended:
    """The script as it stands in the component, with nothing but this tool beside a shell."""
    text = (files("plumbline.shipped") / "components/1.0.0/gate.yml").read_text()
    lines = text.partition("    - |\n")[2].splitlines()
    script = "\n".join(line.removeprefix("      ") for line in lines)
    script = script.replace("sleep 10", "sleep 0").replace("-ge 18", "-ge 3")
    places = {name: shutil.which(name) for name in (*_COMMANDS, tool) if name}
    for name, place in places.items():
        (folder / name).symlink_to(sys.executable if name == "python3" else str(place))
    environment = {
        "PATH": str(folder), "CI_API_V4_URL": f"{gate.url}/api/v4", "CI_JOB_TOKEN": "job-1", "no_proxy": "*",
        "PLUMBLINE_GATE_ACT": "merge", "PLUMBLINE_GATE_WAIT": wait, "PLUMBLINE_GATE_LANGUAGE": "zh",
    }  # fmt: skip
    command = [str(places["sh"]), "-e", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    return Ended(done.returncode, done.stdout + done.stderr)


@pytest.mark.parametrize("tool", _TOOLS)
def test_it_waits_with_its_reason_and_goes_on_when_it_passes(tmp_path: Path, gate: Gate, tool: str) -> None:
    gate.answers = [
        (200, "wait\nGates: no data\n- sast\n"),
        (200, "wait\nGates: no data\n- sast\n"),
        (200, "go\nGates: passes\n"),
    ]
    ended = run(tmp_path, gate, tool)
    assert ended.status == 0, ended.out
    assert ended.out.count("- sast") == 1
    assert gate.seen == [("/api/v1/jobs/gate/words", "job-1", "zh", {"act": "merge"})] * 3


@pytest.mark.parametrize("tool", _TOOLS)
def test_what_is_refused_stops_it(tmp_path: Path, gate: Gate, tool: str) -> None:
    gate.answers = [(200, "stop\nGates: refused\n  [x] scan: none - refused\n")]
    ended = run(tmp_path, gate, tool)
    assert ended.status == 1
    assert "[x] scan" in ended.out


@pytest.mark.parametrize("tool", _TOOLS)
@pytest.mark.parametrize("answer", [(401, '{"code": "x"}'), (500, "go\n"), (200, "<html>go</html>"), (200, "")])
def test_no_answer_is_no_pass(tmp_path: Path, gate: Gate, tool: str, answer: tuple[int, str]) -> None:
    if answer[0] == 500 and tool != "wget":
        answer = (500, "gone\n")
    gate.answers = [answer]
    ended = run(tmp_path, gate, tool)
    assert ended.status == 1
    assert "no pass" in ended.out
    assert len(gate.seen) == 3


def test_a_fault_of_the_moment_is_none(tmp_path: Path, gate: Gate) -> None:
    gate.answers = [(503, "busy")] * 2 + [(200, "go\n")]
    assert run(tmp_path, gate, _TOOLS[0]).status == 0


def test_its_time_is_over(tmp_path: Path, gate: Gate) -> None:
    gate.answers = [(200, "wait\n")]
    ended = run(tmp_path, gate, _TOOLS[0], wait="0")
    assert ended.status == 1
    assert "waited 0 minutes" in ended.out


def test_without_a_tool_it_says_so(tmp_path: Path, gate: Gate) -> None:
    ended = run(tmp_path, gate, "")
    assert ended.status == 1
    assert "needs curl, wget or python3" in ended.out
