"""Blobs as open files: what is read again before it is sent, and what was found right lately."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from plumbline.adapters.blobs import DiskBlobs, whole
from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from pathlib import Path

DATA = os.urandom(40 << 20)


class Store:
    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.told: list[str] = []
        self.blobs = DiskBlobs(str(folder / "oci"), self.told.append)
        self.digest = self.blobs.put(DATA)
        self.path = folder / "oci/blobs/sha256" / self.digest.removeprefix("sha256:")
        self._patch = patch
        self.settled(True)

    def settled(self, yes: bool) -> None:
        """Whether what is there was written a while ago."""
        self._patch.setattr(whole, "_SETTLED", 0 if yes else 10**18)

    def steps(self) -> int:
        """How many it takes to find that it is right."""
        file = self.blobs.file(self.digest)
        assert file is not None
        try:
            return sum(1 for _ in file.check())
        finally:
            file.close()

    def write(self, data: bytes, at: int) -> None:
        times = os.stat(self.path)
        self.path.chmod(0o600)
        with self.path.open("r+b") as file:
            file.seek(at)
            file.write(data)
        os.utime(self.path, ns=(times.st_atime_ns, times.st_mtime_ns))  # as whoever hides it would
        self.path.chmod(0o444)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    return Store(tmp_path, monkeypatch)


def test_it_is_read_in_steps_and_then_known(store: Store) -> None:
    assert store.steps() == 1
    assert store.steps() == 0


def test_nothing_is_remembered_of_what_was_written_a_moment_before(store: Store) -> None:
    store.settled(False)
    assert [store.steps(), store.steps()] == [1, 1]


def test_it_is_read_again_after_a_while(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.steps()
    monkeypatch.setattr(whole, "LASTS", 0)
    assert store.steps() == 1


def test_another_process_knows_nothing(store: Store, tmp_path: Path) -> None:
    store.steps()
    store.blobs = DiskBlobs(str(tmp_path / "oci"))
    assert store.steps() == 1


def test_one_byte_that_is_changed_later_is_noticed_though_its_time_is_put_back(store: Store) -> None:
    store.steps()
    store.write(bytes([DATA[99] ^ 1]), 99)
    with pytest.raises(PlumblineError, match="other bytes by now") as refused:
        store.steps()
    assert (refused.value.code, store.told) == ("blob-corrupt", [store.digest])
    assert store.blobs.info(store.digest) is None
    store.blobs.put(DATA)
    assert store.steps() == 1


def test_a_change_while_it_is_open_is_noticed(store: Store) -> None:
    file = store.blobs.file(store.digest)
    assert file is not None
    assert len(list(file.check())) == 1
    assert len(list(file.check())) == 0
    store.write(b"other", 5)
    with pytest.raises(PlumblineError):
        list(file.check())
    file.close()


def test_what_is_not_there_is_missing(store: Store) -> None:
    with pytest.raises(PlumblineError) as refused:
        store.blobs.file("sha256:" + "0" * 64)
    assert refused.value.code == "blob-missing"
