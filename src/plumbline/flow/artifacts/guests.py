"""Who comes in for artifacts without being a person: a robot by its token, a job by that of its attempt.

1. A robot may what its scopes say, at its project alone, until it ends or is revoked.
2. A job may pull and push at its own project, as long as this attempt at it runs: its token is worth nothing after.
3. A job that runs what the merge request of another repository says pulls, and pushes nothing.
4. The token of a job is sealed with the server's key and names the attempt; nothing of it is stored.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from plumbline.access import Permission, digest, read_robot_token, same
from plumbline.flow.people.identify import MINUTE
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.job import State
from plumbline.model.person import Grant, Person, Role
from plumbline.model.pipeline import Variable
from plumbline.model.ready import ready
from plumbline.model.registry import RunningJob

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.kernel import Text
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.registry import Robot
    from plumbline.model.server import StoredJob

JOB_USER = "gitlab-ci-token"
_NOBODY = -1  # as the id of a person: signed in, and no row
_JOB = "plumbj_"
_LONGEST = 400  # characters of a token
_PLACE = "token of a job"


class _Attempt(msgspec.Struct, frozen=True):
    job: int
    fence: int


def job_token(tools: ArtifactTools, job: StoredJob) -> str:
    """What an attempt shows. It is an attempt that has begun: its fence is that of its lease."""
    sealed = tools.vault.seal(msgspec.msgpack.encode(_Attempt(job.id, job.fence)), _PLACE)
    return _JOB + urlsafe_b64encode(sealed).rstrip(b"=").decode()


def job_variables(tools: ArtifactTools, job: StoredJob) -> tuple[Variable, ...]:
    """What a job finds its token in, as at GitLab."""
    token = job_token(tools, job)
    return (
        Variable("CI_JOB_TOKEN", token, raw=True, masked=True),
        Variable("CI_REGISTRY_USER", JOB_USER),
        Variable("CI_REGISTRY_PASSWORD", token, raw=True, masked=True),
    )


def by_robot_token(actor: Actor, tools: ArtifactTools, shown: str) -> Actor | None:
    """None where it is not the token of a robot. Raises PlumblineError ``unknown-credential``."""
    bearer = read_robot_token(shown)
    if bearer is None:
        return None
    with tools.units.store.view() as tx:
        robot = tx.robots.of_token(bearer.id)
        if robot is None or not same(robot.digest, digest(bearer.secret)):
            raise unknown(t("This token of a robot is not known."))
        return _as_robot(actor, tools, tx, robot)


def by_robot(actor: Actor, tools: ArtifactTools, robot: int) -> Actor:
    """By what was made of its token here. Raises PlumblineError ``unknown-credential``."""
    with tools.units.store.view() as tx:
        found = tx.robots.get(robot)
        if found is None:
            raise unknown(t("This token of a robot is not known."))
        return _as_robot(actor, tools, tx, found)


def by_job_token(actor: Actor, tools: ArtifactTools, shown: str) -> Actor | None:
    """None where it is not the token of a job. Raises PlumblineError ``unknown-credential``."""
    if not shown.startswith(_JOB) or len(shown) > _LONGEST:
        return None
    try:
        text = shown.removeprefix(_JOB).encode("ascii")
        sealed = urlsafe_b64decode(text + b"=" * (-len(text) % 4))
        attempt = msgspec.msgpack.decode(tools.vault.open(sealed, _PLACE), type=ready(_Attempt))
    except (ValueError, msgspec.DecodeError, PlumblineError) as error:
        raise unknown(t("This token of a job is not known.")) from error
    return by_job(actor, tools, attempt.job, attempt.fence)


def by_job(actor: Actor, tools: ArtifactTools, job: int, fence: int) -> Actor:
    """Raises PlumblineError ``unknown-credential`` where this attempt does not run."""
    with tools.units.store.view() as tx:
        found = tx.jobs.get(job)
        pipeline = tx.pipelines.get(found.pipeline) if found is not None else None
    if found is None or pipeline is None or found.state is not State.RUNNING or found.fence != fence:
        raise unknown(t("The job of this token does not run any more."))
    request = pipeline.change.merge_request
    foreign = request is not None and bool(request.fork)
    scopes = {Permission.ARTIFACT_DOWNLOAD.value} | (set() if foreign else {Permission.ARTIFACT_WRITE.value})
    return msgspec.structs.replace(
        actor,
        person=Person(id=_NOBODY, name=f"job:{found.id}"),
        grants=(Grant(person=_NOBODY, node=pipeline.project, role=Role.DEVELOPER),),
        scopes=frozenset(scopes),
        job=RunningJob(
            job=found.id,
            fence=fence,
            project=pipeline.project,
            protected=pipeline.change.protected,
            foreign=foreign,
        ),
    )


def unknown(message: Text) -> PlumblineError:
    return PlumblineError(
        "unknown-credential", message, t("Make a new one and send it instead."), kind=ErrorKind.REFUSED
    )


def _as_robot(actor: Actor, tools: ArtifactTools, tx: Transaction, robot: Robot) -> Actor:
    now = tools.units.clock()
    if robot.revoked:
        raise unknown(t("This token of a robot was revoked."))
    if robot.expires <= now:
        raise unknown(t("This token of a robot has expired."))
    node = tx.tree.get(robot.project)
    return msgspec.structs.replace(
        actor,
        person=Person(id=_NOBODY, name=f"robot:{node.path if node else ''}/{robot.name}"),
        grants=(Grant(person=_NOBODY, node=robot.project, role=Role.MAINTAINER),),
        scopes=frozenset(robot.scopes),
        robot=robot,
    )


def note_use(tools: ArtifactTools, robot: Robot) -> None:
    """Kept to the minute."""
    now = tools.units.clock()
    if abs(now - robot.used) >= MINUTE:
        with suppress(PlumblineError), tools.units.store.change() as tx:  # pulling goes on where the disk is full
            tx.robots.used(robot.id, now - now % MINUTE)
