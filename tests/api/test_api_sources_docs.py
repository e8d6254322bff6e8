"""The examples of the page of sources are sent as they are printed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from plumbline.model.person import Role
from plumbline.model.tree import NodeKind

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("curl") is None or shutil.which("openssl") is None, reason="no curl or openssl"),
]
DOCS = Path(__file__).parents[2] / "docs"


def examples(name):
    return re.findall(r"```sh\n(.*?)```", (DOCS / name).read_text("utf-8"), re.S)


def test_both_languages_show_the_same():
    assert examples("sources.md") == examples("sources.zh.md")


def test_each_example_is_taken_in(api, served):
    acme = api.node("acme")
    api.node("shop", NodeKind.PROJECT, acme.id)
    token = api.token(api.person("mia", Role.MAINTAINER, node=acme.id))
    signing = api.post(
        f"/nodes/{acme.id}/sources", token=token,
        json={"name": "watch", "kind": "monitoring", "speaks_as": ["/watch"], "signs": True},
    ).json()  # fmt: skip
    said = {"PLUMBLINE_URL": served, "PLUMB_TOKEN": token, "NODE": str(acme.id), "SIGNING_SECRET": signing["secret"]}
    for number, example in enumerate(examples("sources.md")):
        done = subprocess.run(
            ["bash", "-ec", example], env={**os.environ, **said}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (example, done.stdout, done.stderr)
        answer = json.loads(done.stdout)
        if number == 0:
            said["SOURCE_TOKEN"] = answer["secret"]
        else:
            [result] = answer["results"]
            assert result["seq"], example
            assert not result.get("problem"), example
