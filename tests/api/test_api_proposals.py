"""A project without a configuration asks over the API what one could be, first with a fetch, then from the copy."""

from __future__ import annotations

import subprocess

import pytest
import yaml

from plumbline.model.tree import NodeKind

pytestmark = pytest.mark.slow


def test_a_bound_repository_is_fetched_and_proposed_a_pipeline(api, admin, tmp_path):
    folder = tmp_path / "repo"
    folder.mkdir()
    (folder / "Makefile").write_text("check:\n\ttrue\n")
    (folder / "a.c").write_text("")
    who = ["-c", "user.name=ada", "-c", "user.email=ada@bank.test", "-C", str(folder)]
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "First"]):
        subprocess.run(["git", *who, *words], check=True, capture_output=True)
    node = api.node("core", NodeKind.PROJECT, parent=api.node("bank").id)
    path = f"/api/v1/projects/{node.id}"
    assert api.ask("GET", f"{path}/proposal", token=admin).status_code == 422  # it has no repository
    given = {"kind": "git", "url": str(folder)}
    assert api.ask("PUT", f"{path}/repository", token=admin, json=given).status_code == 200
    assert api.ask("GET", f"{path}/proposal", token=admin).json()["type"].endswith("no-mirror")
    fetched = api.ask("POST", f"{path}/proposal", token=admin)
    assert fetched.status_code == 200, fetched.text
    told = fetched.json()
    assert (told["ref"], told["configured"], told["stacks"][0]["stack"]) == ("main", False, "c_cpp")
    assert yaml.safe_load(told["text"])["test"]["image"] == "gcc:latest"
    shell = api.ask("GET", f"{path}/proposal?images=false", token=admin).json()
    assert "image" not in yaml.safe_load(shell["text"])["test"]
    assert {**shell, "text": ""} == {**told, "text": ""}
