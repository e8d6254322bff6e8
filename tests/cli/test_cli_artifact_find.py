"""``plumb artifact find``: what is in the store, for whoever operates the machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from tests.registry.registry_world import Bank
from tests.registry.test_registry_package_verbs import publish

from plumbline.cli.commands.artifact import PART

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def data(tmp_path: Path) -> str:
    bank = Bank(tmp_path / "data")
    with bank.server:
        bank.push("v1")
        publish(bank)
    return str(tmp_path / "data")


@pytest.mark.parametrize(
    ("text", "status", "says"), [("v1", 0, "bank/pay"), ("lib", 0, "1.0/lib.tgz"), ("none", 1, "")]
)
def test_found_by_what_is_typed(data: str, text: str, status: int, says: str) -> None:
    done = CliRunner().invoke(PART, ["find", text, "--data", data], standalone_mode=False)
    assert done.return_value == status, done.output
    assert says in done.output


def test_as_json(data: str) -> None:
    done = CliRunner().invoke(PART, ["find", "lib", "--json", "--data", data], standalone_mode=False)
    [found] = [json.loads(line) for line in done.output.splitlines()]
    assert (found["kind"], found["name"], found["by"]) == ("generic", "lib", "dev")
