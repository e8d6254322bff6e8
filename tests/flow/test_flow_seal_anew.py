"""Rotating keys: everything that is sealed is sealed anew, while others write."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from plumbline.adapters.secrets import KeyVault, add_key, drop_old_keys, read_keys
from plumbline.flow.pipelines.plan_cache import pipeline_place
from plumbline.flow.pipelines.schedules import schedule_variables, seal_schedule_variables
from plumbline.flow.storage.reencrypt import look_at_sealed, reencrypt
from plumbline.flow.tree.bind_repository import RepositoryWrite, bind_repository, secret_place
from plumbline.flow.tree.variables import put_variable, variable_place
from plumbline.model.change import Change, Project
from plumbline.model.person import Role
from plumbline.model.pipeline import Variable
from plumbline.model.server import Binding, Schedule, StoredPipeline
from plumbline.model.tree import NodeKind, StoredVariable
from plumbline.wiring.stores import KEYS

pytestmark = pytest.mark.slow


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "data" / KEYS


def put(house, name, value, node=0):
    stored = StoredVariable(node=node, name=name, sealed=b"")
    put_variable(house.standing(house.admin), house.tools.tree, stored, value)


def value_of(house, vault, name):
    with house.view() as tx:
        (found,) = (one for one in tx.variables.at([0]) if one.name == name)
    return vault.open(found.sealed, variable_place(0, name, "*")).decode()


def fill(house):
    """One of everything that is sealed."""
    house.admin = house.person("ada", Role.ADMIN)
    bank = house.node("bank")
    project = house.node("core", NodeKind.PROJECT, bank)
    put(house, "A", "value of A")
    put(house, "B", "value of B", project.id)
    given = (Variable("C", "value of C"),)
    sealed = seal_schedule_variables(house.server.server, given, project.id)
    url = "https://git.example/core.git"
    with house.change() as tx:
        tx.bindings.put(Binding(project=project.id, kind="git", url=url, heads={"refs/heads/x": "1"}))
    write = RepositoryWrite(kind="git", url=url, new_secret=True)
    bind_repository(house.standing(house.admin), house.tools.tree, project.id, write)
    with house.change() as tx:
        tx.schedules.add(Schedule(project=project.id, cron="0 3 * * *", variables=sealed))
    return project


def test_everything_is_sealed_anew_and_still_opens(house, keys):
    project = fill(house)
    assert look_at_sealed(house.tools.units.store, house.tools.tree.vault).current == 4
    add_key(keys)
    vault = KeyVault(keys)
    before = look_at_sealed(house.tools.units.store, vault)
    assert (before.current, before.older, before.closed) == (0, 4, [])
    after = reencrypt(house.tools.units.store, vault, house.moment)
    assert (after.current, after.older, after.closed) == (4, 0, [])
    drop_old_keys(keys)
    alone = KeyVault(keys)
    assert value_of(house, alone, "A") == "value of A"
    with house.view() as tx:
        binding = tx.bindings.get(project.id)
        (schedule,) = tx.schedules.of(project.id)
    assert binding.heads == {"refs/heads/x": "1"}  # nothing else of it changed
    assert alone.open(binding.secret, secret_place(project.id))
    assert [v.value for v in schedule_variables(house.server.server, schedule)] == ["value of C"]
    assert len(house.events("key.rotated")) == 1


def test_variables_of_pipelines_too(house, keys):
    house.admin = house.person("ada", Role.ADMIN)
    with house.change() as tx:
        assert tx.pipelines.sealed(0, 10) == []
    vault = house.tools.tree.vault
    project = house.node("core", NodeKind.PROJECT, house.node("bank"))
    change = Change(project=Project(path="bank/core"), sha="a" * 40, branch="main")
    stored = StoredPipeline(project=project.id, uid="u1", change=change)
    with house.change() as tx:
        made = tx.pipelines.add(stored, b"plan", vault.seal(b"given", pipeline_place("u1")))
        tx.pipelines.add(msgspec.structs.replace(stored, uid="u2"), b"plan", b"")
    add_key(keys)
    assert reencrypt(house.tools.units.store, KeyVault(keys), house.moment).current == 1
    drop_old_keys(keys)
    with house.view() as tx:
        assert KeyVault(keys).open(tx.pipelines.plan(made.id)[1], pipeline_place("u1")) == b"given"


def test_what_no_key_opens_is_named_and_left_alone(house, keys):
    fill(house)
    with house.change() as tx:
        tx.variables.put(StoredVariable(node=0, name="LOST", sealed=b"\x01" + b"x" * 60))
    add_key(keys)
    after = reencrypt(house.tools.units.store, KeyVault(keys), house.moment)
    assert after.current == 4
    assert after.closed == [variable_place(0, "LOST", "*")]


def test_what_others_write_meanwhile_is_not_lost(house, keys):
    fill(house)
    for number in range(250):
        put(house, f"V{number}", "old value")
    add_key(keys)
    vault = KeyVault(keys)
    writer = threading.Thread(target=lambda: [put(house, f"V{n}", "new value") for n in range(0, 250, 10)])
    writer.start()
    reencrypt(house.tools.units.store, vault, house.moment)
    writer.join()
    after = reencrypt(house.tools.units.store, vault, house.moment)
    assert (after.older, after.closed) == (0, [])
    assert {value_of(house, vault, f"V{n}") for n in range(0, 250, 10)} == {"new value"}
    assert value_of(house, vault, "V1") == "old value"


def test_the_command_rotates_and_drops(house, keys, tmp_path):
    from click.testing import CliRunner

    from plumbline.cli.app import plumb

    fill(house)
    data = ["--data", str(tmp_path / "data")]

    def run(*arguments):
        found = CliRunner().invoke(plumb, ["keys", *arguments, *data])
        refused = getattr(found.exception, "code", None)
        return refused if isinstance(refused, str) else found.exit_code, found.output

    assert run() == (0, "4 values are sealed with the newest key.\n")
    assert run("--rotate")[0] == 0
    assert len(read_keys(keys)) == 2
    status, said = run("--drop-old")
    assert (status, len(read_keys(keys))) == (0, 1), said
    add_key(keys)
    assert run("--drop-old")[0] == "old-keys-needed"  # four values need the old one
    assert len(read_keys(keys)) == 2
    put(house, "NEW", "of a running server")
    assert value_of(house, KeyVault(keys), "NEW") == "of a running server"
    keys.unlink()
    assert run()[0] == "no-key-file"
    assert run("--rotate", "--drop-old")[0] == "one-at-a-time"
