"""Robots and jobs at the door of artifacts: what they may, and when that ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from tests.flow.door_tools import DAY
from tests.registry.registry_door import Door, basic
from tests.registry.registry_world import NAME, digest_of, image

from plumbline.flow.artifacts.guests import by_job_token, job_token, job_variables
from plumbline.flow.artifacts.robots import list_robots, make_robot, revoke_robot
from plumbline.kernel import PlumblineError
from plumbline.model.change import Change, MergeRequest, Project
from plumbline.model.job import State
from plumbline.model.person import Role
from plumbline.model.server import StoredJob, StoredPipeline

if TYPE_CHECKING:
    from plumbline.access import Actor

DOWNLOAD, WRITE, DELETE = "artifact.download", "artifact.write", "artifact.delete"
BASE = f"/v2/{NAME}"


def robot(door: Door, *scopes: str, expires: int = DAY, actor: Actor | None = None, name: str = "puller") -> Any:
    return make_robot(actor or door.mei, door.artifacts, door.pay.id, name, scopes, door.now + expires)


class TestRobots:
    def test_may_what_their_scopes_say_at_their_project(self, door: Door) -> None:
        door.push("v1")
        door.push_blob(b"x", "bank/other", door.stranger)
        text = robot(door, DOWNLOAD).text
        assert door.ask("GET", f"{BASE}/manifests/v1", token=text).status_code == 200
        assert door.ask("POST", f"{BASE}/blobs/uploads/", token=text).status_code == 403
        assert door.ask("GET", "/v2/bank/other/tags/list", token=text).status_code == 404
        token = door.registry_token(text, f"repository:{NAME}:pull,push,delete", "repository:bank/other:pull")
        assert door.ask("GET", f"{BASE}/manifests/v1", token=token).status_code == 200
        assert door.ask("POST", f"{BASE}/blobs/uploads/", token=token).status_code == 401

    def test_push_and_delete_under_their_name(self, door: Door) -> None:
        text = robot(door, WRITE, DOWNLOAD, DELETE).text
        for data in (b"{}", b"layer"):
            from tests.registry.registry_world import digest_of

            address = f"{BASE}/blobs/uploads/?digest={digest_of(data)}"
            assert door.ask("POST", address, token=text, content=data).status_code == 201
        put = door.ask("PUT", f"{BASE}/manifests/v1", token=text, content=image())
        assert put.status_code == 201
        with door.view() as tx:
            [(_, made)] = tx.artifacts.of_digest(put.headers["docker-content-digest"])
        assert (made.origin.by, made.origin.person) == (f"robot:{NAME}/puller", 0)
        assert door.ask("DELETE", f"{BASE}/manifests/v1", token=text).status_code == 202

    def test_end_by_their_time_and_when_they_are_revoked(self, door: Door) -> None:
        door.push("v1")
        made = robot(door, DOWNLOAD)
        token = door.registry_token(made.text, f"repository:{NAME}:pull")
        assert revoke_robot(door.mei, door.artifacts, door.pay.id, made.robot.id)
        assert not revoke_robot(door.mei, door.artifacts, door.pay.id, made.robot.id)
        for shown in (made.text, token):
            assert door.ask("GET", f"{BASE}/manifests/v1", token=shown).status_code == 401
        other = robot(door, DOWNLOAD, name="other")
        door.later(DAY / 1_000_000)
        assert door.ask("GET", f"{BASE}/manifests/v1", token=other.text).status_code == 401
        assert door.told("robot.revoked") == [f"{NAME}/puller"]

    def test_are_shown_with_who_answers_for_them_and_their_last_use(self, door: Door) -> None:
        made = robot(door, DOWNLOAD)
        door.ask("GET", "/v2/", token=made.text)
        [shown] = list_robots(door.viewer, door.artifacts, door.pay.id)
        assert shown.owner is not None
        assert (shown.owner.name, shown.robot.used > 0, shown.robot.scopes) == ("mei", True, (DOWNLOAD,))

    @pytest.mark.parametrize(("changed", "code"), [
        ({"name": "Puller"}, "robot-wrong"),
        ({"name": ""}, "robot-wrong"),
        ({"name": "a/b"}, "robot-wrong"),
        ({"scopes": ()}, "robot-wrong"),
        ({"scopes": ("project.settings",)}, "robot-wrong"),
        ({"scopes": ("all",)}, "robot-wrong"),
        ({"expires": 0}, "robot-wrong"),
        ({"expires": 400 * DAY}, "robot-wrong"),
    ])  # fmt: skip
    def test_what_no_robot_is(self, shared: Door, changed: dict[str, Any], code: str) -> None:
        wanted: dict[str, Any] = {"name": "good", "scopes": (DOWNLOAD,), "expires": DAY} | changed
        with pytest.raises(PlumblineError) as refused:
            robot(shared, *wanted["scopes"], name=wanted["name"], expires=wanted["expires"])
        assert refused.value.code == code

    def test_are_made_by_whom_may_set_up_the_project_in_person(self, door: Door) -> None:
        robot(door, DOWNLOAD)
        for actor, code in (
            (door.dev, "not-allowed"),
            (door.stranger, "not-found"),
            (door.standing(door.mei.person, frozenset({"all"})), "robot-wrong"),
            (door.mei, "name-taken"),
        ):
            with pytest.raises(PlumblineError) as refused:
                robot(door, DOWNLOAD, actor=actor)
            assert refused.value.code == code


def running(door: Door, *, protected: bool = False, fork: str = "", state: State = State.RUNNING) -> StoredJob:
    """A job of a pipeline of ``bank/pay`` that somebody runs."""
    request = MergeRequest(fork=fork) if fork else None
    change = Change(project=Project(path=NAME), sha="a" * 40, branch="main", protected=protected, merge_request=request)
    with door.change() as tx:
        pipeline = tx.pipelines.add(StoredPipeline(project=door.pay.id, uid="u1", change=change, created=1), b"", b"")
        return tx.jobs.add([StoredJob(pipeline=pipeline.id, name="build", state=state, fence=3)])[0]


class TestJobs:
    def test_find_their_token_where_gitlab_has_it(self, door: Door) -> None:
        job = running(door)
        found = {one.name: one for one in job_variables(door.artifacts, job)}
        assert set(found) == {"CI_JOB_TOKEN", "CI_REGISTRY_USER", "CI_REGISTRY_PASSWORD"}
        assert found["CI_REGISTRY_USER"].value == "gitlab-ci-token"
        assert found["CI_JOB_TOKEN"].masked
        assert found["CI_REGISTRY_PASSWORD"].masked

    def test_pull_and_push_at_their_project_and_what_they_push_has_their_commit(self, door: Door) -> None:
        for one in (b"{}", b"layer"):
            door.push_blob(one)
        job = running(door)
        token = door.registry_token(job_token(door.artifacts, job), f"repository:{NAME}:pull,push")
        put = door.ask("PUT", f"{BASE}/manifests/v1", token=token, content=image())
        assert put.status_code == 201
        with door.view() as tx:
            [(_, made)] = tx.artifacts.of_digest(put.headers["docker-content-digest"])
        assert (made.origin.job, made.origin.commit, made.origin.pipeline) == (job.id, "a" * 40, job.pipeline)
        assert door.ask("DELETE", f"{BASE}/manifests/v1", token=job_token(door.artifacts, job)).status_code == 403
        assert door.ask("GET", "/v2/bank/other/tags/list", token=job_token(door.artifacts, job)).status_code == 404

    def test_that_have_ended_are_nobody(self, door: Door) -> None:
        job = running(door)
        text = job_token(door.artifacts, job)
        token = door.registry_token(text, f"repository:{NAME}:pull")
        later = msgspec.structs.replace(job, fence=4)
        assert door.ask("GET", "/v2/", token=job_token(door.artifacts, later)).status_code == 401
        with door.change() as tx:
            tx.jobs.change(job, msgspec.structs.replace(job, state=State.SUCCESS))
        for shown in (text, token):
            assert door.ask("GET", "/v2/", token=shown).status_code == 401

    def test_of_another_repository_push_nothing(self, door: Door) -> None:
        door.push("v1")
        text = job_token(door.artifacts, running(door, fork="stranger/pay"))
        assert door.ask("GET", f"{BASE}/manifests/v1", token=text).status_code == 200
        assert door.ask("POST", f"{BASE}/blobs/uploads/", token=text).status_code == 403

    def test_of_a_ref_that_is_not_protected_never_write_to_protected_tags(self, door: Door) -> None:
        door.set(door.pay, registry__protected_tags=["release-*"])
        for one in (b"{}", b"layer"):
            door.push_blob(one)
        text = job_token(door.artifacts, running(door))
        refused = door.ask("PUT", f"{BASE}/manifests/release-1", token=text, content=image())
        assert refused.status_code == 403
        assert door.ask("PUT", f"{BASE}/manifests/other", token=text, content=image()).status_code == 201

    def test_of_a_protected_ref_do(self, door: Door) -> None:
        door.set(door.pay, registry__protected_tags=["release-*"])
        for one in (b"{}", b"layer"):
            door.push_blob(one)
        text = job_token(door.artifacts, running(door, protected=True))
        assert door.ask("PUT", f"{BASE}/manifests/release-1", token=text, content=image()).status_code == 201

    def test_their_token_is_read_by_nobody_else(self, door: Door) -> None:
        text = job_token(door.artifacts, running(door))
        from plumbline.access import SIGNED_OUT

        assert by_job_token(SIGNED_OUT, door.artifacts, text) is not None
        changed = text[:-6] + ("A" if text[-6] != "A" else "B") + text[-5:]
        with pytest.raises(PlumblineError):
            by_job_token(SIGNED_OUT, door.artifacts, changed)
        assert door.ask("GET", "/registry/token", headers={"Authorization": basic(changed)}).status_code == 401


class TestATokenOfTheRegistry:
    """Made for pulling and pushing at one repository, of a token that may more."""

    @pytest.fixture
    def token(self, door: Door) -> str:
        both = door.standing(door.person("both", Role.MAINTAINER, node=door.bank.id))
        door.push_blob(b"of pay")
        return door.registry_token(door.token(both), "repository:bank/other:pull,push")

    def test_opens_no_packages(self, door: Door, token: str) -> None:
        place = f"/api/v4/projects/{door.pay.id}/packages"
        for method, path in (("GET", place), ("PUT", f"{place}/generic/a/1/f"), ("DELETE", f"{place}/1")):
            assert door.ask(method, path, token=token).status_code == 401, path

    def test_makes_no_other_one(self, door: Door, token: str) -> None:
        wanted = door.ask("GET", f"/registry/token?scope=repository:{NAME}:pull", token=token)
        assert wanted.status_code == 401
        assert "made of" in wanted.json()["errors"][0]["detail"]

    def test_mounts_nothing_from_elsewhere(self, door: Door, token: str) -> None:
        query = f"mount={digest_of(b'of pay')}&from={NAME}"
        assert door.ask("POST", f"/v2/bank/other/blobs/uploads/?{query}", token=token).status_code == 202

    def test_lists_and_says_who_asks(self, door: Door, token: str) -> None:
        assert door.ask("GET", "/v2/", token=token).status_code == 200
        assert door.ask("GET", "/v2/_catalog", token=token).status_code == 200
