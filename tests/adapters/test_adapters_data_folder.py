"""The server's own files go when they are told to, and nothing outside of the data folder with them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import namedtuple
from pathlib import Path

import pytest

from plumbline.adapters.data_folder import LocalDataFolder, artifact_folder, log_path
from plumbline.adapters.doctor import check_disk, check_space, space
from plumbline.model.health import Health
from plumbline.model.keeping import KeptKind, PendingDeletion

DAY = 24 * 3600


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def house(data: Path) -> LocalDataFolder:
    return LocalDataFolder(str(data))


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that is nobody's business, made to look like one of ours."""
    (tmp_path / "outside/12345").mkdir(parents=True)
    (tmp_path / "outside/12345/artifacts.zip").write_text("precious")
    (tmp_path / "outside/7.log").write_text("precious")
    (tmp_path / "outside/old.cache").write_text("precious")
    os.utime(tmp_path / "outside/old.cache", (1, 1))
    return tmp_path / "outside"


def put(path: str | Path, text: str = "x") -> Path:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    Path(path).write_text(text)
    return Path(path)


def artifacts(job: int) -> PendingDeletion:
    return PendingDeletion(kind=KeptKind.ARTIFACTS, name=str(job))


def log(pipeline: int, job: int) -> PendingDeletion:
    return PendingDeletion(kind=KeptKind.LOGS, name=f"{pipeline}/{job}")


def cache(name: str, stamp: int = 0) -> PendingDeletion:
    return PendingDeletion(kind=KeptKind.CACHES, name=name, stamp=stamp)


def test_each_kind_goes_and_nothing_beside_it(house: LocalDataFolder, data: Path) -> None:
    put(f"{artifact_folder(str(data), 12345)}/reports/junit/a/b.xml")
    beside = put(f"{artifact_folder(str(data), 12346)}/artifacts.zip")
    put(log_path(str(data), 3, 7), "four")
    other = put(log_path(str(data), 3, 8))
    put(data / "caches/4/a.cache")
    kept = put(data / "caches/4/b.cache")
    assert house.size(log(3, 7)) == 4
    for one in (artifacts(12345), log(3, 7), cache("4/a.cache")):
        assert house.remove(one)
        assert house.remove(one)  # again: it is gone
    assert house.size(log(3, 7)) == 0
    assert [path for path in (beside, other, kept) if not path.exists()] == []
    assert not (data / "artifacts/12/12345").exists()
    assert house.remove(log(3, 8))
    assert os.listdir(data / "logs") == []


@pytest.mark.parametrize("link", ["artifacts", "artifacts/12", "artifacts/12/12345"])
def test_no_link_is_followed_to_artifacts(house: LocalDataFolder, data: Path, outside: Path, link: str) -> None:
    os.makedirs(os.path.dirname(data / link), exist_ok=True)
    target = {"artifacts": outside.parent, "artifacts/12": outside, "artifacts/12/12345": outside / "12345"}[link]
    if link == "artifacts":
        shutil.copytree(outside, outside.parent / "12")
    os.symlink(target, data / link)
    gone = house.remove(artifacts(12345))
    assert (outside / "12345/artifacts.zip").read_text() == "precious"
    assert (target / "12/12345" if link == "artifacts" else target).exists()
    assert gone is (link == "artifacts/12/12345")  # the link itself is what was to be removed


@pytest.mark.parametrize("link", ["logs", "logs/3"])
def test_no_link_is_followed_to_logs(house: LocalDataFolder, data: Path, outside: Path, link: str) -> None:
    os.makedirs(os.path.dirname(data / link), exist_ok=True)
    if link == "logs":
        shutil.copytree(outside, outside.parent / "3")
    os.symlink(outside.parent if link == "logs" else outside, data / link)
    assert not house.remove(log(3, 7))
    assert (outside / "7.log").exists()
    assert link != "logs" or (outside.parent / "3/7.log").exists()


@pytest.mark.parametrize("link", ["caches", "caches/4"])
def test_no_link_is_followed_to_caches(house: LocalDataFolder, data: Path, outside: Path, link: str) -> None:
    os.makedirs(os.path.dirname(data / link), exist_ok=True)
    if link == "caches":
        shutil.copytree(outside, outside.parent / "4")
    os.symlink(outside.parent if link == "caches" else outside, data / link)
    assert house.old_caches(4, 10**17) == []
    assert not house.remove(cache("4/old.cache"))
    assert (outside / "old.cache").exists()


def test_links_inside_artifacts_go_and_what_they_point_to_stays(
    house: LocalDataFolder, data: Path, outside: Path
) -> None:
    folder = Path(artifact_folder(str(data), 5))
    put(folder / "artifacts.zip")
    os.symlink(outside, folder / "away")
    assert house.remove(artifacts(5))
    assert not folder.exists()
    assert (outside / "12345/artifacts.zip").exists()


@pytest.mark.parametrize("name", ["4/../../secret", "4/..", "../4/x", "/etc/passwd", "4/", "x/a.cache", "4/a\n", ""])
def test_a_name_that_leads_elsewhere_is_a_bug(house: LocalDataFolder, name: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        house.remove(cache(name))


def test_caches_are_found_by_when_they_were_used(house: LocalDataFolder, data: Path) -> None:
    for name, used in (("a", 100), ("b", 300), ("c", 200)):
        os.utime(put(data / f"caches/4/{name}.cache", name * 3), (used, used))
    os.makedirs(data / "caches/4/folder.cache")
    os.utime(data / "caches/4/folder.cache", (1, 1))
    os.utime(put(data / "caches/4/缓存.cache"), (1, 1))  # not ours
    found = house.old_caches(4, 250 * 1_000_000)
    assert [(one.name, one.size, one.stamp) for one in found] == [
        ("4/a.cache", 3, 100 * 10**9),
        ("4/c.cache", 3, 200 * 10**9),
    ]
    assert house.old_caches(99, 10**17) == []


def test_working_copies_of_servers_that_are_gone(house: LocalDataFolder, data: Path) -> None:
    for name in ("mine", "other", "gone", "young", ".away-ab"):
        put(data / f"work/{name}/12/file")
        if name != "young":
            os.utime(data / f"work/{name}", (1, 1))
    house.tidy({"mine", "other"})
    assert sorted(os.listdir(data / "work")) == ["mine", "other", "young"]


def test_copies_of_repositories_that_were_never_finished(house: LocalDataFolder, data: Path) -> None:
    for name, age in ((".4.git.77.1.tmp", 2), (".5.git.77.2.tmp", 0), ("4.git", 100)):
        put(data / f"mirrors/{name}/HEAD")
        past = time.time() - age * DAY
        os.utime(data / f"mirrors/{name}", (past, past))
    house.tidy(set())
    assert sorted(os.listdir(data / "mirrors")) == [".5.git.77.2.tmp", "4.git"]


def test_room_is_kept_and_given_up(house: LocalDataFolder, data: Path) -> None:
    assert not house.make_room()
    house.keep_room()
    house.keep_room()
    assert (data / ".room").stat().st_blocks * 512 >= 16 << 20
    assert house.make_room()
    assert not (data / ".room").exists()


def test_no_room_is_kept_where_there_is_little(
    house: LocalDataFolder, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10 << 30, 10 << 30, 500 << 20))
    house.keep_room()
    assert not (data / ".room").exists()


def test_what_somebody_protects_stays_and_is_told(data: Path) -> None:
    """Root may do everything, so another user tries."""
    for job in (1, 2):
        put(f"{artifact_folder(str(data), job)}/artifacts.zip")
    os.chmod(data.parent, 0o755)
    if os.geteuid() == 0:
        for folder, _, files in os.walk(data):
            for path in (folder, *(f"{folder}/{name}" for name in files)):
                os.chown(path, 65534, 65534)
        os.chown(data / "artifacts/0/1", 0, 0)
        os.chmod(data / "artifacts/0/1", 0o755)
    else:
        pytest.skip("needs to be root to make a folder that is somebody else's")
    for above in data.parents:
        if above == Path(tempfile.gettempdir()):
            break
        os.chmod(above, 0o755)
    program = (
        "import os; from plumbline.adapters.data_folder import LocalDataFolder;"
        "from plumbline.model.keeping import KeptKind, PendingDeletion; os.setgid(65534); os.setuid(65534);"
        f"house = LocalDataFolder({str(data)!r});"
        "print([house.remove(PendingDeletion(kind=KeptKind.ARTIFACTS, name=name)) for name in '12'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[False, True]"
    assert (data / "artifacts/0/1/artifacts.zip").exists()


# What the doctor says


def test_the_doctor_says_what_takes_the_space(data: Path) -> None:
    assert "Nothing" in str(check_space(str(data)).message)
    put(data / "artifacts/0/1/artifacts.zip", "x" * (3 << 20))
    put(data / "logs/1/1.log", "x" * (1 << 20))
    put(data / "plumbline.db", "x" * (2 << 20))
    put(data / "plumbline.db-wal", "x" * (1 << 20) * 2)
    found = check_space(str(data))
    assert found.health is Health.OK
    assert str(found.message) == "Space is taken by: the database 4.0 MiB, artifacts 3.0 MiB, logs 1.0 MiB."


def test_the_doctor_counts_a_part_of_very_many_files(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        put(data / f"logs/{number}/1.log", "x" * 5000)
    monkeypatch.setattr(space, "MOST", 10)
    assert ", or more" in str(check_space(str(data)).message)


def test_the_doctor_sees_a_link(data: Path, outside: Path) -> None:
    os.symlink(outside, data / "artifacts")
    found = check_space(str(data))
    assert found.health is Health.WARNING
    assert str(data / "artifacts") in str(found.message)


@pytest.mark.parametrize(
    ("total", "free", "health"),
    [
        (100 << 30, 50 << 30, Health.OK),
        (100 << 30, 4 << 30, Health.WARNING),  # less than one in twenty
        (10 << 40, 30 << 30, Health.OK),  # enough in itself
        (10 << 40, 10 << 30, Health.WARNING),
        (20 << 30, 3 << 30, Health.OK),
        (20 << 30, 1 << 30, Health.WARNING),
        (100 << 30, 200 << 20, Health.PROBLEM),
    ],
)
def test_the_doctor_warns_before_the_disk_is_full(
    data: Path, monkeypatch: pytest.MonkeyPatch, total: int, free: int, health: Health
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(total, total - free, free))
    found = check_disk(str(data))
    assert found.health is health
    assert (found.cure is None) is (health is Health.OK)
