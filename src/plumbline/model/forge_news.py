"""What a message of a forge tells, beside what a pipeline is made of: one shape for all forges.

Times are microseconds since the epoch by the forge's clock; 0: it told none. Texts are as the forge wrote them: nobody
has looked at them yet. Commit ids are empty where there is none.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who did something, as the forge knows them."""

    login: str = ""
    name: str = ""
    email: str = ""
    machine: bool = False  # the forge itself says that nobody sits there

    @property
    def known(self) -> bool:
        return bool(self.login or self.email or self.name)


class ChangeAct(StrEnum):
    """What became of a merge request."""

    CREATED = "created"
    UPDATED = "updated"
    REOPENED = "reopened"
    MERGED = "merged"
    ABANDONED = "abandoned"  # closed, and not merged


class ChangeNews(msgspec.Struct, frozen=True, kw_only=True):
    act: ChangeAct
    number: int  # inside the project
    action: str  # the forge's own word
    head: str = ""  # the newest commit of its branch
    branch: str = ""
    target: str = ""
    title: str = ""
    by: Account = Account()
    author: Account = Account()
    at: int = 0
    opened: int = 0
    draft: bool = False
    fork: str = ""
    merged_as: str = ""  # what the target branch has of it
    squash: bool | None = None  # None: nobody told
    commits: int | None = None
    comments: int | None = None
    conflicts: bool | None = None  # whether it could not be merged as it stood; None: nobody knows


Decision = Literal["approved", "requestChanges", "rejected", "commented", "withdrawn"]


class ReviewNews(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's decision on exactly one revision."""

    number: int  # of the merge request
    decision: Decision
    revision: str
    reviewer: Account
    by: Account = Account()  # who told it to the forge: of a review that was dismissed, who did so
    at: int = 0
    conflicts: bool | None = None  # of the merge request at that moment, as in ChangeNews


class CommentNews(msgspec.Struct, frozen=True, kw_only=True):
    """That there is one more; what it says stays in the forge."""

    of: Literal["change", "ticket", "commit", "other"]
    about: str
    by: Account = Account()
    at: int = 0
    count: int | None = None  # how many there are by now


class RefNews(msgspec.Struct, frozen=True, kw_only=True):
    """A branch or a tag that came or went."""

    tag: bool
    name: str
    gone: bool
    sha: str = ""
    by: Account = Account()
    at: int = 0


class ReleaseNews(msgspec.Struct, frozen=True, kw_only=True):
    tag: str
    version: str
    gone: bool = False
    commit: str = ""
    by: Account = Account()
    at: int = 0


class TicketAct(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    CLOSED = "closed"


class TicketNews(msgspec.Struct, frozen=True, kw_only=True):
    """An issue. ``kind``: the forge's word for what sort it is; ``incident`` where it is one."""

    act: TicketAct
    number: int
    action: str
    title: str = ""
    url: str = ""
    kind: str = "issue"
    severity: str = ""
    creator: Account = Account()
    by: Account = Account()
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    resolution: str = ""
    at: int = 0
    opened: int = 0


class RunAct(StrEnum):
    """How far a run, a job or a deployment is."""

    QUEUED = "queued"
    STARTED = "started"
    FINISHED = "finished"
    OTHER = "other"  # a state of its own, which ``state`` names


RunOutcome = Literal["success", "failure", "cancel", "error"]


class RunNews(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline of the forge itself; one that is started again has another ``id``. ``outcome`` stands only where it is
    finished."""

    act: RunAct
    id: str
    name: str
    state: str
    ref: str = ""
    commit: str = ""
    trigger: str = ""
    url: str = ""
    outcome: RunOutcome | None = None
    by: Account = Account()
    at: int = 0


class JobNews(msgspec.Struct, frozen=True, kw_only=True):
    act: RunAct
    id: str
    run: str
    name: str
    state: str
    attempt: int | None = None  # nobody told
    stage: str = ""
    runner: str = ""
    commit: str = ""
    reason: str = ""
    url: str = ""
    outcome: RunOutcome | None = None
    by: Account = Account()
    at: int = 0


class DeploymentNews(msgspec.Struct, frozen=True, kw_only=True):
    act: RunAct
    id: str
    environment: str
    tier: str = ""  # as the forge told it; empty: the name has to do
    task: str = ""  # the forge's word for what is done: deploy, rollback, ...
    commit: str = ""
    run: str = ""
    outcome: RunOutcome | None = None
    by: Account = Account()
    at: int = 0


class GateNews(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody let a deployment pass, or did not."""

    about: str
    approved: bool
    revision: str
    by: Account
    at: int = 0


class ProtectionNews(msgspec.Struct, frozen=True, kw_only=True):
    """How a branch, or branches of a pattern, are protected. None: nobody told."""

    name: str
    protected: bool
    approvals: int | None = None
    checks: bool | None = None  # some have to pass before a merge
    force_push: bool | None = None  # somebody may
    by: Account = Account()
    at: int = 0


class OtherNews(msgspec.Struct, frozen=True, kw_only=True):
    """What is not understood."""

    name: str  # of the message
    action: str = ""
    about: str = ""
    by: Account = Account()
    at: int = 0


News = (
    ChangeNews
    | ReviewNews
    | CommentNews
    | RefNews
    | ReleaseNews
    | TicketNews
    | RunNews
    | JobNews
    | DeploymentNews
    | GateNews
    | ProtectionNews
    | OtherNews
)
