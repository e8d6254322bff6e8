"""Uploads that would fill the disk: refused while everything else still has some of it, and gone at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.registry.registry_door import Door, in_pieces
from tests.registry.registry_world import NAME, digest_of
from tests.small_disk import small_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow
SIZE = 60  # megabytes of the disk
PIECES = (bytes(1 << 20),) * SIZE
TOO_LARGE, SMALL = digest_of(b"".join(PIECES)), digest_of(b"a")
UPLOADS = f"/v2/{NAME}/blobs/uploads/"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", SIZE) as made:
        yield made


@pytest.fixture
def door(disk: Path) -> Iterator[Door]:
    made = Door(disk)
    with made.server:
        yield made


def test_one_at_once_leaves_nothing(door: Door, disk: Path) -> None:
    token = door.token(door.mei)
    full = door.ask("POST", f"{UPLOADS}?digest={TOO_LARGE}", token=token, content=in_pieces(*PIECES))
    assert full.status_code == 507
    assert os.listdir(disk / "oci/uploads") == []
    assert door.ask("POST", f"{UPLOADS}?digest={SMALL}", token=token, content=b"a").status_code == 201


def test_one_in_parts_leaves_some_of_the_disk_to_others(door: Door, disk: Path) -> None:
    token = door.token(door.mei)
    place = door.ask("POST", UPLOADS, token=token).headers["location"]
    assert door.ask("PATCH", place, token=token, content=in_pieces(*PIECES)).status_code == 507
    free = os.statvfs(disk)
    assert free.f_bavail * free.f_frsize > SIZE << 20 >> 5
    assert door.ask("DELETE", place, token=token).status_code == 204
    assert os.listdir(disk / "oci/uploads") == []


def test_a_package_leaves_nothing(door: Door, disk: Path) -> None:
    place = f"/api/v4/projects/{door.pay.id}/packages/generic/app/1/f"
    full = door.ask("PUT", place, token=door.token(door.mei), content=in_pieces(*PIECES))
    assert (full.status_code, os.listdir(disk / "oci/uploads")) == (507, [])
