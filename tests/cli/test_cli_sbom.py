"""``plumb sbom`` as a job and a person use it."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.slow

_LOCK = '{"lockfileVersion": 3, "packages": {"node_modules/a": {"version": "1.0.0"}}}'


@pytest.fixture
def project(plumb: Any) -> Any:
    made = plumb("a: {script: x}\n")
    (made.folder / "web/node_modules/b").mkdir(parents=True)
    (made.folder / "web/package-lock.json").write_text(_LOCK)
    (made.folder / "web/node_modules/b/package-lock.json").write_text(_LOCK.replace("/a", "/b"))
    return made


def test_a_folder_gives_one_bill_that_says_where_it_comes_from(project: Any) -> None:
    done = project("sbom")

    assert done.returncode == 0, done.stderr
    bill = json.loads(done.stdout)
    assert [one["purl"] for one in bill["components"]] == ["pkg:npm/a@1.0.0"]
    assert bill["metadata"]["properties"][0]["value"].startswith("web/package-lock.json sha256:")
    assert "timestamp" not in bill["metadata"]
    assert project("sbom", "web/package-lock.json").returncode == 0
    assert project("sbom").stdout == done.stdout


def test_what_is_missing_is_said_and_fails_where_it_is_asked_for(project: Any) -> None:
    (project.folder / "requirements.txt").write_text("x>=1\n")

    done = project("sbom", "--complete", "-o", "bill.json")

    assert done.returncode == 1
    assert "incomplete: requirements.txt: line 1: This names no single version." in done.stderr
    bill = json.loads((project.folder / "bill.json").read_text())
    assert bill["compositions"] == [{"aggregate": "incomplete", "assemblies": ["unknown"]}]


def test_a_name_and_a_time_of_ones_own(project: Any) -> None:
    done = project("sbom", "--name", "pkg:generic/shop", "--version", "2", SOURCE_DATE_EPOCH="1700000000")

    said = json.loads(done.stdout)["metadata"]
    assert (said["component"]["bom-ref"], said["component"]["version"]) == ("pkg:generic/shop", "2")
    assert said["timestamp"].startswith("2023-11-14T22:13:20")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("src",), "There is no lock file in src"),
        (("README",), "README has not the name of a lock file"),
        (("nowhere",), "nowhere cannot be used: No such file"),
        (("--name", "pkg:x"), "is no package URL"),
    ],
)  # fmt: skip
def test_bad_arguments_are_refused_in_words(project: Any, arguments: tuple[str, ...], said: str) -> None:
    (project.folder / "src").mkdir()
    (project.folder / "README").write_text("x")

    done = project("sbom", *arguments)

    assert done.returncode == (3 if "nowhere" in arguments else 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_time_that_is_none(project: Any) -> None:
    assert "is not a number of seconds" in project("sbom", SOURCE_DATE_EPOCH="today").stderr
