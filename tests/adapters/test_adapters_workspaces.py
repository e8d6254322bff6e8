"""Working copies: the same files for every job, and no way from one job to another or to the user's tree."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from local_repositories import an_order, commit, make_repository, opened, put, run_git

from plumbline.adapters.workspaces import LocalWorkspaces

pytestmark = pytest.mark.slow

FILES = {"a.txt": "a\n", "src/b.txt": "b\n", "src/deep/c.txt": "c\n", ".gitignore": "*.log\n"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", FILES)


@pytest.fixture
def workspaces(repository: Path, tmp_path: Path) -> Iterator[LocalWorkspaces]:
    made = LocalWorkspaces(opened(repository), str(tmp_path / "work"))
    yield made
    made.close()
    assert not (tmp_path / "work").exists()


def state_of(folder: str | Path) -> dict[str, object]:
    """Everything in a folder: kinds, modes, contents, modification times of files."""
    found: dict[str, object] = {}
    for inside, folders, names in os.walk(folder):
        for name in [*folders, *names]:
            path = os.path.join(inside, name)
            info = os.lstat(path)
            content: object = None
            if stat.S_ISREG(info.st_mode):
                content = (Path(path).read_bytes(), info.st_mtime_ns)
            elif stat.S_ISLNK(info.st_mode):
                content = os.readlink(path)
            found[os.path.relpath(path, folder)] = (info.st_mode, content)
    return found


def without_object_times(folder: Path) -> dict[str, object]:
    """Git touches an object that it is asked to write again, wherever it lies."""
    return {path: (state[0], state[1][:1]) if "objects/" in path and state[1] else state
            for path, state in state_of(folder).items()}  # type: ignore[index]  # fmt: skip


def git_in(root: str, *words: str) -> str:
    return run_git(root, *words)


def test_holds_what_git_would_have(repository: Path, tmp_path: Path) -> None:
    put(repository, {"a.txt": "changed\n", "new.sh": "#!/bin/sh\n", "noise.log": "ignored"})
    (repository / "new.sh").chmod(0o755)
    (repository / "src/b.txt").unlink()
    (repository / "link").symlink_to("src/deep")
    make_repository(repository / "nested", {"x": "somebody else's"})
    workspaces = LocalWorkspaces(opened(repository), str(tmp_path / "work"))
    root = Path(workspaces.open(an_order()).root)
    assert root.name == "shop"
    names = sorted(str(path.relative_to(root)) for path in root.rglob("*") if ".git/" not in f"{path}/")
    assert names == [".gitignore", "a.txt", "link", "new.sh", "src", "src/deep", "src/deep/c.txt"]
    assert (root / "a.txt").read_text() == "changed\n"
    assert (root / "new.sh").stat().st_mode & 0o777 == 0o755
    assert os.readlink(root / "link") == "src/deep"


def test_committed_alone(repository: Path, tmp_path: Path) -> None:
    put(repository, {"a.txt": "changed\n", "new.txt": ""})
    workspaces = LocalWorkspaces(opened(repository, committed=True), str(tmp_path / "work"))
    root = workspaces.open(an_order()).root
    assert Path(root, "a.txt").read_text() == "a\n"
    assert not Path(root, "new.txt").exists()
    assert git_in(root, "status", "--porcelain") == ""
    assert git_in(root, "diff-index", "HEAD") == ""


def test_git_tells_the_same_story(repository: Path, tmp_path: Path) -> None:
    run_git(repository, "tag", "-a", "v1.2", "-m", "x")
    commit(repository, {"d.txt": "d"})
    run_git(repository, "pack-refs", "--all")
    run_git(repository, "branch", "topic")
    put(repository, {"a.txt": "A\n", "staged.txt": "s", "untracked.txt": "u"})
    run_git(repository, "add", "staged.txt")
    workspaces = LocalWorkspaces(opened(repository), str(tmp_path / "work"))
    root = workspaces.open(an_order()).root
    for words in (
        ["status", "--porcelain"],
        ["diff"],
        ["diff", "--cached"],
        ["diff-files", "--name-only"],
        ["describe", "--dirty"],
        ["log", "--oneline"],
        ["tag"],
    ):
        assert git_in(root, *words) == run_git(repository, *words), words
    assert git_in(root, "branch", "-r").split() == ["origin/main", "origin/topic"]
    assert git_in(root, "rev-parse", "--abbrev-ref", "HEAD") == "HEAD"
    assert git_in(root, "fsck", "--no-dangling") == ""


def test_git_sees_what_the_job_changes_at_once(workspaces: LocalWorkspaces) -> None:
    for number in range(3):
        root = workspaces.open(an_order(number)).root
        Path(root, "a.txt").write_text("z\n")  # as long as before
        assert git_in(root, "diff-files", "--name-only") == "a.txt"


def test_nothing_reaches_the_user(repository: Path, workspaces: LocalWorkspaces) -> None:
    before = without_object_times(repository)
    root = workspaces.open(an_order()).root
    put(Path(root), {"a.txt": "changed", "src/b.txt": "changed"})
    run_git(root, "add", "-A")
    run_git(root, "commit", "-q", "-m", "by the job")
    run_git(root, "tag", "job")
    run_git(root, "config", "user.name", "job")
    run_git(root, "branch", "-D", "-r", "origin/main")
    run_git(root, "gc", "-q", "--prune=now")
    assert without_object_times(repository) == before


def test_empty_strategies(workspaces: LocalWorkspaces) -> None:
    for number, strategy in enumerate(("none", "empty")):
        workspace = workspaces.open(an_order(number, GIT_STRATEGY=strategy))
        assert os.listdir(workspace.root) == []
        put(Path(workspace.root), {"x": ""})
        workspace.close()
    assert "a.txt" in os.listdir(workspaces.open(an_order(9, GIT_STRATEGY="fetch")).root)


def test_no_commits_yet(tmp_path: Path) -> None:
    empty = make_repository(tmp_path / "empty")
    put(empty, {"x.txt": "x"})
    root = LocalWorkspaces(opened(empty), str(tmp_path / "work")).open(an_order()).root
    assert Path(root, "x.txt").read_text() == "x"
    assert git_in(root, "status", "--porcelain") == "?? x.txt"


def test_shallow_clone(repository: Path, tmp_path: Path) -> None:
    commit(repository, {"x": "1"})
    run_git(tmp_path, "clone", "-q", "--depth=1", f"file://{repository}", "shallow")
    root = LocalWorkspaces(opened(tmp_path / "shallow"), str(tmp_path / "work")).open(an_order()).root
    assert git_in(root, "rev-list", "--count", "HEAD") == "1"
    assert git_in(root, "status", "--porcelain") == ""


def test_linked_working_tree(repository: Path, tmp_path: Path) -> None:
    run_git(repository, "worktree", "add", "-q", "-b", "topic", str(tmp_path / "linked"))
    put(tmp_path / "linked", {"a.txt": "changed"})
    root = LocalWorkspaces(opened(tmp_path / "linked"), str(tmp_path / "work")).open(an_order()).root
    assert git_in(root, "status", "--porcelain") == "M a.txt"


@pytest.mark.parametrize("committed", [False, True])
def test_submodules(tmp_path: Path, committed: bool) -> None:
    local = ("-c", "protocol.file.allow=always", "submodule")
    leaf = make_repository(tmp_path / "leaf", {"l.txt": "l"})
    inner = make_repository(tmp_path / "inner", {"i.txt": "i", ".gitattributes": "i.txt export-ignore\n"})
    run_git(inner, *local, "add", "-q", str(leaf), "leaf")
    commit(inner, {})
    outer = make_repository(tmp_path / "outer", {"o.txt": "o"})
    run_git(outer, *local, "add", "-q", "--name", "named", str(inner), "lib")
    run_git(outer, *local, "update", "-q", "--init", "--recursive")
    commit(outer, {})
    before = state_of(outer)
    workspaces = LocalWorkspaces(opened(outer, committed=committed), str(tmp_path / "work"))
    root = workspaces.open(an_order(1)).root
    assert os.listdir(f"{root}/lib") == []
    assert git_in(root, "status", "--porcelain") == ""
    root = workspaces.open(an_order(2, GIT_SUBMODULE_STRATEGY="normal")).root
    assert Path(root, "lib/i.txt").read_text() == "i"
    assert os.listdir(f"{root}/lib/leaf") == []
    root = workspaces.open(an_order(3, GIT_SUBMODULE_STRATEGY="recursive")).root
    assert Path(root, "lib/leaf/l.txt").read_text() == "l"
    assert state_of(outer) == before


def test_sha256_repository(tmp_path: Path) -> None:
    folder = tmp_path / "long"
    folder.mkdir()
    run_git(folder, "init", "-q", "-b", "main", "--object-format=sha256")
    commit(folder, {"a": "1"})
    commit(folder, {"a": "2"})
    repository = opened(folder)
    assert repository.changed(None) == {"a"}
    root = LocalWorkspaces(repository, str(tmp_path / "work")).open(an_order()).root
    assert git_in(root, "status", "--porcelain") == ""
    assert git_in(root, "rev-list", "--count", "HEAD") == "2"


def test_hooks_of_the_user_do_not_run(repository: Path, tmp_path: Path) -> None:
    hooks = repository / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        (hooks / name).chmod(0o755)
    for committed in (False, True):
        LocalWorkspaces(opened(repository, committed=committed), f"{tmp_path}/work{committed}").open(an_order())
    assert not (tmp_path / "ran").exists()


def test_files_are_of_one_moment(repository: Path, workspaces: LocalWorkspaces) -> None:
    began = time.time_ns()
    workspaces.prepare()
    put(repository, {"a.txt": "too late\n"})
    root = Path(workspaces.open(an_order()).root)
    assert (root / "a.txt").read_text() == "a\n"
    times = {path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file() and ".git" not in path.parts}
    assert len(times) == 1
    assert began - 20_000_000 <= times.pop() <= time.time_ns()


def test_large_files(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = os.urandom(300_000)
    (repository / "big.bin").write_bytes(content)
    workspaces = LocalWorkspaces(opened(repository), str(tmp_path / "work"))
    first = workspaces.open(an_order(1))
    assert Path(first.root, "big.bin").read_bytes() == content
    with Path(first.root, "big.bin").open("r+b") as file:
        file.write(b"x")
    first.close()
    assert Path(workspaces.open(an_order(2)).root, "big.bin").read_bytes() == content


def test_a_full_disk_is_a_refusal(workspaces: LocalWorkspaces, monkeypatch: pytest.MonkeyPatch) -> None:
    from plumbline.adapters.workspaces import tree
    from plumbline.kernel import PlumblineError

    workspaces.prepare()

    def full(descriptor: int, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tree, "write_all", full)
    with pytest.raises(PlumblineError) as caught:
        workspaces.open(an_order(5))
    assert caught.value.code == "disk-full"
    assert not Path(workspaces._folder, "5").exists()


def _forge(root: Path) -> None:
    path = root / "a.txt"
    info = path.stat()
    path.write_text("z\n")
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))


def _by_link(root: Path) -> None:
    os.link(root / "a.txt", root.parent / "link")
    (root.parent / "link").write_text("z\n")


class TestUsedAgain:
    """A copy that served a job serves another one as if it were new."""

    def reopened(self, workspaces: LocalWorkspaces, spoil: object, *, wait: bool) -> tuple[dict[str, object], str]:
        workspace = workspaces.open(an_order(1))
        if wait:  # until a look at the folder alone is proof enough
            time.sleep(0.03)
            workspace.close()
            workspace = workspaces.open(an_order(3))
        fresh = state_of(os.path.dirname(workspace.root))
        spoil(Path(workspace.root))  # type: ignore[operator]
        workspace.close()
        assert not os.path.lexists(workspace.folder)
        again = workspaces.open(an_order(2))
        assert state_of(os.path.dirname(again.root)) == fresh
        return fresh, again.root

    SPOILERS = {  # noqa: RUF012
        "nothing": lambda _: None,
        "same length": lambda root: (root / "a.txt").write_text("z\n"),
        "same length and time": _forge,
        "through a hard link": _by_link,
        "mode": lambda root: (root / "a.txt").chmod(0o600),
        "unreadable": lambda root: (root / "a.txt").chmod(0),
        "new files": lambda root: put(root, {"out/x/y": "1", "src/new": "2", "../beside": "3", "../.scratch/s": "4"}),
        "removed": lambda root: (root / "src/b.txt").unlink(),
        "removed folder": lambda root: shutil.rmtree(root / "src"),
        "all removed": shutil.rmtree,
        "file for folder": lambda root: (shutil.rmtree(root / "src"), (root / "src").write_text("x")),
        "folder for file": lambda root: ((root / "a.txt").unlink(), (root / "a.txt").mkdir()),
        "link for file": lambda root: ((root / "a.txt").unlink(), (root / "a.txt").symlink_to("src/b.txt")),
        "link for folder": lambda root: ((root / "src").rename(root / "s"), (root / "src").symlink_to("s")),
        "read-only folder": lambda root: (put(root, {"ro/x": ""}), (root / "ro").chmod(0o500), (root / "src").chmod(0)),
        "moved files": lambda root: (root / "src/b.txt").rename(root / "src/deep/b.txt"),
        "commit": lambda root: (
            put(root, {"a.txt": "x"}),
            run_git(root, "commit", "-qam", "x"),
            run_git(root, "gc", "-q"),
        ),
        "git config": lambda root: (root / ".git/config").write_text("[core]\n\tbare = false\n"),
        "hook": lambda root: put(root, {".git/hooks/post-checkout": "#!/bin/sh\n"}),
        "what git obeys": lambda root: (
            put(root, {".git/info/attributes": "* filter=x\n", ".git/objects/info/alternates": "/etc\n"}),
            put(root, {".git/index": "", ".git/info/exclude": "*\n", ".git/commondir": "/etc\n"}),
        ),
        "home": lambda root: put(root, {"../.scratch/temporary/x": "1"}),
        "scratch": lambda root: shutil.rmtree(root.parent / ".scratch"),
    }

    @pytest.mark.parametrize("wait", [False, True])
    @pytest.mark.parametrize("name", SPOILERS)
    def test_as_new(self, workspaces: LocalWorkspaces, name: str, wait: bool) -> None:
        _, root = self.reopened(workspaces, self.SPOILERS[name], wait=wait)
        assert git_in(root, "status", "--porcelain") == ""

    def test_the_home_of_a_job_is_emptied(self, workspaces: LocalWorkspaces) -> None:
        workspace = workspaces.open(an_order(1))
        put(Path(workspace.scratch), {"home/.profile": "x"})
        Path(workspace.scratch, "home").chmod(0o777)
        workspace.close()
        home = Path(workspaces.open(an_order(2)).scratch, "home")
        assert list(home.iterdir()) == []
        assert home.stat().st_mode & 0o777 == 0o700

    def test_is_really_used_again(self, workspaces: LocalWorkspaces) -> None:
        first = workspaces.open(an_order(1))
        inode = os.stat(f"{first.root}/a.txt").st_ino
        first.close()
        assert os.stat(f"{workspaces.open(an_order(2)).root}/a.txt").st_ino == inode

    def test_one_that_cannot_be_cleaned_is_given_up(
        self, workspaces: LocalWorkspaces, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = workspaces.open(an_order(1))
        put(Path(first.root), {"stubborn": ""})
        monkeypatch.setattr("plumbline.adapters.workspaces.tree.remove_tree", lambda *_: False)
        first.close()
        monkeypatch.undo()
        root = workspaces.open(an_order(2)).root
        assert not Path(root, "stubborn").exists()

    @pytest.mark.parametrize("what", ["root", "around", "scratch"])
    def test_no_link_that_a_job_put_in_place_is_followed(
        self, workspaces: LocalWorkspaces, tmp_path: Path, what: str
    ) -> None:
        precious = tmp_path / "precious"
        put(precious, {"file": "x", "shop/file": "x", ".scratch/file": "x"})
        before = state_of(precious)
        first = workspaces.open(an_order(1))
        folder = {"root": first.root, "around": first.folder, "scratch": first.scratch}[what]
        shutil.rmtree(folder)
        os.symlink(precious, folder)
        first.close()
        assert state_of(precious) == before
        second = workspaces.open(an_order(2))
        assert not os.path.islink(second.folder)
        assert (Path(second.root) / "a.txt").read_text() == "a\n"
        assert not (Path(second.root) / "file").exists()

    def test_a_job_may_leave_folders_deeper_than_a_path(self, workspaces: LocalWorkspaces) -> None:
        first = workspaces.open(an_order(1))
        inside = os.open(first.root, os.O_RDONLY)
        for _ in range(60):
            os.mkdir("d" * 200, dir_fd=inside)
            inside, old = os.open("d" * 200, os.O_RDONLY, dir_fd=inside), inside
            os.close(old)
        os.close(inside)
        first.close()
        assert sorted(os.listdir(workspaces.open(an_order(2)).root)) == [".git", ".gitignore", "a.txt", "src"]

    def test_what_takes_long_to_remove_does_not_hold_the_next_job_back(
        self, workspaces: LocalWorkspaces, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("plumbline.adapters.workspaces.opening._CLEANING", 0.0)
        first = workspaces.open(an_order(1))
        put(Path(first.root), {f"made/{number}": "" for number in range(50)})
        first.close()
        second = workspaces.open(an_order(2))
        assert not Path(second.root, "made").exists()
        workspaces.close(wait=False)
        for thread in workspaces._removing:  # a server's own thread would go on
            thread.join()

    def test_from_many_threads(self, workspaces: LocalWorkspaces) -> None:
        wrong: list[str] = []

        def work(number: int) -> None:
            for turn in range(10):
                workspace = workspaces.open(an_order(number * 100 + turn))
                if Path(workspace.root, "a.txt").read_text() != "a\n" or Path(workspace.root, "mine").exists():
                    wrong.append(workspace.root)
                put(Path(workspace.root), {"a.txt": f"{number}\n", "mine": ""})
                workspace.close()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []

    def test_a_copy_closed_after_the_end_is_removed(self, repository: Path, tmp_path: Path) -> None:
        workspaces = LocalWorkspaces(opened(repository), str(tmp_path / "work"))
        workspace = workspaces.open(an_order())
        workspaces.close()
        workspace.close()
        workspace.close()
        assert not (tmp_path / "work").exists()

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(
                    ["a.txt", "src", "src/b.txt", "src/deep", "src/deep/c.txt", ".git/HEAD", "new", "new/x"]
                ),
                st.sampled_from(["write", "remove", "mkdir", "link", "touch", "chmod"]),
            ),
            max_size=6,
        )
    )
    def test_whatever_a_job_does(self, workspaces: LocalWorkspaces, acts: list[tuple[str, str]]) -> None:
        def spoil(root: Path) -> None:
            for path, act in acts:
                _act(root / path, act)

        self.reopened(workspaces, spoil, wait=False)
        for number in (1, 2, 3):
            shutil.rmtree(f"{workspaces._folder}/{number}", ignore_errors=True)


def _act(path: Path, act: str) -> None:
    try:
        if act == "write":
            path.write_text("a\n")
        elif act == "remove":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        elif act == "mkdir":
            path.mkdir()
        elif act == "link":
            path.symlink_to("a.txt")
        elif act == "touch":
            os.utime(path, (1, 1))
        else:
            path.chmod(0o700)
    except OSError:
        return


def test_quicker_than_a_git_worktree(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "big", {f"d{n % 20}/f{n}.txt": "x\n" * 200 for n in range(300)})
    workspaces = LocalWorkspaces(opened(repository), str(tmp_path / "work"))
    workspaces.prepare()
    ours, theirs = [], []
    for number in range(3):
        began = time.perf_counter()
        workspace = workspaces.open(an_order(number))
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        subprocess.run(
            ["git", "worktree", "add", "-q", "--detach", str(tmp_path / f"w{number}")], cwd=repository, check=True
        )
        theirs.append(time.perf_counter() - began)
        workspace.close()
    assert min(ours) < 1.5 * min(theirs)
