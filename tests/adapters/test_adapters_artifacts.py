"""Artifacts: what is kept, what comes out again, and what may not."""

from __future__ import annotations

import os
import socket
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from local_repositories import make_repository, opened, put

from plumbline.adapters.artifacts import LocalArtifacts
from plumbline.adapters.artifacts.dotenv import DotenvError, parse_dotenv
from plumbline.adapters.file_selection import select
from plumbline.adapters.safe_paths import Placer, UnsafePathError
from plumbline.kernel import PlumblineError
from plumbline.model.job import When
from plumbline.model.pipeline import Artifacts, Report


@pytest.fixture
def store(tmp_path: Path) -> LocalArtifacts:
    return LocalArtifacts(lambda job: f"{tmp_path}/store/{job}")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    put(
        folder,
        {
            "out/app": "app",
            "out/doc/index.html": "doc",
            "out/doc/skip.tmp": "tmp",
            "a.log": "log",
            "b/c.log": "deep log",
            "b/.hidden": "h",
            ".git/config": "never",
            "with space/ü.txt": "ü",
        },
    )
    (folder / "empty").mkdir()
    (folder / "link").symlink_to("out/app")
    (folder / "away").symlink_to("/etc")
    os.chmod(folder / "out/app", 0o755)
    return folder


def test_what_is_read_into_memory_has_an_end(store: LocalArtifacts, root: Path) -> None:
    """A file of zeros costs a job nothing, and the server that reads it for a child pipeline all of its size."""
    with open(root / "child.yml", "wb") as file:
        file.truncate(40 << 20)
    store.keep(1, Artifacts(paths=("child.yml", "a.log")), str(root), succeeded=True)
    assert store.read(1, "a.log") == b"log"
    with pytest.raises(PlumblineError, match=r"child\.yml has 41943040 bytes") as caught:
        store.read(1, "child.yml")
    assert caught.value.code == "artifact-too-large"


class TestLimits:
    @pytest.fixture
    def store(self, tmp_path: Path) -> LocalArtifacts:
        return LocalArtifacts(lambda job: f"{tmp_path}/store/{job}", limit=1_000_000)

    def left(self, tmp_path: Path) -> list[Path]:
        return [path for path in tmp_path.glob("store/**/*") if path.is_file()]

    def test_more_than_may_be_fails_the_job_and_nothing_is_kept(
        self, store: LocalArtifacts, root: Path, tmp_path: Path
    ) -> None:
        for number in range(3):
            (root / f"out/{number}").write_bytes(b"x" * 400_000)
        kept = store.keep(7, Artifacts(paths=("out",)), str(root), succeeded=True)
        assert str(kept.failure) == "its artifacts exceed the limit of 1 MB"
        assert (kept.files, self.left(tmp_path)) == ((), [])

    def test_a_sparse_file_is_as_large_as_it_says(self, store: LocalArtifacts, root: Path, tmp_path: Path) -> None:
        os.truncate(root / "out/app", 4_000_000_000)
        for artifacts in (Artifacts(paths=("out",)), Artifacts(reports=(Report("junit", ("out/app",)),))):
            kept = store.keep(7, artifacts, str(root), succeeded=True)
            assert "exceed the limit" in str(kept.failure)
        assert self.left(tmp_path) == []

    def test_archive_and_reports_count_together(self, store: LocalArtifacts, root: Path, tmp_path: Path) -> None:
        (root / "out/app").write_bytes(b"x" * 600_000)
        one = Artifacts(paths=("out/app",))
        assert store.keep(7, one, str(root), succeeded=True).failure is None
        both = Artifacts(paths=("out/app",), reports=(Report("junit", ("out/app",)),))
        assert "exceed the limit" in str(store.keep(8, both, str(root), succeeded=True).failure)

    def test_what_it_costs_to_keep_many_small_files_counts(
        self, store: LocalArtifacts, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(root, {f"many/{'n' * 200}{number}": "" for number in range(150)})
        small = LocalArtifacts(store._folder_of, limit=60_000)
        assert "exceed the limit" in str(small.keep(7, Artifacts(paths=("many",)), str(root), succeeded=True).failure)
        monkeypatch.setattr("plumbline.adapters.artifacts.store.MOST_FILES", 100)
        kept = store.keep(7, Artifacts(paths=("many",)), str(root), succeeded=True)
        assert str(kept.failure) == "its artifacts are more than 100 files"

    def test_pipes_sockets_and_what_was_put_in_place_of_a_file(
        self, store: LocalArtifacts, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        os.mkfifo(root / "out/pipe")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(root / "out/socket"))
        if os.geteuid() == 0:
            os.mknod(root / "out/device", 0o600 | stat.S_IFBLK, os.makedev(7, 200))
        found = select(str(root), ["out"])
        assert not {"out/pipe", "out/socket", "out/device"} & found.files.keys()
        found.files["out/pipe"] = os.stat(root / "out/app")  # it was a file a moment ago
        monkeypatch.setattr("plumbline.adapters.artifacts.store.select", lambda *_, **__: found)
        artifacts = Artifacts(paths=("out",), reports=(Report("junit", ("out",)),))
        kept = store.keep(7, artifacts, str(root), succeeded=True)
        assert kept.failure is None
        assert [str(warning) for warning in kept.warnings].count("out/pipe: left out: Invalid argument") == 2

    def test_a_long_dotenv_report_is_not_read(self, store: LocalArtifacts, root: Path) -> None:
        (root / "long.env").write_bytes(b"A=1\n" * 100_000)
        kept = store.keep(7, Artifacts(reports=(Report("dotenv", ("long.env",)),)), str(root), succeeded=True)
        assert "may have 5120 bytes, this one has 400000" in str(kept.failure)


@pytest.mark.parametrize(
    ("paths", "exclude", "expected"),
    [
        (["out/app"], [], ["out/app"]),
        (["out"], [], ["out", "out/app", "out/doc", "out/doc/index.html", "out/doc/skip.tmp"]),
        (["out/"], ["out/**/*.tmp"], ["out", "out/app", "out/doc", "out/doc/index.html"]),
        (["./out/app"], [], ["out/app"]),
        (["*.log"], [], ["a.log"]),
        (["**/*.log"], [], ["a.log", "b/c.log"]),
        (["{a,b/c}.log"], [], ["a.log", "b/c.log"]),
        (["o*"], [], ["out", "out/app", "out/doc", "out/doc/index.html", "out/doc/skip.tmp"]),
        (["out/*"], ["out/doc"], ["out/app", "out/doc/index.html", "out/doc/skip.tmp"]),
        (["b"], [], ["b", "b/.hidden", "b/c.log"]),
        (["empty"], [], ["empty"]),
        (["link"], [], ["link"]),
        (["with space"], [], ["with space", "with space/ü.txt"]),
        (["out/../a.log"], [], ["a.log"]),
    ],
)
def test_select(root: Path, paths: list[str], exclude: list[str], expected: list[str]) -> None:
    found = select(str(root), paths, exclude)
    assert list(found.files) == expected
    assert found.warnings == []


def test_select_everything_but_git(root: Path) -> None:
    for pattern in ("**/*", "**", "."):
        found = select(str(root), [pattern])
        assert "out/doc/index.html" in found.files
        assert "b/.hidden" in found.files
        assert not any(path.startswith(".git/") for path in found.files)
        assert not any(path.startswith("away/") for path in found.files)


def test_select_absolute(root: Path) -> None:
    assert list(select(str(root), [f"{root}/a.log"]).files) == ["a.log"]


@pytest.mark.parametrize(
    "pattern", ["../x", "/etc/passwd", "away/passwd", "out/../../x", "absent", "absent/**", "a[", "x{a"]
)
def test_select_warns(root: Path, pattern: str) -> None:
    found = select(str(root), [pattern])
    assert not found.files
    assert len(found.warnings) == 1
    assert pattern in str(found.warnings[0])


def test_select_untracked(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "r", {"tracked": "", ".gitignore": "*.o\n"})
    put(folder, {"a.o": "", "new/b": ""})
    assert list(select(str(folder), [], tracked=opened(folder).tracked).files) == ["a.o", "new/b"]
    assert select(str(tmp_path), [], tracked=()).warnings


def test_there_and_back(store: LocalArtifacts, root: Path, tmp_path: Path) -> None:
    os.utime(root / "out/app", ns=(1_700_000_000_123_456_700, 1_700_000_000_123_456_700))
    kept = store.keep(7, Artifacts(paths=("**/*",)), str(root), succeeded=True)
    (archive,) = kept.files
    assert (archive.kind, archive.name, archive.files) == ("archive", "artifacts.zip", 14)
    assert archive.size == (tmp_path / "store/7/artifacts.zip").stat().st_size
    assert archive.digest.startswith("sha256:")
    with zipfile.ZipFile(tmp_path / "store/7/artifacts.zip") as made:
        assert made.testzip() is None
    target = tmp_path / "target"
    target.mkdir()
    assert store.unpack(7, str(target)) == 14
    assert (target / "out/app").read_text() == "app"
    assert (target / "out/app").stat().st_mode & 0o777 == 0o755
    assert (target / "out/app").stat().st_mtime_ns == 1_700_000_000_123_456_700
    assert os.readlink(target / "link") == "out/app"
    assert os.readlink(target / "away") == "/etc"
    assert (target / "empty").is_dir()
    assert store.read(7, "out/doc/index.html") == b"doc"
    assert store.read(7, "absent") is None
    assert store.read(8, "out/app") is None
    with pytest.raises(PlumblineError) as missing:
        store.unpack(8, str(target))
    assert missing.value.code == "artifacts-missing"


def test_unpacking_overwrites(store: LocalArtifacts, root: Path, tmp_path: Path) -> None:
    store.keep(7, Artifacts(paths=("out", "link")), str(root), succeeded=True)
    target = tmp_path / "target"
    put(target, {"out/app": "old", "out/other": "stays", "link/x": "a folder", "secret": "untouched"})
    (target / "out/app").unlink()
    (target / "out/app").symlink_to("../secret")
    store.unpack(7, str(target))
    assert (target / "out/app").read_text() == "app"
    assert (target / "out/other").read_text() == "stays"
    assert (target / "secret").read_text() == "untouched"
    assert (target / "link").is_symlink()


@pytest.mark.parametrize(
    ("when", "succeeded", "is_kept"),
    [
        (When.ON_SUCCESS, True, True),
        (When.ON_SUCCESS, False, False),
        (When.ON_FAILURE, True, False),
        (When.ON_FAILURE, False, True),
        (When.ALWAYS, True, True),
        (When.ALWAYS, False, True),
    ],
)
def test_when(store: LocalArtifacts, root: Path, when: When, succeeded: bool, is_kept: bool) -> None:
    artifacts = Artifacts(paths=("a.log",), when=when, reports=(Report("junit", ("b/c.log",)),))
    kept = store.keep(7, artifacts, str(root), succeeded=succeeded)
    assert [file.kind for file in kept.files] == (["archive"] if is_kept else []) + ["junit"]


def test_nothing_found_is_a_warning(store: LocalArtifacts, root: Path) -> None:
    kept = store.keep(7, Artifacts(paths=("absent", "*.none")), str(root), succeeded=True)
    assert kept.files == ()
    assert kept.failure is None
    assert "absent: no matching files" in str(kept.warnings[0])
    assert len(kept.warnings) == 3


def test_nothing_asked_costs_nothing(root: Path) -> None:
    def never(job: int) -> str:
        raise AssertionError(job)

    assert LocalArtifacts(never).keep(7, Artifacts(), str(root), succeeded=True).files == ()


def test_reports_are_files(store: LocalArtifacts, root: Path, tmp_path: Path) -> None:
    put(root, {"r/one.xml": "<1/>", "r/two.xml": "<2/>"})
    kept = store.keep(7, Artifacts(reports=(Report("junit", ("r/*.xml", "absent.xml")),)), str(root), succeeded=False)
    assert [file.name for file in kept.files] == ["reports/junit/r/one.xml", "reports/junit/r/two.xml"]
    assert (tmp_path / "store/7/reports/junit/r/one.xml").read_text() == "<1/>"
    assert len(kept.warnings) == 1


def test_dotenv(store: LocalArtifacts, root: Path) -> None:
    put(root, {"build.env": "A=1\nB = two \nA=3\nQ='x'\n"})
    kept = store.keep(7, Artifacts(reports=(Report("dotenv", ("build.env",)),)), str(root), succeeded=True)
    assert {v.name: v.value for v in kept.dotenv} == {"A": "3", "B": "two", "Q": "'x'"}
    put(root, {"build.env": "not a variable\n"})
    kept = store.keep(7, Artifacts(reports=(Report("dotenv", ("build.env",)),)), str(root), succeeded=True)
    assert kept.failure is not None
    assert "build.env:1" in str(kept.failure)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"A=1\n\nB=2\n", ":2"),
        (b"# comment\nA=1\n", ":1"),
        (b"A B=1\n", "A B"),
        (b"=1\n", ":1"),
        (b"A-B=1", "A-B"),
        (b"A=\xff\n", "UTF-8"),
        (b"A=\0\n", "NUL"),
        (b"A=" + b"x" * 5120, "5120"),
        (b"".join(b"A%d=1\n" % n for n in range(151)), "150"),
    ],
)
def test_dotenv_refused(data: bytes, says: str) -> None:
    with pytest.raises(DotenvError) as caught:
        parse_dotenv(data, "x.env")
    assert says in str(caught.value.message)


def test_dotenv_accepted() -> None:
    assert parse_dotenv(b"", "x") == ()
    assert [(v.name, v.value) for v in parse_dotenv(b"A=b=c\r\n1B=\n", "x")] == [("A", "b=c"), ("1B", "")]
    assert len(parse_dotenv(b"".join(b"A%d=1\n" % n for n in range(150)), "x")) == 150


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "a//b", "./x", "a/./b", "out/link/x"])
def test_hostile_archives(store: LocalArtifacts, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "store/7"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "artifacts.zip", "w") as made:
        link = zipfile.ZipInfo("out/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        link.create_system = 3
        made.writestr(link, str(tmp_path))
        made.writestr(name, "evil")
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(PlumblineError) as caught:
        store.unpack(7, str(target))
    assert caught.value.code == "artifacts-corrupt"
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("spoil", [b"", b"PK\x03\x04 no zip", None])
def test_broken_archives(store: LocalArtifacts, root: Path, tmp_path: Path, spoil: bytes | None) -> None:
    store.keep(7, Artifacts(paths=("out",)), str(root), succeeded=True)
    path = tmp_path / "store/7/artifacts.zip"
    if spoil is None:
        data = bytearray(path.read_bytes())
        data[data.index(b"doc", data.index(b"index.html"))] ^= 1
        spoil = bytes(data)
    path.write_bytes(spoil)
    (tmp_path / "target").mkdir()
    with pytest.raises(PlumblineError) as caught:
        store.unpack(7, str(tmp_path / "target"))
    assert caught.value.code == "artifacts-corrupt"


def test_a_full_disk_is_a_refusal(
    store: LocalArtifacts, root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(PlumblineError) as caught:
        store.keep(7, Artifacts(paths=("out",)), str(root), succeeded=True)
    assert caught.value.code == "disk-full"
    assert not (tmp_path / "store/7").exists()


_names = st.text(st.sampled_from("ab./é \\*[{~"), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(_names, st.sampled_from(["file", "folder", "link", "out"])), max_size=6))
def test_a_placer_never_leaves_its_root(tmp_path: Path, entries: list[tuple[str, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory(dir=tmp_path) as name:
        outside, root = Path(name, "outside"), Path(name, "root")
        outside.mkdir()
        root.mkdir()
        with Placer(str(root)) as placer:
            for path, kind in entries:
                try:
                    if kind == "file":
                        os.close(placer.file(path, 0o644))
                    elif kind == "folder":
                        placer.folder(path, 0o755, 0)
                    else:
                        placer.link(path, "../outside" if kind == "out" else "a")
                except (UnsafePathError, OSError):
                    continue
            placer.finish()
        assert list(outside.iterdir()) == []
        assert sorted(os.listdir(name)) == ["outside", "root"]
