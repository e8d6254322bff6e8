"""What a job wrote into its working copy is data: no program reads its settings, and no link leads out of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from local_repositories import an_order, commit, make_repository, opened, put, run_git

from plumbline.adapters.artifacts import LocalArtifacts, archive
from plumbline.adapters.beneath import _openat2, make_beneath, open_beneath
from plumbline.adapters.caches import LocalCaches, pack
from plumbline.adapters.file_selection import select
from plumbline.adapters.git import GitRepository
from plumbline.adapters.jobs.environment import FileVariables
from plumbline.adapters.jobs.places import program
from plumbline.adapters.workspaces import LocalWorkspaces
from plumbline.kernel import PlumblineError
from plumbline.model.pipeline import Artifacts, Cache, CacheKey

UNTRACKED = Cache(key=CacheKey(text="k"), untracked=True)


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    return opened(make_repository(tmp_path / "r", {"a.txt": "a", "b.bin": "b", ".gitignore": "*.o\n"}))


@pytest.fixture
def root(repository: GitRepository, tmp_path: Path) -> Path:
    """The working copy of a job."""
    return Path(LocalWorkspaces(repository, str(tmp_path / "work")).open(an_order()).root)


@pytest.fixture
def store(repository: GitRepository, tmp_path: Path) -> LocalArtifacts:
    return LocalArtifacts(lambda job: f"{tmp_path}/store/{job}", lambda: repository.tracked)


@pytest.fixture
def caches(repository: GitRepository, tmp_path: Path) -> LocalCaches:
    return LocalCaches(f"{tmp_path}/cache", repository, protected=False)


def trap(root: Path, mark: Path) -> None:
    """Settings that run a program as soon as git reads the folder."""
    evil = root / "evil.sh"
    evil.write_text(f"#!/bin/sh\nid >> {mark}\ncat\n")
    evil.chmod(0o755)
    for name in ("core.fsmonitor", "filter.x.clean", "filter.x.smudge", "core.sshCommand", "diff.external"):
        run_git(root, "config", name, str(evil))
    put(root, {".git/hooks/post-index-change": evil.read_text(), ".git/info/attributes": "* filter=x\n"})
    (root / ".git/hooks/post-index-change").chmod(0o755)


def test_untracked_files_are_found_without_the_settings_of_the_job(
    root: Path, store: LocalArtifacts, caches: LocalCaches, tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    trap(root, mark)
    put(root, {"new.txt": "n", "deep/x.o": "o", "a.txt": "changed"})
    kept = store.keep(1, Artifacts(untracked=True), str(root), succeeded=True)
    assert [file.files for file in kept.files] == [3]
    assert zipfile.ZipFile(tmp_path / "store/1/artifacts.zip").namelist() == ["deep/x.o", "evil.sh", "new.txt"]
    assert caches.save(UNTRACKED, str(root)).files == 3
    assert not mark.exists()


def test_a_job_cannot_say_what_git_tracks(root: Path, store: LocalArtifacts, tmp_path: Path) -> None:
    put(root, {"new.txt": "n"})
    run_git(root, "add", "new.txt")
    run_git(root, "rm", "-q", "--cached", "a.txt")
    put(root, {"nested/file": "f"})
    run_git(root / "nested", "init", "-q")
    kept = store.keep(1, Artifacts(untracked=True), str(root), succeeded=True)
    assert not kept.warnings
    names = zipfile.ZipFile(tmp_path / "store/1/artifacts.zip").namelist()
    assert {"new.txt", "nested/file"} <= set(names)
    assert "a.txt" not in names


def test_files_of_a_submodule_are_not_untracked(tmp_path: Path) -> None:
    root = tmp_path / "copy"
    put(root, {"lib/x": "x", "own": "o"})
    (root / ".git").mkdir()
    assert list(select(str(root), [], tracked={"lib"}).files) == ["own"]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder of the server."""
    folder = tmp_path / "server"
    put(folder, {"keys": "SECRET", "deep/keys": "SECRET"})
    return folder


def test_a_working_copy_replaced_by_a_link_is_refused(
    root: Path, store: LocalArtifacts, caches: LocalCaches, elsewhere: Path
) -> None:
    put(root, {"out/new": "n"})
    store.keep(1, Artifacts(paths=("out",)), str(root), succeeded=True)
    caches.save(Cache(key=CacheKey(text="k"), paths=("out",)), str(root))
    shutil.rmtree(root)
    root.symlink_to(elsewhere)
    wanted = Artifacts(paths=("keys",))
    for act in (
        lambda: store.keep(2, wanted, str(root), succeeded=True),
        lambda: store.unpack(1, str(root)),
        lambda: caches.restore(Cache(key=CacheKey(text="k"), paths=("out",)), str(root)),
        lambda: caches.save(Cache(key=CacheKey(text="other"), paths=("keys",)), str(root)),
    ):
        with pytest.raises(PlumblineError) as refused:
            act()
        assert refused.value.code == "folder-replaced"
    assert sorted(os.listdir(elsewhere)) == ["deep", "keys"]


@pytest.mark.parametrize("quick", [True, False])
def test_a_folder_replaced_by_a_link_while_it_is_packed(
    root: Path, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: bool
) -> None:
    if not quick:
        monkeypatch.setattr("plumbline.adapters.beneath._openat2", lambda: None)
    put(root, {"out/keys": "mine", "out/deep/keys": "mine"})
    found = select(str(root), ["out/keys", "out/deep"])
    shutil.rmtree(root / "out")
    (root / "out").symlink_to(elsewhere)
    packed = archive.pack(str(root), found.files, str(tmp_path / "a.zip"))
    assert len(packed.warnings) == 2
    assert b"SECRET" not in (tmp_path / "a.zip").read_bytes()
    with pytest.raises(OSError, match=r"link|directory|device"):
        pack.pack(str(root), pack.entries_of(found.files), str(tmp_path / "c.cache"))
    assert not (tmp_path / "c.cache").exists()


def test_links_inside_the_working_copy_are_followed(root: Path, tmp_path: Path) -> None:
    put(root, {"real/deep/x": "x"})
    (root / "there").symlink_to("real")
    (root / "absolute").symlink_to(root / "real")
    found = select(str(root), ["there/deep/x", "absolute/deep/x"])
    packed = archive.pack(str(root), found.files, str(tmp_path / "a.zip"))
    assert (packed.files, packed.warnings) == (2, [])
    target = tmp_path / "target"
    put(target, {"real/old": ""})
    (target / "there").symlink_to("real")
    archive.unpack(str(tmp_path / "a.zip"), str(target))
    assert (target / "real/deep/x").read_text() == "x"


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "out/x", "out/deep/new", "a//x", "./x"])
def test_an_archive_that_leads_out_is_refused(tmp_path: Path, elsewhere: Path, name: str) -> None:
    target = tmp_path / "target"
    target.mkdir()
    link = zipfile.ZipInfo("out")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr(link, str(elsewhere))
        made.writestr(zipfile.ZipInfo(name), "WRITTEN")
    with pytest.raises(PlumblineError) as refused:
        archive.unpack(str(tmp_path / "a.zip"), str(target))
    assert refused.value.code == "artifacts-corrupt"
    assert b"WRITTEN" not in b"".join(path.read_bytes() for path in elsewhere.rglob("*") if path.is_file())
    assert not (tmp_path / "x").exists()


def test_a_hard_link_in_a_working_copy_is_not_written_through(
    root: Path, store: LocalArtifacts, tmp_path: Path
) -> None:
    put(root, {"out/app": "new"})
    store.keep(1, Artifacts(paths=("out",)), str(root), succeeded=True)
    target = tmp_path / "target"
    put(tmp_path, {"precious": "old"})
    (target / "out").mkdir(parents=True)
    os.link(tmp_path / "precious", target / "out/app")
    store.unpack(1, str(target))
    assert (tmp_path / "precious").read_text() == "old"


def test_a_program_is_not_written_through_a_link(tmp_path: Path) -> None:
    put(tmp_path, {"precious": "old"})
    (tmp_path / "scratch/variables").mkdir(parents=True)
    (tmp_path / "scratch/after_script.sh").symlink_to(tmp_path / "precious")
    (written,) = program("x" * 200_000, str(tmp_path / "scratch"), "/builds/.scratch", "after_script")
    assert written == "/builds/.scratch/after_script.sh"
    assert (tmp_path / "precious").read_text() == "old"
    assert (tmp_path / "scratch/after_script.sh").read_text() == "x" * 200_000
    (tmp_path / "scratch/variables").rmdir()
    files = FileVariables(str(tmp_path / "scratch"), "/s")
    files.write("ONE", "1")
    (tmp_path / "scratch/variables/TWO").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="link"):
        files.write("TWO", "2")


def test_open_beneath(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"a/b/c": "c", "out": ""})
    (tmp_path / "a/up").symlink_to("..")
    (tmp_path / "a/abs").symlink_to("/etc")
    root = os.open(tmp_path / "a", os.O_RDONLY)
    assert _openat2() is not None or os.uname().sysname != "Linux"
    for _ in range(2):
        os.close(open_beneath(root, "b/c", os.O_RDONLY))
        for path in ("../out", "up/out", "abs/passwd", "/etc/passwd", "b/../../out", "up", "b/c/d"):
            with pytest.raises(OSError):  # noqa: PT011
                open_beneath(root, path, os.O_RDONLY)
        monkeypatch.setattr("plumbline.adapters.beneath._openat2", lambda: None)
    os.close(root)
    make_beneath(str(tmp_path / "a"), "x/y")
    assert (tmp_path / "a/x/y").is_dir()
    for path in ("up/y", "../y", "abs", "b/c"):
        with pytest.raises(OSError):  # noqa: PT011
            make_beneath(str(tmp_path / "a"), path)


# Submodules: a repository names their paths


def with_gitlink(bare: Path, path: str, sha: str) -> None:
    """A bare repository whose tree has a submodule at a path, and nothing else."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True)
    environment = {**os.environ, "GIT_DIR": str(bare), "GIT_INDEX_FILE": f"{bare}/i", "GIT_AUTHOR_NAME": "A",
                   "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@b"}  # fmt: skip
    subprocess.run(["git", "update-index", "--add", "--cacheinfo", f"160000,{sha},{path}"], env=environment, check=True)
    tree = subprocess.run(["git", "write-tree"], env=environment, check=True, capture_output=True, text=True).stdout
    words = ["git", "commit-tree", "-m", "x", tree.strip()]
    made = subprocess.run(words, env=environment, check=True, capture_output=True, text=True).stdout
    subprocess.run(["git", "update-ref", "refs/heads/main", made.strip()], env=environment, check=True)


@pytest.mark.parametrize("dots", [False, True])
def test_a_submodule_is_not_taken_from_the_server(tmp_path: Path, dots: bool) -> None:
    mark = tmp_path / "ran"
    other = make_repository(tmp_path / "srv/repo", {"secret": "SECRET", ".gitattributes": "* filter=x\n"})
    trap(other, mark)
    sha = run_git(other, "rev-parse", "HEAD")
    path = str(other).removeprefix("/")
    with_gitlink(tmp_path / "mirror.git", path, sha)
    if dots:
        (tmp_path / "mirror.git/modules").symlink_to("/")
    mark.unlink(missing_ok=True)
    workspaces = LocalWorkspaces(opened(tmp_path / "mirror.git", committed=True), str(tmp_path / "work"))
    workspace = workspaces.open(an_order(GIT_SUBMODULE_STRATEGY="recursive"))
    root = Path(workspace.root)
    assert path in str(workspace.notices[0])
    assert workspaces.open(an_order(2)).notices == ()
    assert os.listdir(root / path) == []
    assert not mark.exists()


def test_a_submodule_behind_a_link_of_the_working_tree(tmp_path: Path) -> None:
    other = make_repository(tmp_path / "srv/repo", {"secret": "SECRET"})
    sha = run_git(other, "rev-parse", "HEAD")
    outer = make_repository(tmp_path / "outer", {"x": ""})
    run_git(outer, "update-index", "--add", "--cacheinfo", f"160000,{sha},lib/repo")
    run_git(outer, "commit", "-qm", "gitlink")
    (outer / "lib").symlink_to(tmp_path / "srv")
    for committed in (True, False):
        workspaces = LocalWorkspaces(opened(outer, committed=committed), str(tmp_path / f"work{committed}"))
        root = Path(workspaces.open(an_order(GIT_SUBMODULE_STRATEGY="normal")).root)
        assert (root / "lib").is_symlink() is not committed  # as it is in the working tree; nothing behind it is copied


def test_the_settings_of_a_submodule_do_not_count(tmp_path: Path) -> None:
    local = ("-c", "protocol.file.allow=always", "submodule")
    inner = make_repository(tmp_path / "inner", {"i.txt": "i", ".gitattributes": "* filter=x\n"})
    outer = make_repository(tmp_path / "outer", {"o.txt": "o"})
    run_git(outer, *local, "add", "-q", str(inner), "lib")
    commit(outer, {})
    mark = tmp_path / "ran"
    trap(outer / "lib", mark) if (outer / "lib/.git").is_dir() else None
    store = outer / ".git/modules/lib"
    for name in ("filter.x.smudge", "core.fsmonitor"):
        run_git(store, "config", name, f"touch {mark}; cat")
    workspaces = LocalWorkspaces(opened(outer, committed=True), str(tmp_path / "work"))
    root = Path(workspaces.open(an_order(GIT_SUBMODULE_STRATEGY="normal")).root)
    assert (root / "lib/i.txt").read_text() == "i"
    assert not mark.exists()


def test_a_mirror_runs_no_filter_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = make_repository(tmp_path / "r", {"a": "a", ".gitattributes": "* filter=x\n"})
    run_git(tmp_path, "clone", "-q", "--bare", str(source), "mirror.git")
    put(tmp_path, {"home": f'[filter "x"]\n\tsmudge = touch {tmp_path}/ran; cat\n\trequired = true\n'})
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "home"))
    from plumbline.adapters.git import command

    command._environment.cache_clear()
    try:
        workspaces = LocalWorkspaces(opened(tmp_path / "mirror.git", committed=True), str(tmp_path / "work"))
        root = Path(workspaces.open(an_order()).root)
    finally:
        command._environment.cache_clear()
    assert (root / "a").read_text() == "a"
    assert "[filter" not in (root / ".git/config").read_text()
    assert not (tmp_path / "ran").exists()


def test_a_tracked_file_behind_a_link_is_not_copied(tmp_path: Path, elsewhere: Path) -> None:
    folder = make_repository(tmp_path / "r", {"out/keys": "mine", "x": ""})
    repository = opened(folder)
    shutil.rmtree(folder / "out")
    (folder / "out").symlink_to(elsewhere)
    root = Path(LocalWorkspaces(repository, str(tmp_path / "work")).open(an_order()).root)
    assert (root / "out").is_symlink()
    assert (elsewhere / "keys").read_text() == "SECRET"
