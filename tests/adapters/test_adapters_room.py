"""Whether there is room on a disk: a full one, one that takes no writes, and how much is to stay free."""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.small_disk import small_disk

from plumbline.adapters.room import RoomWatch
from plumbline.kernel import PlumblineError, t
from plumbline.model.health import Health
from plumbline.model.room import KeepFree, Room, read_keep_free

if TYPE_CHECKING:
    from collections.abc import Iterator

MEGABYTE = 1 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MiB."""
    with small_disk(tmp_path / "disk", 64) as disk:
        yield disk


def watch(folder: Path, keep: int = MEGABYTE, trouble: PlumblineError | None = None) -> RoomWatch:
    return RoomWatch(str(folder), KeepFree(size=keep), lambda: trouble, fresh=-1)


def fill(disk: Path, left: int) -> None:
    with open(disk / "fill", "wb") as file:
        file.write(bytes(64 * MEGABYTE - left))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("512M", KeepFree(size=512 << 20)),
        ("20G", KeepFree(size=20 << 30)),
        ("20 GiB", KeepFree(size=20 << 30)),
        ("1000", KeepFree(size=1000)),
        ("0", KeepFree(size=0)),
        ("5%", KeepFree(size=0, percent=5)),
    ],
)
def test_how_much_is_to_stay_free(text: str, expected: KeepFree) -> None:
    assert read_keep_free(text) == expected


@pytest.mark.parametrize("text", ["", "-1", "100%", "5.5G", "much", "1Q", "12345678901234567890", "\u0665%"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(PlumblineError) as caught:
        read_keep_free(text)
    assert caught.value.code == "size-wrong"


def test_percent_is_of_the_disk() -> None:
    assert KeepFree(percent=5).of(1000) == 50


@pytest.mark.slow
def test_of_a_disk_that_fills_up_and_is_emptied(disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    seen = watch(disk, 20 * MEGABYTE)
    with caplog.at_level(logging.INFO):
        assert (seen.room(), seen.check().health) == (Room.ENOUGH, Health.OK)
        fill(disk, 16 * MEGABYTE)
        assert (seen.room(), seen.check().health, seen.check().ok) == (Room.LITTLE, Health.WARNING, True)
        fill(disk, 0)
        assert (seen.room(), seen.check().ok) == (Room.NONE, False)
        (disk / "fill").unlink()
        assert seen.room() is Room.ENOUGH
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.ERROR, logging.WARNING]
    assert not any(disk.iterdir())


@pytest.mark.slow
def test_of_one_that_takes_no_writes(disk: Path) -> None:
    seen = watch(disk)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    assert (seen.room(), seen.check().ok) == (Room.NONE, False)
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert seen.room() is Room.ENOUGH


def test_of_a_database_that_cannot_write_elsewhere(tmp_path: Path) -> None:
    seen = watch(tmp_path, 0, PlumblineError("disk-full", t("no space left")))
    assert (seen.room(), seen.check().ok, str(seen.check().message)) == (Room.NONE, False, "no space left")


def test_of_a_folder_that_is_gone(tmp_path: Path) -> None:
    assert watch(tmp_path / "gone").room() is Room.NONE
