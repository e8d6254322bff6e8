"""Repositories as they are found on developers' machines."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from local_repositories import commit, make_repository, opened, put, run_git

from plumbline.adapters.git import Sources, files_at, open_repository, read_change
from plumbline.adapters.git.history import read_history
from plumbline.adapters.git.origin import read_origin
from plumbline.adapters.git.repository import GitRepository
from plumbline.adapters.workspaces.template import make_template
from plumbline.kernel import PlumblineError
from plumbline.model.change import Event

ZEROS = "0" * 40


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "a\n", "src/b.txt": "b\n", ".gitignore": "*.log\n"})


def code_of(action: object, *arguments: object, **named: object) -> str:
    with pytest.raises(PlumblineError) as caught:
        action(*arguments, **named)  # type: ignore[operator]
    assert str(caught.value)
    assert caught.value.hint is not None
    return caught.value.code


def test_a_file_that_is_too_large_is_not_read_into_memory(repository: Path) -> None:
    with open(repository / "large", "wb") as file:
        file.truncate(40 << 20)
    commit(repository, {})
    home = open_repository(str(repository))
    with pytest.raises(PlumblineError, match="large has 41943040 bytes") as caught:
        home.objects.read("HEAD:large")
    assert caught.value.code == "object-too-large"
    assert home.objects.read("HEAD:a.txt").data == b"a\n"  # type: ignore[union-attr]
    home.close()


def bomb(repository: Path, levels: int) -> str:
    """A commit of so many powers of ten files, and hardly any objects."""
    made, kind = run_git(repository, "rev-parse", "HEAD:a.txt"), "100644 blob"
    for _ in range(levels):
        lines = "".join(f"{kind} {made}\td{number}\n" for number in range(10))
        words = ["git", "-C", str(repository), "mktree"]
        made = subprocess.run(words, input=lines, capture_output=True, text=True, check=True).stdout.strip()
        kind = "040000 tree"
    return run_git(repository, "commit-tree", made, "-m", "bomb")


@pytest.mark.slow
def test_a_commit_of_billions_of_files_ends_the_list_and_not_the_server(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plumbline.adapters.git import command, history
    from plumbline.adapters.git import repository as reading

    monkeypatch.setattr(reading, "MOST", 1 << 20)
    monkeypatch.setattr(history, "_MOST", 1 << 20)
    monkeypatch.setattr(command, "MEMORY", 100 << 20)
    run_git(repository, "update-ref", "refs/heads/bomb", bomb(repository, 10))
    home = open_repository(str(repository))
    found = files_at(home, read_change(home, Event.PUSH, ref="bomb"))
    assert code_of(found.files) == "repository-too-large"
    assert code_of(make_template, found, f"{tmp_path}/t") == "repository-too-large"
    assert code_of(read_history, home, "bomb") == "repository-too-large"
    home.close()


def test_a_working_copy_larger_than_a_job_may_have_is_not_written(repository: Path, tmp_path: Path) -> None:
    with open(repository / "large", "wb") as file:
        file.truncate(1 << 20)
    run_git(repository, "checkout", "-q", "-b", "large")
    commit(repository, {})
    home = open_repository(str(repository))
    found = files_at(home, read_change(home, Event.PUSH, ref="large"), committed=True)
    assert code_of(make_template, found, f"{tmp_path}/t", limit=1 << 20) == "repository-too-large"
    assert not (tmp_path / "t").exists()
    assert make_template(found, f"{tmp_path}/t", limit=2 << 20).folders
    home.close()


class TestOpening:
    def test_from_a_folder_below(self, repository: Path) -> None:
        home = open_repository(str(repository / "src"))
        assert home.top == str(repository)
        assert home.branch == "main"

    def test_not_a_repository(self, tmp_path: Path) -> None:
        assert code_of(open_repository, str(tmp_path)) == "not-a-repository"

    def test_no_folder(self, tmp_path: Path) -> None:
        assert code_of(open_repository, str(tmp_path / "absent")) == "not-a-repository"

    def test_git_missing(self, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from plumbline.adapters.git import command

        monkeypatch.setenv("PATH", "/nowhere")
        command._environment.cache_clear()
        try:
            assert code_of(open_repository, str(repository)) == "git-missing"
        finally:
            command._environment.cache_clear()

    def test_broken(self, repository: Path) -> None:
        (repository / ".git/config").write_text("[core\nbare")
        assert code_of(open_repository, str(repository)) == "repository-unreadable"

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
    def test_owned_by_another(self, repository: Path) -> None:
        for path in (repository, repository / ".git"):
            os.chown(path, 65534, 65534)
        assert code_of(open_repository, str(repository)) == "repository-not-trusted"

    def test_environment_of_a_hook_is_of_no_account(
        self, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from plumbline.adapters.git import command

        monkeypatch.setenv("GIT_DIR", str(make_repository(tmp_path / "other") / ".git"))
        command._environment.cache_clear()
        assert open_repository(str(repository)).top == str(repository)

    def test_bare(self, repository: Path, tmp_path: Path) -> None:
        run_git(tmp_path, "clone", "-q", "--bare", str(repository), "bare.git")
        files = opened(tmp_path / "bare.git")
        assert not files.working
        assert files.read("src/b.txt") == b"b\n"

    def test_linked_working_tree(self, repository: Path, tmp_path: Path) -> None:
        run_git(repository, "worktree", "add", "-q", "-b", "topic", str(tmp_path / "linked"))
        put(tmp_path / "linked", {"new.txt": "new"})
        files = opened(tmp_path / "linked")
        assert files.home.branch == "topic"
        assert files.read("new.txt") == b"new"
        assert files.home.common_dir == str(repository / ".git")


class TestChange:
    def test_push(self, repository: Path) -> None:
        first = run_git(repository, "rev-parse", "HEAD")
        second = commit(repository, {"a.txt": "A\n"}, "Second\n\nwith more")
        change = read_change(open_repository(str(repository)), Event.PUSH)
        assert (change.sha, change.before_sha, change.branch, change.tag) == (second, first, "main", "")
        assert change.message == "Second\n\nwith more\n"
        assert change.author == "Ada <ada@example.com>"
        assert change.timestamp == "2024-03-01T10:00:00Z"
        assert change.project.path == "local/shop"
        assert change.protected

    def test_before_is_what_the_upstream_has(self, repository: Path, tmp_path: Path) -> None:
        run_git(tmp_path, "clone", "-q", str(repository), "clone")
        clone = tmp_path / "clone"
        pushed = run_git(clone, "rev-parse", "HEAD")
        commit(clone, {"x": "1"})
        commit(clone, {"x": "2"})
        home = open_repository(str(clone))
        change = read_change(home, Event.PUSH)
        assert change.before_sha == pushed
        assert files_at(home, change).changed(None) == {"x"}
        assert change.project.default_branch == "main"

    def test_the_trunk_of_a_bare_repository_is_what_its_head_names(self, repository: Path, tmp_path: Path) -> None:
        run_git(repository, "branch", "develop")
        run_git(tmp_path, "clone", "-q", "--bare", str(repository), "bare")
        for head, trunk in (("main", "main"), ("develop", "develop"), ("unborn", "main")):
            run_git(tmp_path / "bare", "symbolic-ref", "HEAD", f"refs/heads/{head}")
            home = open_repository(str(tmp_path / "bare"))
            assert read_change(home, Event.PUSH).project.default_branch == trunk
        run_git(tmp_path / "bare", "config", "--unset", "core.bare")  # git goes by the name of the folder then
        run_git(tmp_path / "bare", "symbolic-ref", "HEAD", "refs/heads/develop")
        assert read_change(open_repository(str(tmp_path / "bare")), Event.PUSH).project.default_branch == "develop"
        run_git(repository, "checkout", "-q", "develop")
        for folder in (repository, repository / ".git"):
            assert read_change(open_repository(str(folder)), Event.PUSH).project.default_branch == "main"

    def test_first_commit_has_nothing_before(self, repository: Path) -> None:
        home = open_repository(str(repository))
        change = read_change(home, Event.PUSH)
        assert change.before_sha == ZEROS
        assert files_at(home, change).changed(None) is None

    def test_no_commits(self, tmp_path: Path) -> None:
        empty = make_repository(tmp_path / "empty")
        put(empty, {".gitlab-ci.yml": "x: 1"})
        home = open_repository(str(empty))
        change = read_change(home, Event.PUSH)
        assert (change.sha, change.branch, change.before_sha) == ("", "main", ZEROS)
        assert files_at(home, change).read(".gitlab-ci.yml") == b"x: 1"
        assert files_at(home, change).changed(None) is None
        assert files_at(home, change).dirty
        assert code_of(files_at, home, change, committed=True) == "no-commits"

    def test_detached_head(self, repository: Path) -> None:
        run_git(repository, "checkout", "-q", "--detach")
        home = open_repository(str(repository))
        assert read_change(home, Event.PUSH).branch == ""
        assert read_change(home, Event.PUSH, "release").branch == "release"
        assert files_at(home, read_change(home, Event.PUSH, "release")).working

    def test_other_branch(self, repository: Path) -> None:
        run_git(repository, "checkout", "-q", "-b", "topic")
        commit(repository, {"topic.txt": "1"})
        run_git(repository, "checkout", "-q", "main")
        home = open_repository(str(repository))
        change = read_change(home, Event.PUSH, "topic")
        assert (change.branch, change.protected) == ("topic", False)
        files = files_at(home, change)
        assert not files.working
        assert "topic.txt" in files.files()

    def test_unknown_ref(self, repository: Path) -> None:
        home = open_repository(str(repository))
        for ref in ("absent", "a..b", "-x", "main~1", "main@{upstream}", "x y", ""):
            assert code_of(read_change, home, Event.PUSH, ref) == "unknown-ref"

    def test_tag(self, repository: Path) -> None:
        run_git(repository, "tag", "-a", "v1.0", "-m", "One\n\nfor all")
        home = open_repository(str(repository))
        for change in (read_change(home, Event.PUSH, tag=True), read_change(home, Event.PUSH, "v1.0")):
            assert (change.tag, change.branch, change.tag_message) == ("v1.0", "", "One\n\nfor all")
        assert read_change(home, Event.PUSH, "refs/tags/v1.0", tag=True).tag == "v1.0"

    def test_no_tag(self, repository: Path) -> None:
        assert code_of(read_change, open_repository(str(repository)), Event.PUSH, tag=True) == "no-tag"

    def test_merge_request(self, repository: Path) -> None:
        base = run_git(repository, "rev-parse", "HEAD")
        run_git(repository, "checkout", "-q", "-b", "topic")
        commit(repository, {"topic.txt": "1"}, "Do it\n\nwell")
        run_git(repository, "checkout", "-q", "main")
        target = commit(repository, {"main.txt": "1"})
        run_git(repository, "checkout", "-q", "topic")
        put(repository, {"a.txt": "changed", "untracked.txt": ""})
        home = open_repository(str(repository))
        change = read_change(home, Event.MERGE_REQUEST)
        request = change.merge_request
        assert request is not None
        assert (request.source_branch, request.target_branch) == ("topic", "main")
        assert (request.diff_base_sha, request.target_sha) == (base, target)
        assert (request.title, request.description) == ("Do it", "well")
        assert change.branch == ""
        assert change.ref == "topic"
        assert files_at(home, change).changed(None) == {"topic.txt", "a.txt", "untracked.txt"}
        assert files_at(home, change, committed=True).changed(None) == {"topic.txt"}
        assert code_of(read_change, home, Event.MERGE_REQUEST, target="absent") == "unknown-ref"

    def test_compare_to(self, repository: Path) -> None:
        run_git(repository, "branch", "old")
        commit(repository, {"one.txt": "1"})
        commit(repository, {"two.txt": "2"})
        files = opened(repository)
        assert files.changed("old") == {"one.txt", "two.txt"}
        assert files.changed("refs/heads/old") == {"one.txt", "two.txt"}
        assert code_of(files.changed, "absent") == "unknown-ref"

    def test_shallow_clone(self, repository: Path, tmp_path: Path) -> None:
        commit(repository, {"x": "1"})
        run_git(tmp_path, "clone", "-q", "--depth=1", f"file://{repository}", "shallow")
        files = opened(tmp_path / "shallow")
        assert files.home.shallow
        assert files.change.before_sha == ZEROS
        assert files.changed(None) is None


class TestFiles:
    def test_of_the_working_tree(self, repository: Path) -> None:
        put(repository, {"a.txt": "changed", "new/ü.txt": "new", "noise.log": "ignored"})
        (repository / "src/b.txt").unlink()
        files = opened(repository)
        assert files.files() == (".gitignore", "a.txt", "new/ü.txt")
        assert files.read("a.txt") == b"changed"
        assert files.read("noise.log") is None
        assert files.read("src/b.txt") is None
        assert files.dirty

    def test_of_the_commit(self, repository: Path) -> None:
        put(repository, {"a.txt": "changed", "new.txt": "new"})
        files = opened(repository, committed=True)
        assert files.files() == (".gitignore", "a.txt", "src/b.txt")
        assert files.read("a.txt") == b"a\n"
        assert files.read("new.txt") is None
        assert files.read("src") is None
        assert not files.dirty

    @pytest.mark.parametrize("committed", [False, True])
    @pytest.mark.parametrize("path", ["../secret", "src/../../secret", "/../secret"])
    def test_paths_out_of_it_are_refused(self, repository: Path, path: str, committed: bool) -> None:
        assert code_of(opened(repository, committed=committed).read, path) == "path-outside-repository"

    @pytest.mark.parametrize("committed", [False, True])
    def test_symlinks(self, repository: Path, tmp_path: Path, committed: bool) -> None:
        put(tmp_path, {"secret": "x"})
        for name, target in (
            ("inside", "src/b.txt"),
            ("outside", "../secret"),
            ("dangling", "absent"),
            ("loop", "loop"),
        ):
            os.symlink(target, repository / name)
        commit(repository, {})
        files = opened(repository, committed=committed)
        assert files.read("inside") == b"b\n"
        assert files.read("dangling") is None
        assert code_of(files.read, "outside") == "path-outside-repository"
        if committed:
            assert files.read("loop") is None

    def test_git_folder_is_not_part_of_it(self, repository: Path) -> None:
        assert opened(repository).read(".git/config") is None

    def test_odd_names(self, repository: Path) -> None:
        name = os.fsdecode(b"bad\xff\nname")
        put(repository, {name: "odd", "tab\there": "t"})
        files = opened(repository)
        assert files.read(name) == b"odd"
        commit(repository, {})
        assert opened(repository, committed=True).read("tab\there") == b"t"

    def test_many_reads_by_one_process(self, repository: Path) -> None:
        files = opened(repository, committed=True)
        assert [files.read("a.txt") for _ in range(50)] == [b"a\n"] * 50

    def test_last_commit(self, repository: Path) -> None:
        first = run_git(repository, "rev-parse", "HEAD")
        commit(repository, {"x": "1"})
        assert opened(repository).last_commit("a.txt") == first
        assert opened(repository).last_commit("absent") == ""

    def test_the_index_of_the_user_is_not_written(self, repository: Path) -> None:
        os.utime(repository / "a.txt", (1, 1))
        before = (repository / ".git/index").read_bytes()
        files = opened(repository)
        assert files.files()
        assert not files.dirty
        assert (repository / ".git/index").read_bytes() == before


class TestOtherPlaces:
    def test_project(self, repository: Path, tmp_path: Path) -> None:
        other = make_repository(tmp_path / "other", {"ci.yml": "one"})
        run_git(other, "tag", "v1")
        commit(other, {"ci.yml": "two"})
        put(other, {"ci.yml": "three"})
        files = opened(repository, sources=Sources({"group/other": str(other)}))
        assert files.project("group/other", None).read("ci.yml") == b"two"
        assert files.project("group/other", "v1").read("ci.yml") == b"one"
        assert files.project("group/other", None).name == "group/other"
        assert code_of(files.project, "group/other", "absent") == "unknown-ref"
        assert code_of(files.project, "group/absent", None) == "project-not-mapped"

    def test_newest_release(self, repository: Path, tmp_path: Path) -> None:
        other = make_repository(tmp_path / "other", {"ci.yml": "old"})
        for tag in ("1.2.9", "0.9.0"):
            run_git(other, "tag", tag)
        newest = commit(other, {"ci.yml": "new"})
        for tag in ("1.2.10", "v1.1.0", "3", "nightly"):
            run_git(other, "tag", tag)
        run_git(other, "tag", "2.0.0-rc1")
        files = opened(repository, sources=Sources({"group/other": str(other)}))

        def found(ref: str) -> tuple[str, str]:
            at = files.project("group/other", ref)
            assert isinstance(at, GitRepository)
            return at.version, at.sha

        assert found("~latest") == found("~1") == found("~1.2") == found("1.2.10") == ("1.2.10", newest)
        assert found("~1.1")[0] == "v1.1.0"
        assert found("~0")[0] == "0.9.0"
        assert found("~3")[0] == "3"  # no release, but a ref of that name
        assert found("main") == ("", newest)
        assert code_of(files.project, "group/other", "~2") == "unknown-ref"
        run_git(other, "tag", "-d", "1.2.10", "1.2.9", "v1.1.0", "0.9.0")
        assert code_of(files.project, "group/other", "~latest") == "unknown-ref"

    def test_own_project(self, repository: Path) -> None:
        run_git(repository, "remote", "add", "origin", "git@git.example:group/own.git")
        first = run_git(repository, "rev-parse", "HEAD").strip()
        run_git(repository, "tag", "1.0.0")
        sha = commit(repository, {"ci.yml": "committed"})
        put(repository, {"ci.yml": "changed"})
        files = opened(repository)
        assert files.project("group/own", sha).read("ci.yml") == b"changed"
        assert files.project("group/own", None).read("ci.yml") == b"changed"
        assert files.project("group/own", "1.0.0").read("ci.yml") is None
        assert opened(repository, committed=True).project("group/own", sha).read("ci.yml") == b"committed"
        assert code_of(files.project, "group/own", "absent") == "unknown-ref"
        at = files.project("group/own", "~latest")
        assert isinstance(at, GitRepository)
        assert (at.sha, at.version, at.name) == (first, "1.0.0", "group/own")

    def test_project_as_a_plain_folder(self, repository: Path, tmp_path: Path) -> None:
        put(tmp_path / "plain", {"templates/ci.yml": "one"})
        other = opened(repository, sources=Sources({"g/p": str(tmp_path / "plain")})).project("g/p", "v1")
        assert other.read("templates/ci.yml") == b"one"
        assert other.files() == ["templates/ci.yml"]
        assert other.read("../shop/a.txt") is None

    def test_remote(self, repository: Path, tmp_path: Path) -> None:
        put(tmp_path, {"ci.yml": "mapped", "mirror/x/y.yml": "below"})
        maps = {"https://e.example/ci.yml": f"{tmp_path}/ci.yml", "https://e.example/m": f"{tmp_path}/mirror"}
        files = opened(repository, sources=Sources(maps))
        assert files.remote("https://e.example/ci.yml") == b"mapped"
        assert files.remote("https://e.example/m/x/y.yml?z=1") == b"below"
        assert code_of(files.remote, "https://e.example/m/../../etc/passwd") == "network-not-allowed"
        assert code_of(files.remote, "https://e.example/mx") == "network-not-allowed"
        assert code_of(files.remote, "https://e.example/m/absent") == "remote-unreadable"

    def test_network(self, repository: Path) -> None:
        files = opened(repository, sources=Sources({}, allow_network=True, hosts=("127.0.0.1:9",)))
        assert code_of(files.remote, "file:///etc/passwd") == "remote-unreadable"
        assert code_of(files.remote, "http://127.0.0.1:9/x") == "remote-unreadable"
        assert code_of(files.remote, "http://127.0.0.1:10/x") == "repository-host-refused"

    def test_template(self, repository: Path, tmp_path: Path) -> None:
        put(tmp_path, {"t/Jobs/Build.gitlab-ci.yml": "build", "secret": "x"})
        files = opened(repository, sources=Sources({"templates": f"{tmp_path}/t"}))
        assert files.template("Jobs/Build.gitlab-ci.yml") == b"build"
        assert code_of(files.template, "../secret") == "template-not-mapped"
        assert code_of(opened(repository).template, "x") == "template-not-mapped"


@pytest.mark.parametrize(
    ("remote", "path", "url"),
    [
        ("https://git.example/group/sub/name.git", "group/sub/name", "https://git.example/group/sub/name"),
        ("https://u:p@git.example:8443/group/name", "group/name", "https://git.example:8443/group/name"),
        ("http://git.example/group/name.git/", "group/name", "http://git.example/group/name"),
        ("ssh://git@git.example:22/group/name.git", "group/name", "https://git.example/group/name"),
        ("git@git.example:group/name.git", "group/name", "https://git.example/group/name"),
        ("git.example:group/name", "group/name", "https://git.example/group/name"),
        ("/srv/git/name.git", "local/here", ""),
        ("../name", "local/here", ""),
        ("file:///srv/git/group/name.git", "local/here", ""),
        ("https://git.example/name", "local/here", ""),
        ("https://[broken/name", "local/here", ""),
        ("", "local/here", ""),
    ],
)
def test_origin(remote: str, path: str, url: str) -> None:
    origin = read_origin(remote, "/srv/here")
    assert (origin.path, origin.url) == (path, url)
    assert url.startswith(origin.server_url)


def test_submodule_is_a_repository_of_its_own(tmp_path: Path) -> None:
    inner = make_repository(tmp_path / "inner", {"i.txt": "i"})
    outer = make_repository(tmp_path / "outer", {"o.txt": "o"})
    subprocess.run(
        ["git", "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "lib"],
        cwd=outer,
        check=True,
        capture_output=True,
    )
    assert opened(outer).files() == (".gitmodules", "o.txt")
    assert open_repository(str(outer / "lib")).top == str(outer / "lib")
    assert opened(outer / "lib").files() == ("i.txt",)
