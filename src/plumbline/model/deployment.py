"""What was brought to the environments of projects. Times are microseconds since the epoch; 0: not yet."""

from __future__ import annotations

import msgspec


class EnvironmentDeployment(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at bringing a commit to an environment, from its start on."""

    job: int
    project: int  # node of the tree
    environment: str
    subject: str  # by which events name it
    commit: str  # empty: nobody knows
    intent: str = "deploy"  # deploy, rollback
    leaves: str = ""  # subject of the deployment that a rollback goes back from
    outcome: str = ""  # success, failure, error, cancel; empty while it runs
    started: int = 0
    finished: int = 0
    stopped: int = 0  # when the environment was stopped after it: nothing of it is there any more


class EnvironmentState(msgspec.Struct, frozen=True, kw_only=True):
    """An environment since it was last stopped. None: there was no such deployment."""

    serving: EnvironmentDeployment | None = None  # the newest that succeeded
    last: EnvironmentDeployment | None = None  # the newest that succeeded or failed
