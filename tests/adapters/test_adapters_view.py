"""What a job is shown of its machine: tools where they belong, caches, and nothing of the server's."""

from __future__ import annotations

from pathlib import Path

import pytest

from plumbline.adapters.executors._view import CACHE, Bind, furnish, open_caches, shown
from plumbline.kernel import PlumblineError
from plumbline.model.job_setup import JobView

HOME = "/builds/.scratch/home"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own = tmp_path / "user"
    for folder in (".cargo/bin", ".cargo/registry", ".rustup", ".pyenv/shims", "data/keys", "opt/gadget/bin"):
        (own / folder).mkdir(parents=True)
    (own / ".cargo/config.toml").write_text("[source]\n")
    (own / ".npmrc").write_text("registry=x\n")
    monkeypatch.setenv("HOME", str(own))
    return own


def test_nothing_is_shown_where_nothing_is_declared(home: Path) -> None:
    assert shown(JobView(), HOME) == ((), {}, (), (), ())


def test_a_tool_of_the_home_is_in_the_home_of_the_job_and_where_it_was_installed(home: Path) -> None:
    found = shown(JobView(tools=("~/.pyenv", "~/.npmrc")), HOME)
    assert found.binds == (
        Bind(f"{home}/.pyenv", f"{home}/.pyenv"),
        Bind(f"{home}/.pyenv", f"{HOME}/.pyenv"),
        Bind(f"{home}/.npmrc", f"{home}/.npmrc"),
        Bind(f"{home}/.npmrc", f"{HOME}/.npmrc"),
    )
    assert found.environ == {"PYENV_ROOT": f"{HOME}/.pyenv"}
    assert found.path == (f"{HOME}/.local/bin", f"{HOME}/.pyenv/shims")


def test_a_tool_elsewhere_stands_at_its_own_path_and_where_a_link_leads_to(tmp_path: Path, home: Path) -> None:
    (tmp_path / "gadget").symlink_to(home / "opt/gadget")
    found = shown(JobView(tools=(f"{tmp_path}/gadget",)), HOME)
    real = f"{home}/opt/gadget"
    assert found.binds == (Bind(real, f"{tmp_path}/gadget"), Bind(real, real))
    assert found.path == (f"{HOME}/.local/bin", f"{tmp_path}/gadget/bin")


def test_a_link_into_the_system_puts_nothing_over_the_system_of_an_image(home: Path) -> None:
    (home / ".gadget").symlink_to("/usr/bin")
    found = shown(JobView(tools=("~/.gadget",)), HOME)
    assert {bind.target for bind in found.binds} == {f"{home}/.gadget", f"{HOME}/.gadget"}


def test_what_a_manager_of_versions_would_write_to_itself_is_nothing(home: Path) -> None:
    script = home / ".pyenv/libexec/pyenv-rehash"
    script.parent.mkdir()
    script.write_text("exit 1\n")
    binds = shown(JobView(tools=("~/.pyenv",)), HOME).binds
    over = [bind for bind in binds if bind.target.endswith("/libexec/pyenv-rehash")]
    assert [bind.target for bind in over] == [f"{at}/.pyenv/libexec/pyenv-rehash" for at in (home, HOME)]
    assert {Path(bind.source).name for bind in over} <= {"true", "coreutils", "busybox"}
    assert binds.index(over[1]) > binds.index(Bind(f"{home}/.pyenv", f"{HOME}/.pyenv"))


def test_go_installs_where_a_job_may_write(home: Path) -> None:
    (home / "go/bin").mkdir(parents=True)
    found = shown(JobView(tools=("~/go",)), HOME)
    assert found.environ["GOPATH"] == f"{HOME}/.cache/plumbline/go"
    assert f"{HOME}/go/bin" in found.path
    (home / "go/bin/go").write_text("")  # Go itself
    assert "GOPATH" not in shown(JobView(tools=("~/go",)), HOME).environ


def test_of_maven_s_folder_the_settings_are_shown_alone(home: Path) -> None:
    (home / ".m2/repository").mkdir(parents=True)
    (home / ".m2/settings.xml").write_text("<settings/>")
    found = shown(JobView(tools=("~/.m2",)), HOME)
    settings = f"{home}/.m2/settings.xml"
    assert found.binds == (Bind(settings, settings), Bind(settings, f"{HOME}/.m2/settings.xml"))
    assert found.missing == ()


def test_cargo_can_write_and_still_finds_its_settings(home: Path) -> None:
    cached = shown(JobView(tools=("~/.cargo", "~/.rustup"), caches="/data/caches"), HOME)
    assert cached.binds[0] == Bind("/data/caches", CACHE, writable=True)
    assert cached.environ["CARGO_HOME"] == f"{CACHE}/cargo"
    assert cached.environ["RUSTUP_HOME"] == f"{HOME}/.rustup"
    assert Bind(f"{home}/.cargo/config.toml", "/.cargo/config.toml") in cached.binds
    assert cached.path == (f"{HOME}/.local/bin", f"{HOME}/.cargo/bin")
    bare = shown(JobView(tools=("~/.cargo",)), HOME)
    assert bare.environ == {"CARGO_HOME": f"{HOME}/.cache/plumbline/cargo"}
    assert Bind(f"{home}/.cargo/config.toml", "/.cargo/config.toml") in bare.binds


def test_gradle_keeps_what_it_fetched_and_finds_its_settings(home: Path, tmp_path: Path) -> None:
    (home / ".gradle").mkdir()
    (home / ".gradle/init.gradle").write_text("")
    view = JobView(tools=("~/.gradle",), caches=f"{tmp_path}/caches")
    found = shown(view, HOME)
    own = f"{HOME}/.cache/plumbline/gradle"
    assert found.environ["GRADLE_USER_HOME"] == own
    assert Bind(f"{home}/.gradle/init.gradle", f"{own}/init.gradle") in found.binds
    assert (f"{own}/caches", f"{CACHE}/gradle/caches") in found.links
    (tmp_path / "home").mkdir()
    open_caches(view)
    furnish(found, HOME, f"{tmp_path}/home")
    assert (tmp_path / "home/.cache/plumbline/gradle/caches").readlink() == Path(f"{CACHE}/gradle/caches")
    assert (tmp_path / "home/.cache/plumbline/gradle/init.gradle").read_text() == ""
    assert (tmp_path / "caches/gradle/caches").is_dir()


def test_what_a_job_left_in_its_home_leads_nowhere(home: Path, tmp_path: Path) -> None:
    outside, left = tmp_path / "outside", tmp_path / "home"
    for folder in (outside, left):
        folder.mkdir()
    found = shown(JobView(tools=("~/.pyenv", "~/.npmrc", "~/opt/gadget")), HOME)
    (left / "opt").symlink_to(outside)
    (left / ".pyenv").symlink_to(outside)
    (left / ".npmrc").mkdir()
    furnish(found, HOME, str(left))
    assert list(outside.iterdir()) == []
    assert (left / "opt/gadget").is_dir()
    assert (left / ".npmrc").is_file()
    caches = tmp_path / "caches"
    caches.mkdir()
    (caches / "gradle").symlink_to(outside)
    open_caches(JobView(tools=("~/.gradle",), caches=str(caches)))
    assert list(outside.iterdir()) == []


def test_package_managers_keep_what_they_fetch_in_one_place(home: Path) -> None:
    environ = shown(JobView(caches="/data/caches"), HOME).environ
    assert environ["PIP_CACHE_DIR"] == f"{CACHE}/pip"
    assert environ["GOMODCACHE"] == f"{CACHE}/go/mod"
    assert environ["MAVEN_OPTS"] == f"-Dmaven.repo.local={CACHE}/maven/repository"
    assert all(CACHE in value for value in environ.values())


def test_what_is_not_here_is_told_and_not_shown(home: Path) -> None:
    found = shown(JobView(tools=("~/.nvm", "/opt/no-such-tool")), HOME)
    assert (found.binds, found.missing) == ((), ("~/.nvm", "/opt/no-such-tool"))


@pytest.mark.parametrize(
    "tool",
    [
        "/",
        "/etc/..",
        "/proc",
        "/run",
        "~",
        "~/..",
        "~/data",
        "~/data/keys",
        "~/x/../data",
        "~/link",
        "relative",
        "~root",
    ],
)
def test_what_shows_the_server_or_a_whole_home_is_refused(home: Path, tool: str) -> None:
    (home / "link").symlink_to(home / "data")
    with pytest.raises(PlumblineError) as refused:
        shown(JobView(tools=(tool,)), HOME, [f"{home}/data/keys", f"{home}/data"])
    assert refused.value.code == "tools-refused"


def test_a_parent_of_the_data_folder_is_refused_wherever_it_is(tmp_path: Path) -> None:
    (tmp_path / "srv/bank/data").mkdir(parents=True)
    with pytest.raises(PlumblineError):
        shown(JobView(tools=(f"{tmp_path}/srv",)), HOME, [f"{tmp_path}/srv/bank/data"])


def test_the_folder_of_caches_is_made_for_the_server_s_user_alone(tmp_path: Path) -> None:
    open_caches(JobView(caches=f"{tmp_path}/caches/7/one"))
    assert (tmp_path / "caches/7/one").stat().st_mode & 0o777 == 0o700
    open_caches(JobView())
