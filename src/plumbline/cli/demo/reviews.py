"""A chapter of the demo: a forge tells of reviews and merges by its webhooks, and people are known by its accounts."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from plumbline.cli.demo.people import TARIFFS
from plumbline.cli.demo.repositories import BRANCH, Repository, git
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from pathlib import Path

    from plumbline.cli.demo.client import Client
    from plumbline.cli.demo.people import Staff

FORGE = "gitea"
CHANGES = 5  # as many as a share takes
FACT = "merges-with-human-review"
_AUTHOR, _REVIEWER = "developer", "maintainer"
_PATIENCE = 30.0  # seconds


class _Forge:
    """Sends what a forge of that kind sends, signed with the secret of its webhook."""

    def __init__(self, url: Client, hook: str, secret: str) -> None:
        self._door, self._hook, self._secret = url, hook, secret.encode()

    def tell(self, event: str, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        signature = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        headers = {"X-Gitea-Event": event, "X-Gitea-Signature": signature}
        answer = self._door.send("POST", self._hook, body, headers)
        if answer.status >= 300:
            said = answer.body.decode("utf-8", "replace")[:500]
            raise PlumblineError("demo-refused", t("The webhook was answered with {status}: {said}",
                                                   status=answer.status, said=said))  # fmt: skip


def tell_of_reviews(staff: Staff, folder: Path) -> None:
    """Each change is written by one person, approved at its last revision by another, and merged."""
    from plumbline.cli.demo.client import Client

    admin, project = staff.clients["admin"], staff.nodes[TARIFFS]
    repository = Repository(folder, "tariffs")
    repository.create()
    repository.start_empty()
    repository.write("tariffs.txt", "standing loan 3.9\n", "List the tariffs")
    repository.push(_AUTHOR)
    wanted = {"kind": FORGE, "url": str(repository.bare), "default_branch": BRANCH}
    bound = admin.ask("PUT", f"/api/v1/projects/{project}/repository", wanted)
    forge = _Forge(Client(admin.url), bound["hook"], bound["secret"])
    _know(admin)
    for number in range(1, CHANGES + 1):
        _change(repository, forge, number)
    _wait(staff.clients["auditor"])


def _know(admin: Client) -> None:
    """Whose the accounts at the forge and the addresses in commits are."""
    numbers = {one["name"]: one["id"] for one in admin.get("/api/v1/people")["people"]}
    for name in (_AUTHOR, _REVIEWER):
        for identity in ({"forge": FORGE, "name": name}, {"name": f"{name}@bank.example"}):
            admin.ask("PUT", f"/api/v1/people/{numbers[name]}/identities", identity)


def _change(repository: Repository, forge: _Forge, number: int) -> None:
    branch = f"tariff-{number}"
    git(repository.work, "checkout", "--quiet", "-b", branch)
    head = repository.write("tariffs.txt", f"tariff {number} {3 + number / 10}\n", f"Add tariff {number}")
    request: dict[str, Any] = {
        "number": number,
        "title": f"Add tariff {number}",
        "user": {"login": _AUTHOR, "email": f"{_AUTHOR}@bank.example"},
        "head": {"ref": branch, "label": branch, "sha": head, "repo": {"full_name": "loans/tariffs"}},
        "base": {"ref": BRANCH, "repo": {"full_name": "loans/tariffs"}},
        "updated_at": _now(),
    }
    message = {"action": "reviewed", "number": number, "sender": {"login": _REVIEWER}, "pull_request": request,
               "review": {"type": "pull_request_review_approved"}}  # fmt: skip
    forge.tell("pull_request_approved", message)
    git(repository.work, "checkout", "--quiet", BRANCH)
    said = f"Merge pull request '{request['title']}' (#{number}) from {branch} into {BRANCH}"
    git(repository.work, "merge", "--quiet", "--no-ff", "-m", said, branch)
    repository.push(_REVIEWER)
    merged = {"merged": True, "merged_at": _now(), "merge_commit_sha": repository.head, "merged_by": message["sender"]}
    forge.tell("pull_request", {**message, "action": "closed", "pull_request": request | merged})


def _wait(auditor: Client) -> None:
    """Until the ledger has them all."""
    end = time.monotonic() + _PATIENCE
    while _told(auditor) < CHANGES:
        if time.monotonic() > end:
            raise PlumblineError("demo-too-slow", t("What the forge told does not come into the ledger."))
        time.sleep(0.2)


def _told(auditor: Client) -> int:
    after, found = 0, 0
    while True:
        page = auditor.get(f"/api/v1/ledger/entries?limit=200&after={after}")
        found += sum(".change.merged." in one["type"] and ":forge:" in one["source"] for one in page["entries"])
        after = page["next"]
        if not after:
            return found


def _now() -> str:
    return datetime.now(UTC).isoformat()
