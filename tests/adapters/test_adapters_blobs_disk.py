"""Blobs on the disk: how they lie there, what a process that died leaves, and what others may have put there."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from plumbline.adapters.blobs import DiskBlobs
from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from pathlib import Path

HELLO = b"hello, bank\n"
DIGEST = f"sha256:{hashlib.sha256(HELLO).hexdigest()}"
KILLS = 50
SIZE = 24 << 20


@pytest.fixture
def blobs(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(str(tmp_path / "oci"))


def test_an_image_layout(blobs: DiskBlobs, tmp_path: Path) -> None:
    digest = blobs.put(HELLO)
    folder = tmp_path / "oci"
    assert json.loads((folder / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
    index = json.loads((folder / "index.json").read_text())
    assert (index["schemaVersion"], index["manifests"]) == (2, [])
    path = folder / "blobs/sha256" / digest.partition(":")[2]
    assert path.read_bytes() == HELLO


def test_immutable_and_nobody_elses(blobs: DiskBlobs, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        digest = blobs.put(HELLO)
    finally:
        os.umask(old)
    path = tmp_path / "oci/blobs/sha256" / digest.partition(":")[2]
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    for folder in (path.parent, path.parent.parent, tmp_path / "oci", tmp_path / "oci/uploads"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_taken_file_is_not_copied(blobs: DiskBlobs, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(HELLO)
    blobs.take(str(file))
    blobs.take(str(file))
    blobs.adopt(str(file), DIGEST)
    assert os.path.samefile(file, tmp_path / "oci/blobs/sha256" / DIGEST.partition(":")[2])
    assert sorted(os.listdir(tmp_path / "oci/uploads")) == []


def test_a_file_of_another_disk_is_copied(blobs: DiskBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def elsewhere(*_: object, **__: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", elsewhere)
    file = tmp_path / "file"
    file.write_bytes(HELLO)
    assert blobs.take(str(file)).digest == DIGEST
    assert blobs.get(DIGEST, 100) == HELLO
    assert not os.path.samefile(file, tmp_path / "oci/blobs/sha256" / DIGEST.partition(":")[2])


def test_a_link_in_the_place_of_a_blob_is_not_followed(blobs: DiskBlobs, tmp_path: Path) -> None:
    blobs.put(b"so that the folders are there")
    (tmp_path / "secret").write_bytes(HELLO)
    (tmp_path / "oci/blobs/sha256" / DIGEST.partition(":")[2]).symlink_to(tmp_path / "secret")
    assert blobs.info(DIGEST) is None
    with pytest.raises(PlumblineError):
        blobs.read(DIGEST)
    assert blobs.put(HELLO) == DIGEST
    assert blobs.get(DIGEST, 100) == HELLO
    assert (tmp_path / "secret").read_bytes() == HELLO


def test_what_is_never_read_is_not_left_open(blobs: DiskBlobs) -> None:
    blobs.put(HELLO)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        blobs.read(DIGEST)
        next(blobs.read(DIGEST, 3))
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_bad_sector_is_corruption(blobs: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs.put(HELLO)

    def bad(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "pread", bad)
    with pytest.raises(PlumblineError) as error:
        blobs.get(DIGEST, 100)
    assert error.value.code == "blob-corrupt"
    assert blobs.info(DIGEST) is None


def test_a_full_disk(blobs: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = blobs.begin()
    blobs.write(upload, 0, [HELLO[:5]])

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(PlumblineError) as error:
            blobs.write(upload, 5, [HELLO[5:]])
        assert error.value.code == "disk-full"
    blobs.write(upload, 5, [HELLO[5:]])
    assert blobs.finish(upload, DIGEST) == len(HELLO)


def test_what_the_dead_left_goes_some_day(blobs: DiskBlobs, tmp_path: Path) -> None:
    blobs.put(HELLO)
    folder = tmp_path / "oci/uploads"
    for name in (".taken.1.1.tmp", ".taken.1.2.tmp", "0" * 32):
        (folder / name).write_bytes(b"half")
    os.utime(folder / ".taken.1.1.tmp", (1, 1))
    os.utime(folder / ("0" * 32), (1, 1))
    blobs.tidy()
    assert sorted(os.listdir(folder)) == [".taken.1.2.tmp", "0" * 32], "an upload has its own lease"


PUSH = """
import sys
from plumbline.adapters.blobs import DiskBlobs
folder, source, digest = sys.argv[1:]
blobs = DiskBlobs(folder)
upload = blobs.begin()
print(upload, flush=True)
with open(source, "rb") as file:
    at = 0
    while block := file.read(1 << 18):
        at = blobs.write(upload, at, [block])
print("whole", flush=True)
blobs.finish(upload, digest)
print("done", flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
@pytest.mark.long
def test_killed_at_any_moment(tmp_path: Path) -> None:
    """A real process with SIGKILL: the blob is right or absent, and what was written can be gone on with."""
    dice = random.Random(14)
    source = tmp_path / "source"
    seen = {"absent": 0, "there": 0}
    for number in range(KILLS):
        data = dice.randbytes(1 << 16) * (SIZE >> 16) + number.to_bytes(4, "big")
        source.write_bytes(data)
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        command = [sys.executable, "-c", PUSH, str(tmp_path / "oci"), str(source), digest]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            upload = process.stdout.readline().strip()
            if number % 2:  # half of the deaths around the moment in which it gets its name
                process.stdout.readline()
                time.sleep(dice.uniform(0, 0.03))
            else:
                time.sleep(dice.uniform(0, 0.04))
            process.send_signal(signal.SIGKILL)
            said = process.stdout.read()
        blobs = DiskBlobs(str(tmp_path / "oci"))
        info = blobs.info(digest)
        if info is not None:
            seen["there"] += 1
            assert info.size == len(data)
            assert blobs.verify(digest)
        else:
            seen["absent"] += 1
            assert "done" not in said, "what was said to be stored is there"
            there = blobs.written(upload)
            assert there is not None
            blobs.write(upload, there, [data[there:]])
            assert blobs.finish(upload, digest) == len(data)
        assert blobs.verify(digest)
        blobs.remove(digest, unused_since=1 << 62)
    print(f"killed {KILLS} times: {seen}")
    assert list(DiskBlobs(str(tmp_path / "oci")).uploads()) == []
