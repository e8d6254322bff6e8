"""Histories as they are read from real repositories."""

from __future__ import annotations

import os
import subprocess

import pytest
from tests.adapters.local_repositories import commit, make_repository, run_git

from plumbline.adapters.git import command, open_repository
from plumbline.adapters.git.cloning import cloned, is_remote
from plumbline.adapters.git.command import failure
from plumbline.adapters.git.history import read_history, signed_commits
from plumbline.kernel import PlumblineError


def read(folder, ref=None):
    home = open_repository(str(folder))
    try:
        return read_history(home, ref)
    finally:
        home.close()


@pytest.fixture
def folder(tmp_path):
    return make_repository(tmp_path / "app", {"a.py": "1", "目录/é\n.txt": "2"}, "First\n\nbody — 正文\n")


def test_commits_with_their_paths_and_words(folder):
    first = run_git(folder, "rev-parse", "HEAD")
    run_git(folder, "mv", "a.py", "b.py")
    second = commit(folder, {}, "Second")
    found = read(folder)
    assert {one.sha for one in found.commits} == {second, first}
    told = {one.sha: one for one in found.commits}
    assert told[first].paths == ("a.py", "目录/é\n.txt")
    assert told[second].paths == ("a.py", "b.py")  # a rename is both
    assert told[first].message == "First\n\nbody — 正文\n"
    assert (told[first].author, told[first].authored, told[second].parents) == ("Ada", 1709287200, (first,))
    assert (found.head, found.default_branch, found.shallow) == (second, "main", False)


def test_what_is_signed_is_told_whoever_signed_it(folder, monkeypatch):
    monkeypatch.setattr("plumbline.adapters.git.history._CHUNK", 1000)
    first = run_git(folder, "rev-parse", "HEAD")
    raw = subprocess.run(["git", "cat-file", "commit", first], cwd=folder, capture_output=True, check=True).stdout
    head, _, body = raw.partition(b"\n\n")
    signed = b"%s\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n%s" % (head, body)
    write = ["git", "hash-object", "-t", "commit", "-w", "--stdin"]
    second = subprocess.run(write, cwd=folder, input=signed, capture_output=True, check=True).stdout.decode().strip()
    third = commit(folder, {}, "gpgsig in a message\n\ngpgsig x " + "y" * 3000)
    tag = f"object {first}\ntype commit\ntag v2\ntagger A <a@x> 9 +0000\n\nm\n"
    tag += "-----BEGIN SSH SIGNATURE-----\nx\n-----END SSH SIGNATURE-----\n"
    made = subprocess.run(["git", "mktag"], cwd=folder, input=tag.encode(), capture_output=True, check=True).stdout
    run_git(folder, "update-ref", "refs/tags/v2", made.decode().strip())
    run_git(folder, "tag", "-a", "-m", "x", "v1")
    home = open_repository(str(folder))
    try:
        assert signed_commits(home, [first, second, third, first]) == {second}
        assert signed_commits(home, []) == set()
        assert {one.name: one.signed for one in read_history(home).tags} == {"v1": False, "v2": True}
        with pytest.raises(PlumblineError, match="missing"):
            signed_commits(home, ["0" * 40])
    finally:
        home.close()


def test_merges_empty_commits_and_every_kind_of_ref(folder):
    first = run_git(folder, "rev-parse", "HEAD")
    run_git(folder, "checkout", "-q", "-b", "topic")
    side = commit(folder, {"side.py": "1"}, "Side")
    run_git(folder, "checkout", "-q", "main")
    empty = commit(folder, {}, "Empty")
    run_git(folder, "merge", "-q", "--no-ff", "-m", "Merge branch 'topic'", "topic")
    run_git(folder, "tag", "v1.0", first)
    run_git(folder, "tag", "-a", "-m", "x", "v2.0", "HEAD")
    run_git(folder, "tag", "-a", "-m", "again", "v2.1", "v2.0")
    run_git(folder, "tag", "blob", "HEAD:a.py")
    run_git(folder, "update-ref", "refs/remotes/origin/far", side)
    run_git(folder, "update-ref", "refs/remotes/origin/topic", first)
    found = read(folder)
    told = {one.sha: one for one in found.commits}
    assert told[found.head].paths == told[empty].paths == ()
    assert len(told[found.head].parents) == 2
    assert {one.name: one.sha for one in found.branches} == {"main": found.head, "topic": side, "far": side}
    assert {one.name: one.sha for one in found.tags} == {"v1.0": first, "v2.0": found.head, "v2.1": found.head}
    assert {one.name: one.tagger for one in found.tags} == {"v1.0": "", "v2.0": "Ada", "v2.1": "Ada"}


def test_addresses_and_names_are_as_the_repositorys_own_mailmap_has_them(folder, tmp_path):
    """What lies about beside the commits, or in somebody's settings, makes nobody another."""
    commit(folder, {".mailmap": "Ada Lovelace <ada@bank.example> <ada@example.com>\n"}, "Map")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("Eve <eve@evil.example> <ada@bank.example>\nEve <eve@evil.example> <ada@example.com>\n")
    run_git(folder, "config", "mailmap.file", str(elsewhere))
    run_git(folder, "clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    (folder / ".mailmap").write_text("Eve <eve@evil.example> <ada@example.com>\n")
    for place in (folder, tmp_path / "bare.git"):
        assert {(one.author, one.mail) for one in read(place).commits} == {("Ada Lovelace", "ada@bank.example")}


def test_where_people_are_known_a_file_in_the_repository_makes_nobody_another(folder):
    commit(folder, {".mailmap": "Boss <boss@bank.example> <ada@example.com>\n"}, "Map")
    home = open_repository(str(folder))
    try:
        told = read_history(home, mailmap=False).commits
    finally:
        home.close()
    assert {(one.author, one.mail) for one in told} == {("Ada", "ada@example.com")}


def test_a_hostile_message_and_settings_change_nothing(folder):
    (folder / ".git/config").open("a").write(
        "[log]\nshowSignature = true\nshowRoot = false\nfollow = true\ndiffMerges = on\n"
        "[diff]\nrenames = copies\nexternal = false\n[format]\npretty = oneline\n[color]\nui = always\n"
    )
    nasty = commit(folder, {"\x01x": "1"}, "0123\x01" + "f" * 40 + "\nTree: x\n\ncommit " + "a" * 40)
    told = {one.sha: one for one in read(folder).commits}
    assert len(told) == 2
    assert told[nasty].paths == ("\x01x",)
    assert told[nasty].message.startswith("0123\x01ff")
    assert all(one.paths for one in told.values())


def test_nothing_of_the_repository_is_changed(folder):
    def everything():
        return {path: (path.stat().st_mtime_ns, path.is_file() and path.read_bytes()) for path in folder.rglob("*")}

    before = everything()
    read(folder)
    assert everything() == before


def test_a_revision_and_a_detached_head(folder):
    first = run_git(folder, "rev-parse", "HEAD")
    second = commit(folder, {"b": "1"})
    assert read(folder, first).head == first
    assert read(folder, "main").head == second
    run_git(folder, "checkout", "-q", "--detach", first)
    alone = commit(folder, {"c": "1"})
    found = read(folder)
    assert found.head == second
    assert alone in {one.sha for one in found.commits}
    with pytest.raises(PlumblineError) as error:
        read(folder, "nowhere")
    assert error.value.code == "unknown-ref"


def test_a_history_is_what_was_committed_whatever_lies_over_it(folder, monkeypatch):
    """Grafts and replaced objects show other parents and other words than the commits have, on one machine alone."""
    first = run_git(folder, "rev-parse", "HEAD")
    second, third = commit(folder, {"b": "1"}, "Second"), commit(folder, {"c": "1"}, "Third")
    before = read(folder)
    fake = run_git(folder, "commit-tree", "-m", "Fake", "HEAD^{tree}")
    (folder / ".git/info").mkdir(exist_ok=True)
    (folder / ".git/info/grafts").write_text(f"{third} {first}\n")
    run_git(folder, "update-ref", f"refs/replace/{second}", fake)
    run_git(folder, "update-ref", f"refs/hidden/{first}", fake)
    for name, value in {
        "GIT_GRAFT_FILE": str(folder / ".git/info/grafts"), "GIT_REPLACE_REF_BASE": "refs/hidden/",
        "GIT_SHALLOW_FILE": str(folder / ".git/info/grafts"),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    command._environment.cache_clear()
    try:
        home = open_repository(str(folder))
        assert home.merge_base(second, third) == second
        assert home.objects.read(second).data.endswith(b"Second\n")
        home.close()
        assert read(folder) == before
    finally:
        command._environment.cache_clear()


def test_a_shallow_clone_says_so(folder, tmp_path):
    for number in range(3):
        commit(folder, {"n": str(number)})
    run_git(tmp_path, "clone", "-q", "--depth", "2", f"file://{folder}", "shallow")
    found = read(tmp_path / "shallow")
    assert (found.shallow, len(found.commits)) == (True, 2)


@pytest.mark.parametrize("what", ["nothing", "empty", "commit", "tree"])
def test_what_cannot_be_read_is_told(tmp_path, folder, what):
    if what == "nothing":
        (tmp_path / "plain").mkdir()
        place, code = tmp_path / "plain", "not-a-repository"
    elif what == "empty":
        place, code = make_repository(tmp_path / "empty"), "no-commits"
    else:
        commit(folder, {"b": "1"})
        broken = run_git(folder, "rev-parse", "HEAD~1" if what == "commit" else "HEAD~1^{tree}")
        (folder / ".git/objects" / broken[:2] / broken[2:]).unlink()
        place, code = folder, "repository-unreadable"
    with pytest.raises(PlumblineError) as error:
        read(place)
    assert error.value.code == code
    assert error.value.hint


@pytest.mark.parametrize("what", ["empty", "commit", "tree", "head", "gone"])
def test_of_a_repository_that_has_a_title_nobody_is_told_where_it_lies(tmp_path, folder, what):
    if what == "empty":
        folder = make_repository(tmp_path / "empty")
    commit(folder, {"b": "1"}) if what in ("commit", "tree") else None
    home = open_repository(str(folder), title="bank/core")
    try:
        if what in ("commit", "tree"):
            broken = run_git(folder, "rev-parse", "HEAD~1" if what == "commit" else "HEAD~1^{tree}")
            (folder / ".git/objects" / broken[:2] / broken[2:]).unlink()
        elif what == "head":
            (folder / ".git/HEAD").write_text("nonsense")
        elif what == "gone":
            folder.rename(tmp_path / "elsewhere")
        with pytest.raises(PlumblineError) as error:
            read_history(home)
    finally:
        home.close()
    assert error.value.code == ("no-commits" if what == "empty" else "repository-unreadable")
    assert "bank/core" in str(error.value)
    assert str(tmp_path) not in str(error.value)
    assert error.value.hint


def test_a_repository_with_a_title_that_cannot_even_be_opened_is_told_by_it_and_none_around_it_is_taken(tmp_path):
    make_repository(tmp_path, {"a.py": "1"})
    (tmp_path / "7.git").mkdir()
    with pytest.raises(PlumblineError) as error:
        open_repository(str(tmp_path / "7.git"), title="bank/core")
    assert (error.value.code, str(tmp_path) in str(error.value)) == ("repository-unreadable", False)
    assert "bank/core" in str(error.value)


def test_a_repository_of_somebody_else_that_has_a_title_is_refused_by_it():
    words = "fatal: detected dubious ownership in repository at '/data/mirrors/7.git'\nTo add an exception, call:\n"
    error = failure(
        f"{words}\tgit config --global --add safe.directory /data/mirrors/7.git", "/data/mirrors/7.git", "b/c"
    )
    assert (error.code, "/data" in str(error), "b/c" in str(error)) == ("repository-not-trusted", False, True)


def test_a_copy_is_there_as_long_as_it_is_looked_at(folder):
    url = f"file://{folder}"
    with cloned(url) as copy:
        assert read(copy).head == run_git(folder, "rev-parse", "HEAD")
        assert copy.endswith("/app.git")
    assert not os.path.exists(copy)
    with pytest.raises(PlumblineError) as error, cloned("https://me:secret@localhost:1/x.git"):
        pass
    assert error.value.code == "clone-failed"
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("place", "remote"),
    [("https://x.example/a.git", True), ("git@x.example:a/b.git", True), ("ssh://x/a", True), ("x.example:a/b", True),
     (".", False), ("/srv/git/a.git", False), ("a:b", False), ("ext::sh -c x", False), ("C:\\a", False)],
)  # fmt: skip
def test_what_is_an_address(place, remote):
    assert is_remote(place) is remote
