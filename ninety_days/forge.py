"""A forge of the kind GitLab, simulated: a bare repository with real commits, and the messages that it would send."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

from ninety_days.clock import SECOND

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ninety_days.bank import Bank
    from ninety_days.clock import Clock

TRUNK = "main"
NOTHING = "0" * 40
Files = dict[str, str | None]  # path to content; None: removed


class Request(NamedTuple):
    """A merge request as the forge knows it."""

    number: int
    branch: str
    head: str
    author: str
    title: str
    opened: str
    files: Files


class Repository:
    """Bare. Its commits carry the time of the story."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self._clock = clock
        self.heads: dict[str, str] = {}
        _git(folder.parent, "init", "--quiet", "--bare", f"--initial-branch={TRUNK}", str(folder))

    def commit(self, branch: str, author: str, message: str, files: Files, merges: str = "") -> str:
        """On the end of a branch; one that is not there begins at the trunk. ``merges``: the other parent."""
        parent = self.heads.get(branch) or self.heads.get(TRUNK, "")
        who, seconds = f"{author.replace('.', ' ').title()} <{author}@bank.example>", self._clock.now // SECOND
        said = message.encode()
        lines = [f"commit refs/heads/{branch}", "mark :1"]
        lines += [f"{role} {who} {seconds} +0000" for role in ("author", "committer")]
        lines += [f"data {len(said)}", message]
        lines += [f"from {parent}"] if parent else []
        lines += [f"merge {merges}"] if merges else []
        for path, content in files.items():
            if content is None:
                lines.append(f"D {path}")
            else:
                lines += [f"M 100644 inline {path}", f"data {len(content.encode())}", content]
        script = "\n".join([*lines, "", "get-mark :1", ""])
        sha = _git(self.folder, "fast-import", "--quiet", "--force", given=script.encode())
        self.heads[branch] = sha
        return sha

    def remove(self, branch: str) -> str:
        _git(self.folder, "update-ref", "-d", f"refs/heads/{branch}")
        return self.heads.pop(branch)

    def tag(self, name: str, sha: str) -> None:
        _git(self.folder, "update-ref", f"refs/tags/{name}", sha)


class Forge:
    """Tells the server of pushes, merge requests, tags and issues of one project, as its webhook."""

    def __init__(self, bank: Bank, project: int, path: str, repository: Repository) -> None:
        self._bank, self._path, self._door = bank, path, bank.nobody()
        self.repository = repository
        wanted = {"kind": "gitlab", "url": str(repository.folder), "default_branch": TRUNK}
        bound = bank.doors["admin"].ask("PUT", f"/api/v1/projects/{project}/repository", wanted)
        self._hook, self._secret = bound["hook"], bound["secret"]
        self._messages, self._requests = 0, 0

    def push(self, branch: str, before: str, person: str) -> None:
        """``before``: what the branch had; :data:`NOTHING` for a new one."""
        after = self.repository.heads.get(branch, NOTHING)
        self._tell("Push Hook", {
            "object_kind": "push", "event_name": "push", "ref": f"refs/heads/{branch}", "before": before,
            "after": after, "checkout_sha": None if after == NOTHING else after, "ref_protected": branch == TRUNK,
            **self._pusher(person), "total_commits_count": 0 if after == NOTHING else 1, "commits": [],
        })  # fmt: skip

    def push_tag(self, name: str, sha: str, person: str) -> None:
        self.repository.tag(name, sha)
        self._tell("Tag Push Hook", {
            "object_kind": "tag_push", "event_name": "tag_push", "ref": f"refs/tags/{name}", "before": NOTHING,
            "after": sha, "checkout_sha": sha, **self._pusher(person), "total_commits_count": 0, "commits": [],
        })  # fmt: skip

    def release(self, tag: str, sha: str, person: str) -> None:
        """A page of the forge that says what is new, with a tag."""
        self.push_tag(tag, sha, person)
        self._tell("Release Hook", {
            "object_kind": "release", "action": "create", "tag": tag, "name": tag, "released_at": self._bank.clock.text,
            "created_at": self._bank.clock.text, "commit": {"id": sha}, "project": self._project,
        })  # fmt: skip

    def open(self, branch: str, author: str, title: str, files: Files) -> Request:
        self._requests += 1
        head, now = self.repository.heads[branch], self._bank.clock.text
        request = Request(self._requests, branch, head, author, title, now, files)
        self._change(request, "open", author)
        return request

    def update(self, request: Request, before: str, files: Files) -> Request:
        """More commits came to its branch."""
        head = self.repository.heads[request.branch]
        request = request._replace(head=head, files={**request.files, **files})
        self._change(request, "update", request.author, oldrev=before)
        return request

    def approve(self, request: Request, person: str) -> None:
        self._change(request, "approved", person)

    def note(self, request: Request, person: str, words: str) -> None:
        """A comment on a merge request."""
        self._tell("Note Hook", {
            "object_kind": "note", "event_type": "note", "user": self._person(person), "project": self._project,
            "object_attributes": {"id": self._messages, "note": words, "noteable_type": "MergeRequest",
                                  "action": "create", "created_at": self._bank.clock.text},
            "merge_request": {"iid": request.number, "title": request.title},
        })  # fmt: skip

    def merge(self, request: Request, person: str) -> str:
        """With a merge commit; its branch is removed after that. The commit that the trunk has."""
        before = self.repository.heads[TRUNK]
        said = (
            f"Merge branch '{request.branch}' into '{TRUNK}'\n\n{request.title}\n\nSee merge request !{request.number}"
        )
        sha = self.repository.commit(TRUNK, person, said, request.files, merges=request.head)
        self._change(request, "merge", person, merge_commit_sha=sha, state="merged")
        self.push(TRUNK, before, person)
        self.push(request.branch, self.repository.remove(request.branch), person)
        return sha

    def close(self, request: Request, person: str) -> None:
        self._change(request, "close", person, state="closed")

    def _change(self, request: Request, action: str, person: str, **more: str) -> None:
        about = {
            "id": request.number, "iid": request.number, "title": request.title, "action": action, "state": "opened",
            "source_branch": request.branch, "target_branch": TRUNK, "author_id": _number(request.author),
            "created_at": request.opened, "updated_at": self._bank.clock.text, "last_commit": {"id": request.head},
            "source_project_id": 1, "target_project_id": 1, "draft": False,
            "source": {"path_with_namespace": self._path}, "target": {"path_with_namespace": self._path}, **more,
        }  # fmt: skip
        message = {"object_kind": "merge_request", "event_type": "merge_request", "user": self._person(person),
                   "project": self._project, "object_attributes": about, "labels": [],
                   "assignees": [self._person(request.author)]}  # fmt: skip
        self._tell("Merge Request Hook", message)

    @property
    def _project(self) -> dict[str, Any]:
        return {"id": 1, "path_with_namespace": self._path, "default_branch": TRUNK}

    def _pusher(self, person: str) -> dict[str, Any]:
        one = self._person(person)
        named = {f"user_{key}": one[key] for key in ("id", "name", "username", "email")}
        return {**named, "project": self._project}

    def _person(self, name: str) -> dict[str, Any]:
        return {"id": _number(name), "name": name.replace(".", " ").title(), "username": name,
                "email": f"{name}@bank.example"}  # fmt: skip

    def _tell(self, event: str, message: Mapping[str, Any]) -> None:
        self._messages += 1
        name = f"{self._path}-{self._messages}"
        headers = {"X-Gitlab-Event": event, "X-Gitlab-Token": self._secret, "X-Gitlab-Event-UUID": name}
        answer = self._door.send("POST", self._hook, json.dumps(message).encode(), headers)
        if answer.status >= 300:
            raise RuntimeError(f"{event} was answered with {answer.status}: {answer.body.decode()}")
        self._bank.carry_out()


def _number(name: str) -> int:
    """The forge's own number of a person."""
    return 1 + int.from_bytes(name.encode()) % 99_991


def _git(folder: Path, *arguments: str, given: bytes | None = None) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, input=given, capture_output=True, check=True)
    return done.stdout.decode().strip()
