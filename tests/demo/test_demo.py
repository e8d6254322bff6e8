"""The demo tells a true story, takes nobody's folder, and leaves nothing running."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from tests.evidence.published import specification

from plumbline.evidence import json_schema

ROOT = Path(__file__).parents[2]
PLUMB = [sys.executable, "-m", "plumbline", "demo"]


def environment(**more):
    kept = {name: value for name, value in os.environ.items() if name not in ("DEMO_EXIT", "PLUMBLINE_DATA")}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), **more}


def assert_valid(database):
    """Every event fits the schema that is handed out for its type, and the published one where there is a copy of the
    specification."""
    with sqlite3.connect(database) as connection:
        events = [json.loads(body) for (body,) in connection.execute("select body from ledger_entry")]
    connection.close()
    folder = specification()
    published = [json.loads(path.read_bytes()) for path in folder.rglob("schemas/**/*.json")] if folder else []
    schemas = [document for document in published if "$id" in document]
    assert not folder or len(schemas) >= 45
    registry = Registry().with_resources([(one["$id"], Resource.from_contents(one)) for one in schemas])
    theirs = {
        one["properties"]["context"]["properties"]["type"]["enum"][0]: one
        for one in schemas
        if "enum" in one.get("properties", {}).get("context", {}).get("properties", {}).get("type", {})
    }
    for event in events:
        kind = event["context"]["type"]
        for schema in filter(None, (json_schema(kind), theirs.get(kind))):
            Draft202012Validator(schema, registry=registry).validate(event)
    assert len({event["context"]["type"] for event in events}) > 20


@pytest.mark.slow
@pytest.mark.long
def test_the_story_really_happened_and_a_changed_entry_is_noticed(tmp_path):
    data = tmp_path / "data"
    done = subprocess.run(
        [sys.executable, "-m", "demo", "--data", str(data)],
        cwd=ROOT, env=environment(DEMO_EXIT="1"), capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("\n  yes  ") >= 12
    assert "\n  NO   " not in done.stdout
    database = data / "plumbline.db"
    assert_valid(database)
    kept = database.read_bytes()
    assert b'"outcome":"failure"' in kept
    at = kept.rindex(b'"outcome":"failure"') + len(b'"outcome":"')
    database.write_bytes(kept[:at] + b"g" + kept[at + 1 :])
    verified = subprocess.run(
        [sys.executable, "-m", "plumbline", "ledger", "verify", "--data", str(data)],
        env=environment(), capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert verified.returncode == 1
    assert re.search(r"broken at entry \d+", verified.stdout), verified.stdout


@pytest.mark.slow
@pytest.mark.long
def test_without_a_terminal_it_serves_until_it_is_told_to_end(tmp_path):
    data = tmp_path / "data"
    demo = subprocess.Popen(
        [*PLUMB, "--data", str(data)], env=environment(), stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    try:
        url = re.search(r"http://[\d.:]+", demo.stdout.readline()).group()
        second = subprocess.run(
            [*PLUMB, "--data", str(data)], env=environment(), capture_output=True, text=True, timeout=30, check=False
        )
        assert second.returncode == 2
        assert "Another demo is running" in second.stderr
        with urllib.request.urlopen(f"{url}/healthz", timeout=10) as answer:
            assert answer.status == 200
    finally:
        demo.send_signal(signal.SIGTERM)
        status = demo.wait(60)
        demo.stdout.close()
    assert status == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{url}/healthz", timeout=10)


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path):
    precious = tmp_path / "precious.txt"
    precious.write_text("keep me")
    done = subprocess.run(
        PLUMB, env=environment(DEMO_EXIT="1", PLUMBLINE_DATA=str(tmp_path)), capture_output=True, text=True,
        timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "no demo made" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]
