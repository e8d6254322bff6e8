"""What a repository names need not be text: no byte of it stops a project, a look, or another project."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import commit, make_repository, run_git
from tests.crash.world import World, ahead

from plumbline.adapters.git.objects import GitObject, parse_commit
from plumbline.kernel import legible
from plumbline.model.job import State
from plumbline.model.server import Outcome

pytestmark = pytest.mark.slow
INCLUDES = "include: {local: 'ci/*.yml'}\none: {script: [make]}\n"


def looked(world: World) -> list[tuple[str, str]]:
    ahead(world, 61)
    found = world.look()
    world.carry_out()
    return sorted((one.ref, one.outcome) for one in map(world.delivery, [one.id for one in found]))


@pytest.mark.parametrize("content", ["two: {script: [make]}\n", "two: {script: [}\n"])
def test_a_file_whose_name_is_no_text(tmp_path: Path, content: str) -> None:
    home = make_repository(tmp_path / "home", {".gitlab-ci.yml": INCLUDES, "ci/one.yml": "x: {script: [make]}\n"})
    world = World(tmp_path / "data")
    world.add_project(home, poll=60)
    looked(world)
    with open(os.fsencode(home) + b"/ci/caf\xe9.yml", "w") as file:
        file.write(content)
    commit(home, {"ci/also\u2028.yml": "y: {script: [make]}\n"})
    assert looked(world) == [("main", Outcome.PIPELINE)]
    with world.store.view() as tx:
        [made] = tx.pipelines.newest(10)
    if made.state is not State.FAILED:
        assert {job.name for job in world.jobs(made.id)} == {"one", "two", "x", "y"}
        assert world.events("pipelinerun.queued")
    world.close()


def test_a_branch_with_a_line_separator_in_its_name(tmp_path: Path) -> None:
    home = make_repository(tmp_path / "home", {".gitlab-ci.yml": "one: {script: [make]}\n"})
    world = World(tmp_path / "data")
    number = world.add_project(home, poll=60)
    looked(world)
    run_git(home, "branch", "a\u2028b")
    run_git(home, "branch", "a\x85b")
    assert looked(world) == [("a\x85b", Outcome.PIPELINE), ("a\u2028b", Outcome.PIPELINE)]
    assert set(world.server.projects.refs(number) or ()) == {
        "refs/heads/main",
        "refs/heads/a\u2028b",
        "refs/heads/a\x85b",
    }
    world.close()


def encoded(folder: Path, encoding: str, message: bytes) -> None:
    tree = run_git(folder, "rev-parse", "HEAD^{tree}")
    body = f"tree {tree}\nparent {run_git(folder, 'rev-parse', 'HEAD')}\nauthor A\xe9 <a@b> 1 +0000\n"
    body += f"committer A <a@b> 1 +0000\nencoding {encoding}\n\n"
    words = ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"]
    made = subprocess.run(words, cwd=folder, input=body.encode("latin-1") + message, check=True, capture_output=True)
    run_git(folder, "update-ref", "refs/heads/main", made.stdout.decode().strip())


def test_a_commit_in_any_encoding_is_built(tmp_path: Path) -> None:
    home = make_repository(tmp_path / "home", {".gitlab-ci.yml": "one: {script: [make]}\n"})
    world = World(tmp_path / "data")
    world.add_project(home, poll=60)
    looked(world)
    for encoding in ("idna", "undefined", "unicode-escape", "utf-7", "punycode", "hex", "latin-1", "nonsense"):
        encoded(home, encoding, b"caf\xe9 \\ud800 +2AA-\n")
        assert looked(world) == [("main", Outcome.PIPELINE)], encoding
    world.close()


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("latin-1", "café"),
        ("ISO-8859-1", "café"),
        ("cp1252", "café"),
        ("UTF-8", "caf\ufffd"),
        ("idna", "caf\ufffd"),
        ("unicode_escape", "caf\ufffd"),
    ],
)
def test_the_encodings_that_people_write_in(encoding: str, shown: str) -> None:
    data = f"tree x\nencoding {encoding}\n\n".encode() + b"caf\xe9"
    assert parse_commit(GitObject("x", "commit", data)).message == shown


def test_legible() -> None:
    assert legible("caf\udce9") == "caf\\xe9"
    assert legible("caf\ud800é") == "caf\\xed\\xa0\\x80é"
    assert legible("café") == "café"
