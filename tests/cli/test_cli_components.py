"""The components that come with the product: each is a valid configuration, found offline, in the version asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plumbline.adapters.git import Sources, shipped
from plumbline.adapters.git.projects import _other_project

NEWEST = shipped.versions()[-1]
NAMES = [name.removesuffix(".yml") for name in sorted(os.listdir(Path(shipped._FOLDER) / NEWEST))]
NEEDED = {"scan": "kind: sast, command: make scan, report: gl-sast.json"}  # inputs that have no default


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "index.html").write_text("<h1>Rates</h1>\n")
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@bank.example"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run(
        [*git, "commit", "-qm", "Begin"], check=True, env={**os.environ, "GIT_COMMITTER_DATE": "@1700000000 +0000"}
    )
    return tmp_path


def plumb(where: Path, include: str, *words: str) -> subprocess.CompletedProcess[str]:
    (where / ".gitlab-ci.yml").write_text(f"include:\n  - component: {include}\n")
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "XDG_DATA_HOME": str(where / ".data")}
    command = [sys.executable, "-m", "plumbline", *words]
    return subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)


def asked(name: str, version: str = "1", inputs: str = "") -> str:
    given = ", ".join(part for part in (NEEDED.get(name, ""), inputs) if part)
    return f"$CI_SERVER_FQDN/plumbline/{name}@{version}" + (f"\n    inputs: {{{given}}}" if given else "")


def test_each_stack_that_is_promised_is_there() -> None:
    assert {"python", "node", "maven", "dotnet", "go", "static-web", "image", "release", "scan"} <= set(NAMES)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("runs_in", ["image", "machine"])
def test_each_is_valid(repository: Path, name: str, runs_in: str) -> None:
    done = plumb(repository, asked(name, inputs=f"runs_in: {runs_in}"), "lint")
    assert "valid: 0 errors, 0 warnings" in done.stdout, done.stdout + done.stderr
    assert f"plumbline@{NEWEST}:templates/{name}.yml" in done.stdout or "note:" not in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("version", ["1", "1.0", "~latest", NEWEST, f"v{NEWEST}"])
def test_a_version_is_exact_or_the_newest_that_fits(repository: Path, version: str) -> None:
    done = plumb(repository, asked("static-web", version), "plan")
    assert (done.returncode, "web:build" in done.stdout) == (0, True), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("include", "said"),
    [
        (asked("static-web", "9"), "no version of the components that come with Plumbline fits 9"),
        (asked("static-web", "main"), "no version of the components that come with Plumbline fits main"),
        (asked("cobol"), "plumbline has no component cobol at 1"),
        (asked("scan").partition("\n")[0], "kind"),
        (asked("python", inputs="runs_in: cloud"), "cloud"),
    ],
)
def test_what_is_not_there_is_said(repository: Path, include: str, said: str) -> None:
    done = plumb(repository, include, "lint")
    assert done.returncode == 2
    assert said in done.stdout + done.stderr


def test_a_folder_that_an_operator_maps_stands_in_for_them(tmp_path: Path) -> None:
    mine = _other_project(Sources({"plumbline": str(tmp_path)}), "plumbline", "~1")
    theirs = _other_project(Sources({}), "plumbline", "~1")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "own.yml").write_text("")
    assert list(mine.files()) == ["templates/own.yml"]
    assert "templates/python.yml" in theirs.files()
    assert theirs.read("templates/../templates/python.yml") is None


@pytest.mark.slow
def test_the_same_files_are_packed_into_the_same_bytes(repository: Path) -> None:
    digests = []
    for _ in range(2):
        done = plumb(repository, asked("static-web", inputs="runs_in: machine"), "run", "--isolation", "none")
        assert done.returncode == 0, done.stdout + done.stderr
        digests += [line.split("│")[-1] for line in done.stdout.splitlines() if line.endswith("site.tar.gz")][-1:]
        os.utime(repository / "public" / "index.html", (1, 1))
    assert len(digests) == 2
    assert len(set(digests)) == 1
