"""Blobs in backups, before the doctor, and where a server is started with another place for them."""

from __future__ import annotations

import hashlib
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from plumbline.adapters.blobs import DiskBlobs
from plumbline.adapters.doctor import check_blobs
from plumbline.adapters.store import StoreSettings, open_store
from plumbline.kernel import PlumblineError
from plumbline.model.health import Health
from plumbline.wiring import backups
from plumbline.wiring.blobs import known_address, open_blobs, settle_address

if TYPE_CHECKING:
    from pathlib import Path

HELLO = b"hello, bank\n"
DIGEST = f"sha256:{hashlib.sha256(HELLO).hexdigest()}"


@pytest.fixture
def data(tmp_path: Path) -> str:
    folder = str(tmp_path / "data")
    open_store(StoreSettings(data=folder, create=True)).close()
    return folder


def spoil(data: str) -> None:
    from pathlib import Path

    path = Path(data, "oci/blobs/sha256", DIGEST.partition(":")[2])
    path.chmod(0o600)
    path.write_bytes(HELLO.upper())


@pytest.mark.slow
def test_a_backup_has_them_and_brings_them_back(data: str, tmp_path: Path) -> None:
    blobs = open_blobs(data)
    blobs.put(HELLO)
    blobs.write(blobs.begin(), 0, [b"half of something"])
    made = backups.back_up(str(tmp_path / "backup"), data, None).made
    assert (made.blobs, made.blobs_at) == (1, "")
    other = str(tmp_path / "other")
    backups.restore(str(tmp_path / "backup"), other, None, force=False)
    back = open_blobs(other)
    assert back.get(DIGEST, 100) == HELLO
    assert list(back.uploads()) == []
    back.put(b"and another one")


def test_the_doctor_reads_some_and_remembers_what_was_wrong(data: str) -> None:
    told: list[str] = []
    blobs = DiskBlobs(f"{data}/oci", told.append)
    assert check_blobs(blobs, f"{data}/oci").health is Health.OK
    blobs.put(HELLO)
    assert "1 artifact" in str(check_blobs(blobs, f"{data}/oci").message)
    spoil(data)
    for _ in range(2):
        found = check_blobs(blobs, f"{data}/oci")
        assert found.health is Health.PROBLEM
        assert DIGEST in str(found.message)
    assert told == [DIGEST]
    blobs.put(HELLO)
    assert check_blobs(blobs, f"{data}/oci").health is Health.OK


def test_another_place_is_refused_unless_they_were_moved(data: str) -> None:
    with closing(open_store(StoreSettings(data=data))) as store:
        settle_address(store, data, "s3://one", moved=False)  # nothing was kept yet
        settle_address(store, data, "s3://one", moved=False)
        assert known_address(store) == "s3://one"
        for address in ("", "s3://two"):
            with pytest.raises(PlumblineError) as error:
                settle_address(store, data, address, moved=False)
            assert error.value.code == "artifacts-elsewhere"
        settle_address(store, data, "", moved=True)
        open_blobs(data).put(HELLO)
        with pytest.raises(PlumblineError):
            settle_address(store, data, "s3://one", moved=False)
        assert known_address(store) == ""


@pytest.mark.parametrize("address", ["s3://", "http://x", "bucket", "s3:/x"])
def test_an_address_that_is_none(data: str, address: str) -> None:
    with pytest.raises(PlumblineError) as error:
        open_blobs(data, address=address)
    assert error.value.code == "object-store-unusable"
