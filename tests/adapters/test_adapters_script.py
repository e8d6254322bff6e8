"""The shell program of a step, as real shells run it."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.adapters.jobs.script import compose, quote, shown

SHELLS = [shell for shell in ("bash", "sh", "dash", "busybox") if shutil.which(shell)]


def run(shell: str, program: str) -> subprocess.CompletedProcess[str]:
    argv = [shell, "sh", "-c", program] if shell == "busybox" else [shell, "-c", program]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    return request.param


def test_lines_are_announced_and_stop_at_the_first_failure(shell: str) -> None:
    program = compose(["echo 'a  b'", "false", "echo never"], "/", bash=shell == "bash")
    done = run(shell, program)
    assert done.stdout == "\033[32;1m$ echo 'a  b'\033[0;m\na  b\n\033[32;1m$ false\033[0;m\n"
    assert done.returncode == 1


def test_the_folder_may_have_any_name(shell: str, tmp_path) -> None:
    folder = tmp_path / "it's a $HOME `x`"
    folder.mkdir()
    assert run(shell, compose(["pwd"], str(folder), bash=False)).stdout.endswith(f"\n{folder}\n")
    assert run(shell, compose(["echo never"], f"{folder}/absent", bash=False)).returncode == 1


@pytest.mark.parametrize(
    ("line", "as_shown"),
    [
        ("make", "make"),
        ("make\n", "make"),
        ("if true\nthen x\nfi", "if true # collapsed multi-line command"),
        ("\n\nmake", "make"),
        ("", ""),
    ],
)
def test_announcements(line: str, as_shown: str) -> None:
    assert shown(line) == as_shown


def test_items_that_go_on_over_lines(shell: str) -> None:
    lines = ["cat <<EOF\nhello\nEOF", "# a comment", "echo one \\\n  two", "for i in 1 2\ndo echo $i; done"]
    done = run(shell, compose(lines, "/", bash=shell == "bash"))
    assert [line for line in done.stdout.splitlines() if "\033" not in line] == ["hello", "one two", "1", "2"]


def test_large_variables_are_seen_by_the_script_and_not_by_its_programs(shell: str) -> None:
    value = "it's\n$x `y` \\"
    program = compose(['printf "<%s>" "$BIG"', "! env | grep BIG"], "/", bash=False, large={"BIG": value})
    done = run(shell, program)
    assert f"<{value}>" in done.stdout
    assert done.returncode == 0


def test_tracing(shell: str) -> None:
    assert "+ true" in run(shell, compose(["true"], "/", bash=False, trace=True)).stderr


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
def test_quoting(text: str) -> None:
    done = subprocess.run(["sh", "-c", f"printf %s {quote(text)}"], capture_output=True, check=True)
    assert done.stdout == text.encode()
