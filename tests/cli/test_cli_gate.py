"""``plumb gate test``: a policy against facts in a file, without a server."""

from __future__ import annotations

import json

import pytest

from plumbline.cli.app import main

POLICY = """policy: red-lines
title: {en: Red lines, zh: 红线}
owner: quality
for: {act: [pipeline]}
checks:
  - {id: tests, title: {en: Tests pass, zh: 测试通过}, check: tests-passed}
  - {id: secrets, title: {en: No secrets, zh: 没有密钥}, check: no-secrets}
"""
GOOD = "tests: {executed: 3, failed: 0, errors: 0}\nfindings: {secrets: 0, scanned: [secret]}\n"


@pytest.fixture
def gate(tmp_path, monkeypatch, capsys):
    """What ``plumb gate test`` answers: exit status and output."""
    monkeypatch.chdir(tmp_path)

    def asked(facts=GOOD, *more, policy=POLICY):
        (tmp_path / "policy.yml").write_text(policy)
        (tmp_path / "facts.yml").write_text(facts)
        status = main(["gate", "test", "policy.yml", "--facts", "facts.yml", "--no-color", *more])
        return status, capsys.readouterr().out

    return asked
