"""``plumb init`` in real repositories: shown, written once, and green where it is run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Plumb

MAKEFILE = "all: adds\ncheck: all\n\t./adds\n"
ADDS = '#include <stdio.h>\nint main(void) { if (1 + 1 != 2) return 1; puts("adds"); return 0; }\n'
SETUP = 'from setuptools import setup\nsetup(name="rates", py_modules=["rates"], python_requires=">=3.9")\n'
RATES = "def half(number):\n    return number / 2\n"
TEST = "from rates import half\n\n\ndef test_half():\n    assert half(2) == 1\n"


def tree(plumb: Callable[[str], Plumb], **files: str) -> Plumb:
    """A repository without a configuration, and with these files, which are not committed."""
    made = plumb("")
    (made.folder / ".gitlab-ci.yml").unlink()
    made.git("commit", "--quiet", "--all", "-m", "None")
    for name, text in files.items():
        (made.folder / name).write_text(text)
    return made


def test_it_shows_and_changes_nothing(plumb: Callable[[str], Plumb]) -> None:
    made = tree(plumb, **{"Makefile": MAKEFILE, "adds.c": ADDS})
    done = made("init", "--no-images")
    assert done.returncode == 0
    assert yaml.safe_load(done.stdout)["test"]["script"] == ["make -j2", "make check"]
    assert "plumb init --write" in done.stderr
    assert not (made.folder / ".gitlab-ci.yml").exists()


def test_it_writes_where_there_is_none_and_refuses_where_there_is(plumb: Callable[[str], Plumb]) -> None:
    made = tree(plumb, **{"Makefile": MAKEFILE, "adds.c": ADDS})
    (made.folder / "below").mkdir()
    done = made("init", "below", "--write", "--no-images")
    written = made.folder / ".gitlab-ci.yml"
    assert done.returncode == 0
    assert written.read_text() == done.stdout
    assert made("lint", "--strict").returncode == 0
    written.write_text("mine: {script: make}\n")
    again = made("init", "--write", "--no-images")
    assert again.returncode == 2
    assert "was not touched" in again.stderr
    assert written.read_text() == "mine: {script: make}\n"
    assert "already" in made("init", "--no-images").stderr


def test_a_link_that_leads_nowhere_is_not_followed(plumb: Callable[[str], Plumb]) -> None:
    made = tree(plumb, **{"Makefile": MAKEFILE, "adds.c": ADDS})
    (made.folder / ".gitlab-ci.yml").symlink_to(made.folder.parent / "elsewhere")
    assert made("init", "--write", "--no-images").returncode == 2
    assert not (made.folder.parent / "elsewhere").exists()


def test_programs_get_json_and_readers_their_language(plumb: Callable[[str], Plumb]) -> None:
    made = tree(plumb, **{"Makefile": MAKEFILE, "adds.c": ADDS})
    told = json.loads(made("init", "--json").stdout)
    assert [(one["stack"], one["jobs"]) for one in told["stacks"]] == [("c_cpp", ["test"])]
    assert told["tools"] == ["cc", "make"]
    assert yaml.safe_load(told["text"])["test"]["image"] == "gcc:latest"
    assert told["written"] == ""


def test_where_nothing_is_recognised_it_says_what_would_be(plumb: Callable[[str], Plumb]) -> None:
    done = tree(plumb)("init")
    assert done.returncode == 2
    assert "Python" in done.stderr
    assert "plumb lint" in done.stderr


def test_it_needs_a_repository(plumb: Callable[[str], Plumb]) -> None:
    made = plumb("")
    done = made("init", str(made.folder.parent))
    assert done.returncode == 2


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("cc") and shutil.which("make")), reason="no C compiler on this machine")
def test_what_is_proposed_for_c_runs_green_and_fails_with_its_test(plumb: Callable[[str], Plumb]) -> None:
    made = tree(plumb, **{"Makefile": MAKEFILE, "adds.c": ADDS})
    assert made("init", "--write").returncode == 0
    done = made("run", "--shell")
    assert done.returncode == 0, done.stdout
    (made.folder / "adds.c").write_text(ADDS.replace("1 + 1 != 2", "1 + 1 == 2"))
    assert made("run", "--shell").returncode == 1


@pytest.mark.long
def test_what_is_proposed_for_python_runs_green_and_leaves_its_report(
    plumb: Callable[[str], Plumb], tmp_path: Path
) -> None:
    index = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        str(tmp_path / "x"),
        "pytest-cov",
    ]
    if subprocess.run(index, capture_output=True, timeout=60, check=False).returncode:
        pytest.skip("no index of packages is within reach")
    made = tree(plumb, **{"setup.py": SETUP, "rates.py": RATES, "test_rates.py": TEST})
    assert made("init", "--write").returncode == 0
    done = patiently(made, "run", "--shell", "--isolation", "none")
    assert done.returncode == 0, done.stdout
    assert "coverage: test 100%" in done.stdout
    (made.folder / "rates.py").write_text(RATES.replace("/", "*"))
    assert patiently(made, "run", "--shell", "--isolation", "none").returncode == 1


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("npx"), reason="no Node.js on this machine")
def test_what_is_proposed_for_pages_follows_their_links(plumb: Callable[[str], Plumb]) -> None:
    if subprocess.run(
        ["npm", "view", "linkinator", "version"], capture_output=True, timeout=60, check=False
    ).returncode:
        pytest.skip("no registry of packages is within reach")
    made = tree(plumb, **{"index.html": '<a href="more.html">more</a>', "more.html": "<p>more</p>"})
    assert made("init", "--write").returncode == 0
    assert patiently(made, "run", "--shell").returncode == 0
    (made.folder / "more.html").rename(made.folder / "moved.html")
    assert patiently(made, "run", "--shell").returncode == 1


def patiently(made: Plumb, *arguments: str) -> subprocess.CompletedProcess[str]:
    process = made.start(*arguments)
    out, err = process.communicate(timeout=400)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)
