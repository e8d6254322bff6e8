"""Caches: found by their keys, saved only when they changed, and never trusted."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from local_repositories import commit, make_repository, opened, put, run_git

from plumbline.adapters.caches import LocalCaches
from plumbline.adapters.caches.store import file_name
from plumbline.model.pipeline import Cache, CacheKey


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"lock": "one", "other": "x"})


@pytest.fixture
def caches(repository: Path, tmp_path: Path) -> LocalCaches:
    return LocalCaches(f"{tmp_path}/cache", opened(repository), protected=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    put(tmp_path / "root", {"deps/a": "aaa", "deps/b/c": "cc", "deps/empty/.keep": ""})
    (tmp_path / "root/deps/link").symlink_to("a")
    (tmp_path / "root/deps/a").chmod(0o755)
    return tmp_path / "root"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "target").mkdir()
    return tmp_path / "target"


DEPS = Cache(key=CacheKey(text="deps"), paths=("deps/",))


def only_file(caches: LocalCaches) -> Path:
    (path,) = Path(caches._folder).iterdir()
    return path


def test_there_and_back(caches: LocalCaches, root: Path, target: Path) -> None:
    saved = caches.save(DEPS, str(root))
    assert (saved.action, saved.key, saved.files, saved.size, saved.message) == ("save", "deps", 7, 6, None)
    assert saved.seconds > 0
    restored = caches.restore(DEPS, str(target))
    assert (restored.action, restored.hit, restored.files, restored.size) == ("restore", "deps", 7, 6)
    assert (target / "deps/a").stat().st_mode & 0o777 == 0o755
    assert (target / "deps/a").stat().st_mtime_ns == (root / "deps/a").stat().st_mtime_ns
    assert (target / "deps/b/c").read_text() == "cc"
    assert os.readlink(target / "deps/link") == "a"


def test_a_miss(caches: LocalCaches, target: Path) -> None:
    use = caches.restore(DEPS, str(target))
    assert (use.hit, use.files, use.message) == ("", 0, None)


def test_unchanged_is_not_saved_again(caches: LocalCaches, root: Path, target: Path) -> None:
    caches.save(DEPS, str(root))
    inode = only_file(caches).stat().st_ino
    caches.restore(DEPS, str(target))
    assert caches.save(DEPS, str(target)).action == "unchanged"
    assert only_file(caches).stat().st_ino == inode
    put(target, {"deps/a": "AAA"})
    assert caches.save(DEPS, str(target)).action == "save"
    (target / "deps/b/c").unlink()
    assert caches.save(DEPS, str(target)).action == "save"


def test_policies(caches: LocalCaches, root: Path, target: Path) -> None:
    pull = Cache(key=DEPS.key, paths=DEPS.paths, policy="pull")
    push = Cache(key=DEPS.key, paths=DEPS.paths, policy="push")
    caches.save(pull, str(root))
    assert caches.restore(pull, str(target)).hit == ""
    caches.save(push, str(root))
    assert caches.restore(push, str(target)).hit == ""
    assert caches.restore(pull, str(target)).hit == "deps"


def test_fallback_keys(caches: LocalCaches, root: Path, target: Path) -> None:
    caches.save(Cache(key=CacheKey(text="main"), paths=("deps",)), str(root))
    wanted = Cache(key=CacheKey(text="topic"), paths=("deps",), fallback_keys=("", "none", "main"))
    use = caches.restore(wanted, str(target))
    assert (use.key, use.hit) == ("topic", "main")


def test_protected_and_other_refs_are_apart(repository: Path, tmp_path: Path, root: Path, target: Path) -> None:
    protected = LocalCaches(f"{tmp_path}/cache", opened(repository), protected=True)
    other = LocalCaches(f"{tmp_path}/cache", opened(repository), protected=False)
    protected.save(DEPS, str(root))
    assert other.restore(DEPS, str(target)).hit == ""
    shared = Cache(key=DEPS.key, paths=DEPS.paths, unprotect=True)
    other.save(DEPS, str(root))
    assert protected.restore(shared, str(target)).hit == "deps"


class TestKeys:
    def key(self, repository: Path, tmp_path: Path, *files: str, **values: object) -> str:
        caches = LocalCaches(f"{tmp_path}/cache", opened(repository), protected=True)
        return caches.key(CacheKey(files=files, **values))  # type: ignore[arg-type]

    def test_by_content(self, repository: Path, tmp_path: Path) -> None:
        first = self.key(repository, tmp_path, "lock")
        commit(repository, {"other": "y"})
        assert self.key(repository, tmp_path, "lock") == first
        put(repository, {"lock": "two"})
        assert self.key(repository, tmp_path, "lock") != first
        assert self.key(repository, tmp_path, "lock", "other") != self.key(repository, tmp_path, "other", "lock")

    def test_by_commit(self, repository: Path, tmp_path: Path) -> None:
        first = self.key(repository, tmp_path, "lock", by_commit=True)
        commit(repository, {"other": "y"})
        assert self.key(repository, tmp_path, "lock", by_commit=True) == first
        commit(repository, {"lock": "two"})
        assert self.key(repository, tmp_path, "lock", by_commit=True) != first

    def test_none_of_the_files(self, repository: Path, tmp_path: Path) -> None:
        assert self.key(repository, tmp_path, "absent") == "default"
        assert self.key(repository, tmp_path, "absent", prefix="p") == "p-default"
        assert self.key(repository, tmp_path, "../../etc/passwd") == "default"
        assert self.key(repository, tmp_path, "lock", prefix="p").startswith("p-")

    def test_a_job_does_not_move_its_key(self, caches: LocalCaches, repository: Path, root: Path, target: Path) -> None:
        cache = Cache(key=CacheKey(files=("lock",)), paths=("deps",))
        asked = caches.restore(cache, str(target)).key
        put(root, {"lock": "changed by the job"})
        put(repository, {"lock": "changed by the user"})
        assert caches.save(cache, str(root)).key == asked


def test_file_names_are_safe_and_apart() -> None:
    keys = ["a/b", "a_b", "a~b", "..", ".", "../x", "", "a\0", "é", "e", "x" * 300, "x" * 299, "a b", "-", "A"]
    names = [file_name(key) for key in keys]
    assert len(set(names)) == len(keys)
    for name in names:
        assert name == os.path.basename(name)
        assert name not in (".", "..")
        assert len(name) < 120


@pytest.mark.parametrize("where", ["magic", "length", "list", "content", "checksum", "cut", "empty", "longer"])
def test_a_broken_cache_is_a_message(caches: LocalCaches, root: Path, target: Path, where: str) -> None:
    caches.save(DEPS, str(root))
    path = only_file(caches)
    data = bytearray(path.read_bytes())
    places = {"magic": 0, "length": 20, "list": 80, "content": len(data) - 6, "checksum": len(data) - 1}
    if where in places:
        data[places[where]] ^= 0x41
    data = {"cut": data[:-3], "empty": data[:0], "longer": data + b"x"}.get(where, data)
    path.write_bytes(data)
    use = caches.restore(DEPS, str(target))
    assert use.hit == ""
    assert use.message is not None
    assert list(target.iterdir()) == []
    assert caches.save(DEPS, str(root)).message is None
    assert caches.restore(DEPS, str(target)).hit == ("deps" if where not in ("content", "checksum") else use.hit or "")


def test_what_cannot_be_written_is_a_message(caches: LocalCaches, root: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("not a folder")
    use = caches.save(DEPS, str(root))
    assert use.message is not None
    assert caches.restore(DEPS, str(root)).hit == ""


def test_no_files_is_a_message(caches: LocalCaches, root: Path) -> None:
    use = caches.save(Cache(paths=("absent",)), str(root))
    assert "absent" in str(use.message)
    assert not Path(caches._folder).exists()


def test_hostile_links_stay_inside(caches: LocalCaches, root: Path, tmp_path: Path, target: Path) -> None:
    caches.save(DEPS, str(root))
    (target / "deps").symlink_to(tmp_path)
    use = caches.restore(DEPS, str(target))
    assert use.message is not None
    assert not (tmp_path / "b").exists()


def test_large_files(caches: LocalCaches, tmp_path: Path, target: Path) -> None:
    content = os.urandom(3 * 1024 * 1024 + 7)
    put(tmp_path / "root", {"deps/small": "s"})
    (tmp_path / "root/deps/big").write_bytes(content)
    caches.save(DEPS, str(tmp_path / "root"))
    caches.restore(DEPS, str(target))
    assert (target / "deps/big").read_bytes() == content


def test_many_at_once(repository: Path, tmp_path: Path) -> None:
    wrong: list[object] = []

    def work(number: int) -> None:
        caches = LocalCaches(f"{tmp_path}/cache", opened(repository), protected=True)
        for turn in range(10):
            root, target = tmp_path / f"r{number}", tmp_path / f"t{number}-{turn}"
            put(root, {"deps/a": f"{number}-{turn}", "deps/b": f"{number}-{turn}"})
            target.mkdir()
            saved = caches.save(DEPS, str(root))
            use = caches.restore(DEPS, str(target))
            if saved.message or use.message or (target / "deps/a").read_text() != (target / "deps/b").read_text():
                wrong.append((saved, use))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_names_that_are_not_text(caches: LocalCaches, tmp_path: Path, target: Path) -> None:
    name = os.fsdecode(b"deps/\xff")
    put(tmp_path / "root", {name: "odd"})
    caches.save(DEPS, str(tmp_path / "root"))
    caches.restore(DEPS, str(target))
    assert (target / name).read_text() == "odd"


def test_untracked(repository: Path, caches: LocalCaches, target: Path) -> None:
    put(repository, {"built/x": "x"})
    caches.save(Cache(untracked=True), str(repository))
    caches.restore(Cache(untracked=True), str(target))
    assert (target / "built/x").read_text() == "x"
    assert run_git(repository, "status", "--porcelain") == "?? built/"
