"""Jobs with an image, in containers of the engine that answers."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import pytest
from tests.container_engine import DROPPING, ECHOING, IMAGE, Boxed, remove_images, working_engine

from plumbline.adapters.containers import find_engine, try_container
from plumbline.adapters.containers.mounts import Mount
from plumbline.adapters.containers.names import aliases_of
from plumbline.adapters.containers.opening import Tools
from plumbline.adapters.processes import kill_marked, left_containers
from plumbline.model.job import FailureReason, State
from plumbline.model.job_setup import ContainerRules, JobLimits, JobView
from plumbline.model.pipeline import Image, Service, Variable


@pytest.mark.parametrize(
    ("image", "aliases"),
    [
        ("postgres", ("postgres",)),
        ("postgres:15", ("postgres",)),
        ("tutum/wordpress:latest", ("tutum__wordpress", "tutum-wordpress")),
        ("r.example:5000/a/b@sha256:0", ("r.example__a__b", "r.example-a-b")),
    ],
)
def test_names_of_services(image: str, aliases: tuple[str, ...]) -> None:
    assert aliases_of(image) == aliases


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        engine = working_engine(tmp_path_factory.mktemp("conf"), patch)
        yield engine
        remove_images(engine)


@pytest.fixture
def box(tmp_path: Path, engine):
    box = Boxed(tmp_path, engine)
    yield box
    box.cancel.close()
    assert box.left() == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_job_in_a_container(box: Boxed) -> None:
    secret = "correct-horse-battery"
    result = box.run(
        "pwd; echo $CI_PROJECT_DIR; touch made",
        'cat "$KEY"; echo "$LINES2"; echo "token $TOKEN"; ls / | wc -l',
        'echo "${PATH#*/usr/local/sbin-of-the-host}" >/dev/null; test -z "$SSH_AUTH_SOCK"',
        after=("ls; echo after $CI_JOB_STATUS",),
        variables=(
            Variable("KEY", "inside\n", file=True),
            Variable("LINES2", "one\ntwo 'x'"),
            Variable("TOKEN", secret, masked=True),
            Variable("NAME", IMAGE.partition(":")[0]),
        ),
        image=Image(name="${NAME}:1"),
    )
    assert result.state is State.SUCCESS, box.text
    assert "/builds/group/app\n/builds/group/app\n" in box.text
    assert "inside\none\ntwo 'x'\n" in "".join(line for line in box.text.splitlines(True) if "\033" not in line)
    assert "token [MASKED]\n" in box.text
    assert "made\nafter success\n" in box.text


@pytest.mark.slow
def test_failure_entrypoint_and_user(box: Boxed) -> None:
    assert box.run("exit 42").exit_code == 42
    result = box.run(
        "id -u; touch mine; echo $WRAP; cat $KEY",
        image=Image(name=IMAGE, user="1000", entrypoint=("env", "WRAP=yes")),
        variables=(Variable("KEY", "key\n", file=True),),
    )
    assert result.state is State.SUCCESS, box.text
    assert "1000\nyes\nkey\n" in "".join(line for line in box.text.splitlines(True) if "\033" not in line)


@pytest.mark.slow
def test_pull_policies(box: Boxed) -> None:
    result = box.run("true", image=Image(name="localhost/absent:1", pull_policy=("never",)))
    assert (result.state, result.reason) == (State.FAILED, FailureReason.IMAGE_PULL)
    result = box.run("true", image=Image(name=IMAGE, pull_policy=("always", "if-not-present")))
    assert result.state is State.SUCCESS, box.text


@pytest.mark.slow
def test_services_answer_by_their_names(box: Boxed) -> None:
    web = Service(
        name=IMAGE,
        aliases=("web",),
        entrypoint=("sh", "-c"),
        command=('mkdir /www; echo "hello $WHO" > /www/x; exec httpd -f -p 8000 -h /www',),
        variables=(Variable("WHO", "$ME"),),
    )
    result = box.run("wget -q -O - http://web:8000/x", services=(web,), variables=(Variable("ME", "you"),))
    if result.reason is FailureReason.RUNNER_SYSTEM and "network" in str(result.message):
        pytest.skip(f"no container networks here: {result.message}")
    assert result.state is State.SUCCESS, box.text
    assert "hello you\n" in box.text


@pytest.mark.slow
def test_a_service_that_dies_is_a_warning_with_its_last_words(box: Boxed) -> None:
    dead = Service(name=IMAGE, entrypoint=("sh", "-c"), command=("echo no luck; exit 1",))
    result = box.run("echo ran", services=(dead,))
    if result.reason is FailureReason.RUNNER_SYSTEM:
        pytest.skip(f"no container networks here: {result.message}")
    assert result.state is State.SUCCESS, box.text
    assert "no luck" in box.text


@pytest.mark.slow
def test_a_polite_cancel_reaches_the_script(box: Boxed) -> None:
    threading.Timer(1.5, box.cancel.cancel, (1,)).start()
    result = box.run("trap 'echo bye; exit 1' TERM; sleep 60 & wait", after=("echo after $CI_JOB_STATUS",))
    assert result.state is State.CANCELED
    assert "bye\n" in box.text
    assert "after canceled\n" in box.text


@pytest.mark.slow
def test_what_will_not_stop_is_removed(box: Boxed) -> None:
    begun = time.monotonic()
    result = box.run("trap '' TERM; while :; do sleep 1; done", timeout=1.5)
    assert result.reason is FailureReason.TIMEOUT
    assert time.monotonic() - begun < 30


@pytest.mark.slow
def test_kill_marked_removes_containers_of_a_dead_owner(box: Boxed) -> None:
    name = f"plumbline-{box.prefix}3-dead-script"
    ran = box.engine.ask("run", "--detach", "--name", name, IMAGE, "sleep", "60")
    assert ran.status == 0, ran
    assert kill_marked(box.prefix, "/nowhere") == 1


@pytest.mark.slow
def test_of_several_left_containers_one_may_go_by_itself(box: Boxed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Podman removes none of several names of which one is gone, and says that all is well."""
    names = [f"plumbline-{box.prefix}3-{each}" for each in ("build", "service-0")]
    network = f"plumbline-{box.prefix}3"
    assert box.engine.ask("network", "create", network).status == 0
    for name in names:
        assert box.engine.ask("run", "--detach", "--network", network, "--name", name, IMAGE, "sleep", "60").status == 0
    listed = left_containers._named

    def one_more(*asked):
        found = listed(*asked)
        return [f"plumbline-{box.prefix}3-gone", *found] if asked[1][0] == "ps" and found else found

    monkeypatch.setattr(left_containers, "_named", one_more)
    assert left_containers.remove_marked_containers(box.prefix) == 4
    assert box.left() == ""


@pytest.mark.slow
def test_what_an_earlier_script_installed_is_there_afterwards(box: Boxed) -> None:
    result = box.run(
        "tool",
        before=("echo 'echo made by $0' >/bin/tool; chmod 755 /bin/tool", "sleep 300 &", "hostname >name"),
        after=("tool; test $(hostname) = $(cat name); echo left running: $(ps | grep -c '[s]leep 300')",),
    )
    assert result.state is State.SUCCESS, box.text
    assert box.said.count("made by /bin/tool") == 2
    assert "left running: 0\n" in box.said
    assert result.warnings == ()


@pytest.mark.slow
def test_an_entry_point_that_runs_no_script_is_no_success(box: Boxed) -> None:
    result = box.run("echo never", after=("echo nor this",), image=Image(name=ECHOING))
    assert (result.state, result.reason) == (State.FAILED, FailureReason.RUNNER_SYSTEM)
    assert "image:entrypoint" in str(result.message)
    result = box.run("echo ran", image=Image(name=ECHOING, entrypoint=("",)))
    assert (result.state, "ran\n" in box.said) == (State.SUCCESS, True), box.text


@pytest.mark.slow
@pytest.mark.parametrize("status", [125, 126, 127])
def test_statuses_of_engines_are_the_scripts_own_once_it_began(box: Boxed, status: int) -> None:
    result = box.run(f"exit {status}")
    assert (result.reason, result.exit_code) == (FailureReason.SCRIPT, status)


@pytest.mark.slow
def test_a_script_cannot_say_that_it_never_began(box: Boxed) -> None:
    undone = "f=$(ls -d /builds/.scratch/.b*); t=$(stat -c %Y $f); touch -d @1000000000 $f; exit 3"
    assert box.run(undone).reason is FailureReason.SCRIPT
    assert box.run("rm -rf /builds/.scratch/.b* ; exit 3").reason is FailureReason.SCRIPT


@pytest.mark.slow
@pytest.mark.parametrize("instead", ["ln -s {victim}", "mkdir", "mknod -m 666"])
def test_what_a_script_puts_in_place_of_our_files_is_not_followed(box: Boxed, instead: str) -> None:
    victim = box.home.parent / "victim"
    victim.write_text("untouched")
    made = f"for f in $(ls -A /builds/.scratch); do rm -rf /builds/.scratch/$f; {instead} /builds/.scratch/$f"
    made = made.format(victim=victim) + (" p; done" if "mknod" in instead else "; done")
    result = box.run(made, after=("echo went on",))
    assert (result.state, "went on\n" in box.said) == (State.SUCCESS, True), box.text
    assert victim.read_text() == "untouched"
    victim.unlink()


@pytest.mark.slow
def test_an_engine_that_fails_before_the_script_is_not_blamed_on_it(box: Boxed) -> None:
    result = box.run("true", image=Image(name=IMAGE, entrypoint=("/no/such/program",)))
    assert (result.reason, result.exit_code) == (FailureReason.RUNNER_SYSTEM, None), box.text
    result = box.run("true", image=Image(name=IMAGE, user="nobody-of-that-name"))
    assert result.reason is FailureReason.RUNNER_SYSTEM, box.text
    box.rules = ContainerRules(options=("--no-such-option",))
    result = box.run("true")
    assert result.reason is FailureReason.RUNNER_SYSTEM, box.text
    assert "no-such-option" in box.said


@pytest.mark.slow
def test_a_container_is_gone_before_its_working_copy_is_used_again(box: Boxed, tmp_path: Path) -> None:
    """A script that ignores every signal and goes on writing, ended by its own limit of time."""
    seen: list[str] = []
    close = box.close
    box.close = lambda: (seen.append(box.left()), close())
    result = box.run(
        "true",
        after=("trap '' TERM; while :; do date >>late; sleep 0.1; done",),
        variables=(Variable("RUNNER_AFTER_SCRIPT_TIMEOUT", "1s"),),
    )
    assert result.state is State.SUCCESS, box.text
    assert (seen, box.spoilt) == ([""], False)


@pytest.mark.slow
def test_a_copy_is_not_used_again_while_its_container_may_live(box: Boxed) -> None:
    keeping = box.engine._replace(name="podman", client=str(Path(box.home.parent, "podman")))
    wrapper = Path(keeping.client)
    wrapper.write_text(f'#!/bin/sh\n[ "$1" = rm ] && exit 0\nexec {box.engine.client} "$@"\n')
    wrapper.chmod(0o755)
    real, box.engine = box.engine, keeping
    result = box.run("true")
    wrapper.unlink()
    assert (result.state, box.spoilt) == (State.SUCCESS, True)
    assert "may still be there" in box.text
    box.engine = real
    assert kill_marked(box.prefix, "/nowhere") == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a, b", "a\nb", 'q"x:y', "深 蓝"])
def test_folders_of_any_name_are_mounted(box: Boxed, name: str) -> None:
    box.home = box.home / name
    box.root, box.scratch = str(box.home / name), str(box.home / ".scratch")
    box.options = {"readable": (box.root,)}
    result = box.run("echo here >made; ls")
    shutil.rmtree(box.home.parent)
    assert (result.state, "made\n" in box.said) == (State.SUCCESS, True), box.text


@pytest.mark.slow
def test_a_user_of_the_image_writes_to_what_was_unpacked_later(box: Boxed) -> None:
    class Later:
        """Unpacks as root does, with a file that is its owner's alone."""

        def unpack(self, job: int, root: str) -> int:
            Path(root, "from-earlier").mkdir(mode=0o755)
            Path(root, "from-earlier/log").write_text("one\n")
            Path(root, "from-earlier/log").chmod(0o600)
            Path(root, "from-earlier/away").symlink_to("/etc/hostname")
            return 1

    mode = Path("/etc/hostname").stat().st_mode
    box.stores = (Later(), None)
    result = box.run("id -u; echo two >>from-earlier/log; touch from-earlier/new; cat from-earlier/log",
                     image=Image(name=DROPPING), dependencies=(1,))  # fmt: skip
    assert result.state is State.SUCCESS, box.text
    assert "1000\none\ntwo\n" in box.said
    assert Path("/etc/hostname").stat().st_mode == mode


@pytest.mark.slow
def test_services_see_the_working_copy_each_other_and_speak_into_the_log(box: Boxed) -> None:
    first = Service(name=IMAGE, aliases=("first",), entrypoint=("sh", "-c"), command=(
        "until wget -q -O - http://second:8000/x; do sleep 0.2; done; echo reached >/builds/group/app/told; "
        "mkdir /www; touch /www/x; exec httpd -f -p 8000 -h /www",))  # fmt: skip
    second = Service(name=IMAGE, aliases=("second",), entrypoint=("sh", "-c"),
                     command=("mkdir /www; echo from second >/www/x; exec httpd -f -p 8000 -h /www",))  # fmt: skip
    result = box.run(
        "cat told; ls /builds/.scratch >/dev/null",
        "until grep -q . told; do sleep 0.1; done",
        services=(first, second),
        variables=(Variable("CI_DEBUG_SERVICES", "true"), Variable("S", "from second", masked=True)),
    )
    assert result.state is State.SUCCESS, box.text
    assert "reached\n" in box.said
    assert "[service:first] [MASKED]\n" in box.text


@pytest.mark.slow
def test_without_a_network_only_the_services_are_reached(box: Boxed) -> None:
    box.view = JobView(network=False)
    assert box.run("test $(ls /sys/class/net) = lo").state is State.SUCCESS, box.text
    web = Service(name=IMAGE, aliases=("web",), entrypoint=("sh", "-c"),
                  command=("mkdir /www; echo hello >/www/x; exec httpd -f -p 8000 -h /www",))  # fmt: skip
    result = box.run("wget -q -O - http://web:8000/x; if ping -c 1 -W 1 192.0.2.1; then exit 1; fi", services=(web,))
    assert (result.state, "hello\n" in box.said) == (State.SUCCESS, True), box.text


@pytest.mark.slow
def test_limits_of_processes_and_memory_hold(
    box: Boxed, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not {"pids", "memory"} <= box.engine.controllers:
        pytest.skip(f"this engine cannot limit here: {sorted(box.engine.controllers)}")
    monkeypatch.chdir(here := tmp_path_factory.mktemp("here"))
    box.limits = JobLimits(processes=20, memory=40_000_000)
    result = box.run("for i in $(seq 60); do sleep 1 & done; wait")
    assert result.reason is FailureReason.SCRIPT, box.text
    assert "reached its limit of processes" in box.text
    result = box.run("tail -c 200m /dev/zero")
    assert result.reason is FailureReason.SCRIPT, box.text
    assert "reached its limit of memory" in box.text
    assert list(here.iterdir()) == []  # what watches the container leaves nothing where we are


@pytest.mark.slow
def test_volumes_tools_and_privileges_are_the_administrators(box: Boxed, tmp_path: Path) -> None:
    shared = box.home.parent / "shared"
    shared.mkdir()
    (shared / "given").write_text("by hand\n")
    box.rules = ContainerRules(volumes=(f"{shared}:/given:ro",))
    box.options = {
        "tools": lambda home: Tools(
            (Mount(str(shared), f"{home}/.tool"),),
            {"TOOL": "x"},
            ("/opt/x/bin",),
            ((f"{home}/a/link", "/given/given"),),
        )
    }
    result = box.run(
        "cat /given/given ~/.tool/given ~/a/link; echo $TOOL $PATH",
        "if touch /given/new || touch ~/.tool/new; then exit 1; fi",
        "grep CapEff /proc/self/status",
    )
    assert result.state is State.SUCCESS, box.text
    assert "by hand\nby hand\nby hand\n" in box.said
    assert "x /opt/x/bin:/" in box.said
    ordinary = [line for line in box.said.splitlines() if "CapEff" in line][-1]
    box.rules, box.options = ContainerRules(privileged=True), {}
    assert box.run("grep CapEff /proc/self/status").state is State.SUCCESS
    assert [line for line in box.said.splitlines() if "CapEff" in line][-1] != ordinary
    shutil.rmtree(shared)


@pytest.mark.slow
def test_the_default_image_is_of_jobs_that_name_none(box: Boxed) -> None:
    box.settings = {"default_image": IMAGE}
    result = box.run("pwd", image=None)
    assert (result.state, "/builds/group/app\n" in box.said) == (State.SUCCESS, True), box.text


@pytest.mark.slow
def test_services_without_an_image_are_refused(box: Boxed) -> None:
    result = box.run("echo ran", image=None, services=(Service(name=IMAGE),))
    assert (result.state, result.reason) == (State.FAILED, FailureReason.RUNNER_UNSUPPORTED)
    assert "ran" not in box.said


@pytest.mark.slow
def test_the_doctor_runs_a_container(engine) -> None:
    assert try_container(engine) is None
    broken = find_engine(engine.name)._replace(client="/bin/false")
    assert try_container(broken) is not None
    said = engine.ask("images", "--format", "{{.Repository}}").text + engine.ask("ps", "-a").text
    assert "plumbline-doctor" not in said
