"""What owners of a machine allow, and what a client is told: without any engine."""

from __future__ import annotations

import base64
import json
import os
import stat
import threading
from pathlib import Path

import pytest

from plumbline.adapters.containers.credentials import credential_of, shown
from plumbline.adapters.containers.engine import Answer, Engine
from plumbline.adapters.containers.finding import _docker
from plumbline.adapters.containers.mounts import Mount, mount_options, volumes
from plumbline.adapters.containers.names import check_allowed, image_name
from plumbline.adapters.containers.networks import _addresses
from plumbline.adapters.containers.options import common_options, env_lines, limit_options, not_limited
from plumbline.adapters.containers.ownership import close_to_others, may_be_another, open_to_all, take_back
from plumbline.adapters.containers.pulling import Images
from plumbline.adapters.jobs.output import Output
from plumbline.kernel import Masker, PlumblineError
from plumbline.model.job_setup import ContainerRules, JobLimits
from plumbline.model.pipeline import Image, Service

PODMAN = Engine("podman", "/bin/podman", "5", memory=1_000_000_000)
DOCKER = Engine("docker", "/bin/docker", "25", memory=1_000_000_000)


@pytest.mark.parametrize(
    "name",
    [
        "busybox",
        "r.example:5000/a/B_c/d-e.f:1.2-x_y",
        "r.example/a@sha256:" + "0" * 64,
        "a:1@sha256:" + "0" * 64,
        "0123abcd",
        "dirty:1",
        "oci/x:1",
    ],
)
def test_names_of_images(name: str) -> None:
    assert image_name(name, {}) == name
    assert image_name("$N", {"N": name}) == name


@pytest.mark.parametrize(
    ("name", "allowed", "good"),
    [
        ("ruby:3", ("ruby:*",), True),
        ("ruby", ("ruby:*",), True),
        ("ruby", ("ruby:latest",), True),
        ("ruby", ("ruby",), True),
        ("ruby:3", ("ruby",), False),
        ("evil/ruby:3", ("ruby:*", "*:*"), False),
        ("r.example:5000/a/b:1", ("r.example:5000/**",), True),
        ("r.example:5000/a/b:1", ("r.example:5000/*",), False),
        ("r.example.evil/a", ("r.example/**",), False),
        ("any", (), True),
        ("any", ("[",), False),
    ],
)
def test_allowed_images(name: str, allowed: tuple[str, ...], good: bool) -> None:
    if good:
        check_allowed(name, allowed)
        return
    with pytest.raises(PlumblineError) as refused:
        check_allowed(name, allowed)
    assert refused.value.code == "image-not-allowed"


def images(rules: ContainerRules) -> Images:
    return Images(PODMAN, rules, {}, "/nowhere", None, None, 0.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("wanted", [Image(name="evil", pull_policy=("always",)), Service(name="evil")])
def test_services_are_held_to_the_same_images(wanted: Image | Service) -> None:
    with pytest.raises(PlumblineError) as refused:
        images(ContainerRules(images=("good*",))).have(wanted)
    assert refused.value.code == "image-not-allowed"


def test_a_job_names_allowed_pull_policies_alone() -> None:
    few = images(ContainerRules(pull=("always", "never")))
    with pytest.raises(PlumblineError) as refused:
        few.have(Image(name="x", pull_policy=("always", "if-not-present")))
    assert refused.value.code == "pull-policy-not-allowed"
    assert few._policies(Image(name="x")) == ("always", "never")
    assert few._policies(Image(name="x", pull_policy=("never",))) == ("never",)
    assert images(ContainerRules())._policies(Image(name="x")) == ("if-not-present",)
    assert images(ContainerRules())._policies(Image(name="x", pull_policy=("always",))) == ("always",)


def pair(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


AUTHS = json.dumps(
    {
        "auths": {
            "https://index.docker.io/v1/": {"auth": pair("hub:1")},
            "r.example:5000": {"username": "u", "password": "p:2"},
            "r.example:5000/team": {"identitytoken": "t", "email": "e"},
            "helped.example": {},
        },
        "credsStore": "secretservice",
        "credHelpers": {"helped.example": "ecr-login"},
        "cliPluginsExtraDirs": ["/tmp"],
    }
)


@pytest.mark.parametrize(
    ("image", "registry", "entry"),
    [
        ("busybox", "docker.io", {"auth": pair("hub:1")}),
        ("library/busybox:1", "docker.io", {"auth": pair("hub:1")}),
        ("r.example:5000/a:1", "r.example:5000", {"auth": pair("u:p:2")}),
        ("r.example:5000/team/a", "r.example:5000/team", {"identitytoken": "t"}),
        ("own.example/a/b", "own.example", {"auth": pair("job:secret")}),
    ],
)
def test_credentials_of_registries(image: str, registry: str, entry: dict[str, str]) -> None:
    values = {"DOCKER_AUTH_CONFIG": AUTHS, "CI_REGISTRY": "own.example", "CI_REGISTRY_USER": "job",
              "CI_REGISTRY_PASSWORD": "secret"}  # fmt: skip
    assert credential_of(image, values) == ((registry, entry), True)
    for other in ("helped.example/a", "unknown.example/a", "r.example:5001/a"):
        assert credential_of(other, values) == (None, True)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"auths": 3}', '{"auths": {"a": "b"}}', "[" * 100_000])
def test_credentials_that_cannot_be_read(text: str) -> None:
    assert credential_of("a/b", {"DOCKER_AUTH_CONFIG": text}) == (None, False)


def test_a_credential_is_a_private_file_for_a_while(tmp_path: Path) -> None:
    found, _ = credential_of("busybox", {"DOCKER_AUTH_CONFIG": AUTHS})
    for client, name in (("docker", "https://index.docker.io/v1/"), ("podman", "docker.io")):
        with shown(found, client, str(tmp_path)) as folder:
            file = Path(folder, "config.json")
            assert json.loads(file.read_text()) == {"auths": {name: {"auth": pair("hub:1")}}}
            assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(Path(folder).stat().st_mode)) == (0o600, 0o700)
        assert list(tmp_path.iterdir()) == []
    with shown(None, "docker", str(tmp_path)) as folder:
        assert folder == ""


@pytest.mark.slow
def test_a_pull_is_shown_the_credential_and_no_command_line_is(tmp_path: Path) -> None:
    client = tmp_path / "podman"
    client.write_text(
        f'#!/bin/sh\n[ "$1" = pull ] || exit 1\necho "$@" >{tmp_path}/asked\ncat "$4" >{tmp_path}/shown; exit 1\n'
    )
    client.chmod(0o755)
    beside = tmp_path / "beside"
    beside.mkdir()

    class Log:
        def write(self, data: bytes) -> None:
            return

    class Cancel:
        level = 0

        def fileno(self) -> int:
            return -1

    values = {"DOCKER_AUTH_CONFIG": AUTHS}
    wanted = Images(Engine("podman", str(client), "5"), ContainerRules(), values, str(beside),
                    Output(Log(), Masker(), 1000), Cancel(), 1e18)  # fmt: skip
    with pytest.raises(PlumblineError):
        wanted.have(Image(name="busybox"))
    assert pair("hub:1") in (tmp_path / "shown").read_text()
    assert pair("hub:1") not in (tmp_path / "asked").read_text()
    assert list(beside.iterdir()) == []


def test_folders_are_told_to_clients_whatever_their_names() -> None:
    odd = Mount('/a,"b', "/in side", writable=True, ours=True)
    assert mount_options(DOCKER, [odd], relabel=False) == ["--mount", 'type=bind,"source=/a,""b","target=/in side"']
    assert mount_options(PODMAN, [odd, Mount("/x", "/y")], relabel=True) == [
        "--mount", 'type=bind,"source=/a,""b","target=/in side",relabel=shared', "--mount",
        "type=bind,source=/x,target=/y,readonly"]  # fmt: skip
    ours = Mount("/x", "/y", ours=True)
    assert mount_options(DOCKER, [ours], relabel=True) == ["--volume", "/x:/y:ro,z"]
    with pytest.raises(PlumblineError):
        mount_options(DOCKER, [ours._replace(source="/x:y")], relabel=True)


def test_volumes_of_administrators() -> None:
    assert volumes(["/a", "/a:/b", "/a:/b:ro"]) == [
        Mount("/a", "/a", True), Mount("/a", "/b", True), Mount("/a", "/b", False)]  # fmt: skip
    for wrong in ("a", "/a:b", "/a:/b:z", "name:/b", ""):
        with pytest.raises(PlumblineError):
            volumes([wrong])


def test_options_of_every_container() -> None:
    said = common_options("n", "m", ContainerRules(options=("--dns", "192.0.2.1")))
    assert "label=disable" in said
    assert "--privileged" not in said
    assert said[-2:] == ["--dns", "192.0.2.1"]
    said = common_options("n", "m", ContainerRules(relabel=True, privileged=True))
    assert "label=disable" not in said
    assert "--privileged" in said


def test_limits_are_told_as_far_as_the_engine_can() -> None:
    limits = JobLimits(processes=9, memory=50_000_000, cpus=1, cpu_seconds=60)
    assert limit_options(PODMAN, limits) == [
        "--pids-limit", "9", "--memory", "50000000b", "--cpus", "1", "--ulimit", "cpu=60:60"]  # fmt: skip
    assert limit_options(DOCKER, JobLimits(processes=0)) == ["--pids-limit", "-1", "--memory", "750000000b"]
    weak = PODMAN._replace(controllers=frozenset({"pids"}))
    assert limit_options(weak, limits) == ["--pids-limit", "9", "--ulimit", "cpu=60:60"]
    assert not_limited(weak, limits) == ("ci.limit_memory", "ci.limit_cpus")
    assert not_limited(weak, JobLimits()) == ()


def test_a_file_of_variables_holds_what_such_a_file_can() -> None:
    given = {"A": "1 =x", "B": "two\nlines", "C D": "x", "#E": "x", "F": "x" * 70_000, "G": "\udcff", "": "x"}
    assert env_lines(given) == "A=1 =x\n"


def test_who_scripts_may_run_as() -> None:
    for image, config, another in (
        (Image(name="x"), {}, False),
        (Image(name="x", user="0:0"), {"User": "app"}, False),
        (Image(name="x"), {"User": "app"}, True),
        (Image(name="x"), {"Entrypoint": ["gosu"]}, True),
        (Image(name="x", entrypoint=("",)), {"Entrypoint": ["gosu"]}, False),
    ):
        assert may_be_another(image, config) is another


def test_opening_follows_no_links_and_leaves_odd_files(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir(mode=0o700)
    (outside / "key").write_text("x")
    (outside / "key").chmod(0o600)
    (inside / "deep").mkdir(parents=True, mode=0o755)
    (inside / "deep/file").write_text("x")
    (inside / "deep/file").chmod(0o640)
    (inside / "folder").symlink_to(outside)
    (inside / "file").symlink_to(outside / "key")
    os.mkfifo(inside / "pipe", 0o600)
    opened = threading.Thread(target=open_to_all, args=([str(inside)],), daemon=True)
    opened.start()
    opened.join(10)
    assert not opened.is_alive()
    assert stat.S_IMODE((inside / "deep").stat().st_mode) == 0o777
    assert stat.S_IMODE((inside / "deep/file").stat().st_mode) == 0o666
    assert stat.S_IMODE((outside / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE(outside.stat().st_mode) == 0o700


def test_nobody_else_gets_below_the_folder_of_a_job(tmp_path: Path) -> None:
    (tmp_path / "job/.scratch").mkdir(parents=True)
    close_to_others(str(tmp_path / "job/.scratch"))
    assert stat.S_IMODE((tmp_path / "job").stat().st_mode) == 0o700


def test_addresses_of_a_network() -> None:
    found = _addresses([{"subnets": [{"subnet": "10.89.0.0/24", "gateway": "10.89.0.1"}]}])
    assert (found[-1], len(found), len(set(found))) == ("10.89.0.254", 120, 120)
    for odd in (None, [], {}, [{}], [{"subnets": []}], [{"subnets": [{"subnet": "fd00::/64"}]}], [{"subnets": 1}]):
        assert _addresses(odd) == []


def test_what_docker_says_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"ServerVersion": "25.0", "PidsLimit": True, "MemoryLimit": False, "CpuCfsQuota": True, "MemTotal": 5,
            "SecurityOptions": ["name=seccomp", "name=rootless"]}  # fmt: skip
    answer = Answer(0, b"WARNING: no swap\n" + json.dumps(said, indent=1).encode() + b"\n")
    monkeypatch.setattr("plumbline.adapters.containers.finding.ask_client", lambda *_: answer)
    found = _docker("/bin/docker")
    assert found == Engine("docker", "/bin/docker", "25.0", True, frozenset({"pids", "cpu"}), 5)


@pytest.mark.slow
def test_what_users_of_a_rootless_engine_left_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = tmp_path / "podman"
    client.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/asked\nrm -rf "$7/theirs"\n')
    client.chmod(0o755)
    for folder in ("job/project/theirs", "job/mine"):
        (tmp_path / folder).mkdir(parents=True)
    project, mine = str(tmp_path / "job/project"), str(tmp_path / "job/mine")
    rootless = Engine("podman", str(client), "5", rootless=True)
    monkeypatch.setattr("os.geteuid", lambda: 4_000_000)
    assert take_back(rootless, (mine, project))
    assert (tmp_path / "asked").read_text() == f"unshare chown -R -h 0:0 -- {project}\n"
    Path(project, "again").mkdir()
    client.write_text("#!/bin/sh\nexit 1\n")
    assert not take_back(rootless, (project,))
