"""Files of keys that are not as they should be, and what the doctor says of them."""

from __future__ import annotations

import os
import resource

import pytest

from plumbline.adapters.doctor import check_folder, check_private
from plumbline.adapters.ledger_key import make_ledger_key, read_ledger_key
from plumbline.adapters.secrets import create_keys
from plumbline.kernel import PlumblineError
from plumbline.model.health import Health


@pytest.mark.parametrize("content", ["", "garbage", "PRIVATE+KEY+plumbline-1+00000000+AAAA"])
def test_a_ledger_key_that_is_none_is_named_with_its_file(tmp_path, content):
    path = tmp_path / "ledger-key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(PlumblineError) as told:
        read_ledger_key(str(tmp_path))
    assert (told.value.code, str(path) in str(told.value.message)) == ("bad-key", True)
    assert told.value.hint is not None


def test_a_ledger_key_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(PlumblineError) as told:
            make_ledger_key(str(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert told.value.code == "key-file-unusable"
    assert os.listdir(tmp_path) == []
    assert make_ledger_key(str(tmp_path)) == read_ledger_key(str(tmp_path))


def test_the_doctor_reads_the_keys(tmp_path):
    path = tmp_path / "keys"
    create_keys(path)
    assert check_private("keys", str(path)).ok
    path.write_text("garbage\n")
    found = check_private("keys", str(path))
    assert (found.health, found.cure is not None) == (Health.PROBLEM, True)


@pytest.mark.parametrize(("mode", "health"), [(0o700, Health.OK), (0o755, Health.WARNING), (0o777, Health.PROBLEM)])
def test_the_doctor_says_who_else_may_look_in(tmp_path, mode, health):
    tmp_path.chmod(mode)
    assert check_folder(str(tmp_path)).health is health
    tmp_path.chmod(0o700)
