"""What GitLab tells beside pushes (docs: user/project/integrations/webhook_events): one reader for each kind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.adapters.forges.webhooks._proof import commit_id
from plumbline.adapters.forges.webhooks._told import account
from plumbline.model.forge_news import (
    Account,
    ChangeAct,
    ChangeNews,
    CommentNews,
    DeploymentNews,
    JobNews,
    OtherNews,
    ProtectionNews,
    ReleaseNews,
    ReviewNews,
    RunAct,
    RunNews,
    TicketAct,
    TicketNews,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plumbline.adapters.forges.webhooks._told import Told
    from plumbline.model.forge_news import Decision, News, RunOutcome

_CHANGES = {
    "open": ChangeAct.CREATED,
    "reopen": ChangeAct.REOPENED,
    "merge": ChangeAct.MERGED,
    "close": ChangeAct.ABANDONED,
}
_DECISIONS: Mapping[str, Decision] = {
    "approved": "approved",  # by the last one that was needed
    "approval": "approved",  # by one of several
    "unapproved": "withdrawn",
    "unapproval": "withdrawn",
}
_MERGEABLE = {"can_be_merged": False, "cannot_be_merged": True, "cannot_be_merged_recheck": True}
_TICKETS = {"open": TicketAct.CREATED, "close": TicketAct.CLOSED}
_QUEUED = frozenset({"created", "waiting_for_resource", "preparing", "pending"})
_ENDS: Mapping[str, RunOutcome] = {
    "success": "success",
    "failed": "failure",
    "canceled": "cancel",
    "skipped": "cancel",
}
_COMMIT_OF_URL = re.compile(r"/commit/([0-9a-f]{40}(?:[0-9a-f]{24})?)$")


def read_news(event: str, told: Told) -> tuple[News, ...]:
    """What a message that starts no pipeline tells; what nobody knows how to read is kept by its name."""
    reader = _READERS.get(event)
    found = reader(told) if reader else None
    return (found or _other(event, told),)


def read_change(told: Told, action: str, fork: str) -> tuple[News, ...]:
    """What a message about a merge request tells."""
    change = told.at("object_attributes")
    number, head = change.needed_number("iid"), change.at("last_commit").commit("id")
    by, at = account(told.at("user")), change.time("updated_at", "created_at")
    if decision := _DECISIONS.get(change.text("action")):
        revision = head or change.at("last_commit").needed_commit("id")
        review = ReviewNews(
            number=number, decision=decision, revision=revision, reviewer=by, by=by, at=at,
            conflicts=_conflicts(change),
        )  # fmt: skip
        return (review,)
    act = _CHANGES.get(change.text("action"), ChangeAct.UPDATED)
    merged = act is ChangeAct.MERGED
    return (
        ChangeNews(
            act=act,
            number=number,
            action=action,
            head=head,
            branch=change.text("source_branch"),
            target=change.text("target_branch"),
            title=change.text("title"),
            by=by,
            author=by if act is ChangeAct.CREATED else _author(told, change),
            at=(change.time("merged_at") if merged else 0) or at,
            opened=change.time("created_at"),
            draft=bool(change.flag("draft")),
            fork=fork,
            merged_as=_merged_as(change, head) if merged else "",
            squash=_squashed(change) if merged else None,
            conflicts=_conflicts(change),
        ),
    )


def read_protection(push: Told, name: str) -> tuple[News, ...]:
    """A push tells whether its branch is protected, where the forge is new enough."""
    protected = push.flag("ref_protected")
    if protected is None or not name:
        return ()
    return (ProtectionNews(name=name, protected=protected),)


def _author(told: Told, change: Told) -> Account:
    """GitLab names who opened it by a number alone, which others in the message may have too."""
    number = change.number("author_id")
    people = (told.at("user"), *told.each("assignees"), *told.each("reviewers"))
    return next((account(one) for one in people if number and one.number("id") == number), Account())


def _merged_as(change: Told, head: str) -> str:
    """What the target branch has: a merge commit, the squashed one, or, fast forward, the head itself."""
    found = change.commit("merge_commit_sha", "squash_commit_sha", "merged_commit_sha")
    return found or ("" if change.flag("squash") else head)


def _squashed(change: Told) -> bool | None:
    return True if change.text("squash_commit_sha") else change.flag("squash")


def _conflicts(change: Told) -> bool | None:
    """GitLab looks when somebody asks, so most messages come while it does not know. What was merged is always told to
    be mergeable. One that could not be merged and is to be looked at again got a commit that may mend it."""
    if change.text("state") != "opened" or change.text("detailed_merge_status") == "broken_status":
        return None
    if change.text("detailed_merge_status") == "conflict":
        return True
    return _MERGEABLE.get(change.text("merge_status"))


def _comment(told: Told) -> News | None:
    note = told.at("object_attributes")
    if note.flag("system") or note.text("action") not in ("", "create") or not note:
        return None
    by, at, kind = account(told.at("user")), note.time("created_at"), note.text("noteable_type")
    if kind == "MergeRequest":
        number = told.at("merge_request").needed_number("iid")
        return CommentNews(of="change", about=str(number), by=by, at=at)
    if kind in ("Issue", "WorkItem"):
        number = (told.at("issue") or told.at("work_item")).needed_number("iid")
        return CommentNews(of="ticket", about=f"#{number}", by=by, at=at)
    if kind == "Commit":
        commit = note.commit("commit_id") or told.at("commit").needed_commit("id")
        return CommentNews(of="commit", about=commit, by=by, at=at)
    about = told.at("snippet").id("id")
    return CommentNews(of="other", about=f"snippet {about}", by=by, at=at) if about else None


def _ticket(told: Told) -> News | None:
    issue = told.at("object_attributes")
    action = issue.text("action")
    act = _TICKETS.get(action, TicketAct.UPDATED)
    closed, by = act is TicketAct.CLOSED, account(told.at("user"))
    labels = told.each("labels") or issue.each("labels")
    return TicketNews(
        act=act,
        number=issue.needed_number("iid"),
        action=action,
        title=issue.text("title"),
        url=issue.text("url"),
        kind=issue.text("type").lower() or "issue",
        severity=issue.text("severity").lower(),
        creator=by if act is TicketAct.CREATED else _author(told, issue),
        by=by,
        labels=tuple(name for label in labels if (name := label.text("title"))),
        assignees=tuple(name for one in told.each("assignees") if (name := account(one).login)),
        at=issue.time(*(("closed_at",) if closed else ()), "updated_at", "created_at"),
        opened=issue.time("created_at"),
    )


def _act(status: str) -> RunAct:
    if status in _QUEUED:
        return RunAct.QUEUED
    if status == "running":
        return RunAct.STARTED
    return RunAct.FINISHED if status in _ENDS else RunAct.OTHER


def _run(told: Told) -> News | None:
    run = told.at("object_attributes")
    status = run.needed_text("status")
    act = _act(status)
    times = {RunAct.FINISHED: ("finished_at",), RunAct.STARTED: ("started_at",)}.get(act, ("created_at",))
    return RunNews(
        act=act,
        id=run.needed_id("id"),
        name=run.text("name") or told.at("project").text("path_with_namespace"),
        state=status,
        ref=run.text("ref"),
        commit=run.commit("sha"),
        trigger=run.text("source"),
        url=run.text("url"),
        outcome=_ENDS.get(status),
        by=account(told.at("user")),
        at=run.time(*times),
    )


def _job(told: Told) -> News | None:
    status = told.needed_text("build_status")
    act = RunAct.OTHER if _act(status) is RunAct.QUEUED or status == "skipped" else _act(status)
    times = {RunAct.FINISHED: "build_finished_at", RunAct.STARTED: "build_started_at"}
    name = times.get(act, "build_created_at")
    return JobNews(
        act=act,
        id=told.needed_id("build_id"),
        run=told.needed_id("pipeline_id"),
        name=told.text("build_name"),
        state=status,
        attempt=None if (again := told.number("retries_count")) is None else max(0, again) + 1,
        stage=told.text("build_stage"),
        runner=told.at("runner").text("description"),
        commit=told.commit("sha"),
        reason=told.text("build_failure_reason") if act is RunAct.FINISHED else "",
        outcome=_ENDS.get(status) if act is RunAct.FINISHED else None,
        by=account(told.at("user")),
        at=told.time(f"{name}_iso", name),
    )


def _deployment(told: Told) -> News | None:
    status = told.needed_text("status")
    act = RunAct.QUEUED if status == "blocked" else _act(status)
    if act is RunAct.OTHER:
        return None
    commit = _COMMIT_OF_URL.search(told.text("commit_url"))
    return DeploymentNews(
        act=act,
        id=told.needed_id("deployment_id"),
        environment=told.needed_text("environment"),
        tier=told.text("environment_tier"),
        commit=commit[1] if commit else "",
        outcome=_ENDS.get(status),
        by=account(told.at("user")),
        at=told.time("status_changed_at"),
    )


def _release(told: Told) -> News | None:
    action = told.text("action")
    if action not in ("create", "delete"):
        return None
    tag = told.needed_text("tag")
    return ReleaseNews(
        tag=tag,
        version=told.text("name") or tag,
        gone=action == "delete",
        commit=commit_id(told.at("commit").text("id")),
        at=told.time("released_at", "created_at") if action == "create" else 0,
    )


def _other(event: str, told: Told) -> News:
    about = told.at("object_attributes") or told
    return OtherNews(
        name=event,
        action=about.text("action") or told.text("event_name", "status"),
        about=about.text("url", "title", "name") or about.id("iid") or about.id("id"),
        by=account(told.at("user")),
        at=about.time("updated_at", "created_at"),
    )


_READERS: Mapping[str, Callable[[Told], News | None]] = {
    **dict.fromkeys(("Note Hook", "Confidential Note Hook"), _comment),
    **dict.fromkeys(("Issue Hook", "Confidential Issue Hook", "Work Item Hook", "Incident Hook"), _ticket),
    "Pipeline Hook": _run,
    "Job Hook": _job,
    "Build Hook": _job,
    "Deployment Hook": _deployment,
    "Release Hook": _release,
}
