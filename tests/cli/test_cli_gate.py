"""``plumb gate test``: a policy against facts in a file, without a server."""

from __future__ import annotations

import json

import pytest

from plumbline.cli.app import plumb
from plumbline.cli.errors import status_of
from plumbline.kernel.text import in_language

POLICY = """policy: red-lines
title: {en: Red lines, zh: 红线}
owner: quality
for: {act: [pipeline], classes: [A]}
checks:
  - {id: tests, title: {en: Tests pass, zh: 测试通过}, check: tests-passed}
  - {id: secrets, title: {en: No secrets, zh: 没有密钥}, check: no-secrets, enforced_from: 2027-01-01}
"""
GOOD = "tests: {executed: 3, failed: 0, errors: 0}\nfindings: {secrets: 0, scanned: [secret]}\nsystem.class: A\n"


@pytest.fixture
def gate(tmp_path, monkeypatch, capsys):
    """What ``plumb gate test`` answers: exit status and output."""
    monkeypatch.chdir(tmp_path)

    def asked(facts=GOOD, *more, policy=POLICY):
        (tmp_path / "policy.yml").write_text(policy)
        (tmp_path / "facts.yml").write_text(facts)
        given = ["gate", "test", "policy.yml", "--facts", "facts.yml", "--no-color", "--at", "2026-06-01", *more]
        with in_language("en"):
            status = status_of(lambda: plumb.main(given, prog_name="plumb", standalone_mode=False))
        return status, capsys.readouterr().out

    return asked


def test_a_policy_that_passes(gate):
    status, out = gate()
    assert status == 0
    assert "✓ pass  red-lines" in out
    assert "secrets: No secrets (advisory; decides nothing yet)" in out


def test_what_does_not_pass_says_why_how_to_mend_it_and_by_which_facts(gate):
    status, out = gate(GOOD.replace("failed: 0", "failed: 2"))
    assert status == 1
    assert "✗ fail  tests: Tests pass" in out
    assert "Test cases that did not pass: 2; that came to a verdict: 3." in out
    assert "remedy: Mend the failing tests" in out
    assert "tests.failed = 2" in out


def test_no_data_does_not_pass(gate):
    status, out = gate("system.class: A\n")
    assert status == 1
    assert "? no data  red-lines" in out
    assert "tests.executed = not known" in out


def test_the_day_and_the_class_can_be_given(gate):
    assert gate("tests: {executed: 1, failed: 0, errors: 0}\n", "--class", "A", "--at", "2027-02-01")[0] == 1
    status, out = gate(GOOD.replace("class: A", "class: B"))
    assert status == 1
    assert "The policy 'red-lines' is not meant for this (class)." in out
    status, out = gate("tests: {executed: 1, failed: 0, errors: 0}\n")
    assert status == 1
    assert "It is not known whether the policy is meant for this" in out


def test_as_json(gate):
    status, out = gate(GOOD, "--json")
    found = json.loads(out)
    assert (status, found["outcome"]) == (0, "pass")
    assert [one["check"] for one in found["policies"][0]["checks"]] == ["tests", "secrets"]


def test_mistakes_are_told_with_their_place(gate):
    status, out = gate(GOOD.replace("failed", "fialed"))
    assert (status, out.splitlines()[0][:12]) == (2, "facts.yml:1:")
    assert "tests.failed" in out
    status, out = gate(policy=POLICY.replace("tests-passed", "tests-pased"))
    assert (status, out.splitlines()[0][:13]) == (2, "policy.yml:6:")
    assert "did you mean tests-passed?" in out
