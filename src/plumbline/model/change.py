"""What happened that may start a pipeline: the project, the commit, the ref and the event."""

from __future__ import annotations

from enum import StrEnum

import msgspec

OPEN_REQUESTS = 4  # so many merge requests of a branch are named, as in GitLab


class Event(StrEnum):
    """``CI_PIPELINE_SOURCE``: why a pipeline was asked for. GitLab's own words."""

    PUSH = "push"
    MERGE_REQUEST = "merge_request_event"
    SCHEDULE = "schedule"
    WEB = "web"
    API = "api"
    TRIGGER = "trigger"
    PIPELINE = "pipeline"
    PARENT = "parent_pipeline"


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """The repository's home: ``path`` is ``group/sub/name``; ``url`` has no trailing slash."""

    path: str
    id: int = 1
    url: str = ""
    server_url: str = ""  # scheme and host: "https://git.example"
    artifacts_url: str = ""  # scheme, host and port of the server whose registry holds what it makes
    ssh_port: str = ""  # of its server, where the remote names one
    default_branch: str = "main"
    description: str = ""
    visibility: str = "private"

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def namespace(self) -> str:
        return self.path.rpartition("/")[0]


class MergeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a merge-request pipeline knows of its merge request."""

    iid: int = 1
    title: str = ""
    description: str = ""
    source_branch: str = ""
    target_branch: str = ""
    source_sha: str = ""
    target_sha: str = ""
    diff_base_sha: str = ""
    labels: tuple[str, ...] = ()
    draft: bool = False
    fork: str = ""  # path of the repository that the source branch is in, where it is another one


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A commit, the ref it was seen on, and the event. Times are UTC, ISO 8601."""

    project: Project
    event: Event = Event.PUSH
    sha: str = ""
    before_sha: str = "0" * 40  # forty zeros: nothing to compare with
    branch: str = ""  # empty on a tag and in a merge-request pipeline
    tag: str = ""
    tag_message: str = ""
    message: str = ""
    author: str = ""  # "Name <mail>"
    timestamp: str = ""
    protected: bool = False
    merge_request: MergeRequest | None = None
    open_requests: tuple[int, ...] = ()  # numbers of the open merge requests of the branch, the newest first
    user_id: str = ""  # empty: not known
    user_login: str = ""
    user_name: str = ""
    user_email: str = ""

    @property
    def ref(self) -> str:
        """``CI_COMMIT_REF_NAME``: the branch or tag name, in a merge-request pipeline the source branch."""
        if self.merge_request:
            return self.merge_request.source_branch
        return self.tag or self.branch

    @property
    def full_ref(self) -> str:
        """A branch, a tag and merge requests may have one name, and are told apart by this: ``refs/heads/main``,
        ``refs/tags/v1``, ``refs/requests/7``."""
        if self.merge_request:
            return f"refs/requests/{self.merge_request.iid}"
        return f"refs/tags/{self.tag}" if self.tag else f"refs/heads/{self.branch}"
