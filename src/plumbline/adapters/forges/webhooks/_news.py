"""What GitHub, and Gitea after it, tell beside pushes: one reader for each of their messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.adapters.forges.webhooks._proof import commit_id
from plumbline.adapters.forges.webhooks._runs import read_job, read_run
from plumbline.adapters.forges.webhooks._told import account
from plumbline.model.forge_news import (
    ChangeAct,
    ChangeNews,
    CommentNews,
    DeploymentNews,
    GateNews,
    OtherNews,
    ProtectionNews,
    RefNews,
    ReleaseNews,
    ReviewNews,
    RunAct,
    TicketAct,
    TicketNews,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plumbline.adapters.forges.webhooks._told import Told
    from plumbline.model.forge_news import Decision, News, RunOutcome

_CHANGES = {"opened": ChangeAct.CREATED, "reopened": ChangeAct.REOPENED, "closed": ChangeAct.ABANDONED}
_TICKETS = {"opened": TicketAct.CREATED, "closed": TicketAct.CLOSED}
_STATES: Mapping[str, Decision] = {
    "approved": "approved",
    "changes_requested": "requestChanges",
    "commented": "commented",
    "dismissed": "withdrawn",
}
_TYPES: Mapping[str, Decision] = {  # in the name of Gitea's type of review
    "approved": "approved",
    "rejected": "requestChanges",
    "comment": "commented",
    "dismissed": "withdrawn",
}
_DEPLOYED: Mapping[str, tuple[RunAct, RunOutcome | None]] = {
    "queued": (RunAct.QUEUED, None),
    "pending": (RunAct.QUEUED, None),
    "waiting": (RunAct.QUEUED, None),
    "in_progress": (RunAct.STARTED, None),
    "success": (RunAct.FINISHED, "success"),
    "failure": (RunAct.FINISHED, "failure"),
    "error": (RunAct.FINISHED, "error"),
}


def read_news(event: str, told: Told) -> tuple[News, ...]:
    """What a message other than a push tells; what nobody knows how to read is kept by its name."""
    reader = _READERS.get(event)
    found = reader(event, told) if reader else None
    return (found or _other(event, told),)


def read_change(told: Told, fork: str) -> tuple[News, ...]:
    """What ``pull_request`` tells."""
    action, request = told.text("action"), told.at("pull_request")
    head, target = request.at("head"), request.at("base")
    act = _CHANGES.get(action, ChangeAct.UPDATED)
    merged = act is ChangeAct.ABANDONED and bool(request.flag("merged") or request.time("merged_at"))
    ended = act is ChangeAct.ABANDONED
    return (
        ChangeNews(
            act=ChangeAct.MERGED if merged else act,
            number=told.needed_number("number"),
            action=action,
            head=head.commit("sha"),
            branch=head.text("ref"),
            target=target.text("ref"),
            title=request.text("title"),
            by=account(request.at("merged_by") or told.at("sender")) if merged else account(told.at("sender")),
            author=account(request.at("user")),
            at=request.time(*(("merged_at", "closed_at") if ended else ()), "updated_at", "created_at"),
            opened=request.time("created_at"),
            draft=bool(request.flag("draft")),
            fork=fork,
            merged_as=request.commit("merge_commit_sha", "merged_commit_id") if merged else "",
            commits=request.number("commits"),
            comments=request.number("comments"),
            conflicts=_conflicts(request),
        ),
    )


def _conflicts(request: Told) -> bool | None:
    """Only GitHub tells conflicts apart (``dirty``); Gitea's ``mergeable`` is false for what it has not looked at, too,
    and a source that can never tell of a conflict does not count as one that tells of none."""
    state = request.text("mergeable_state")
    if request.text("state") != "open" or not state:
        return None
    return True if state == "dirty" else False if request.flag("mergeable") else None


def _review(event: str, told: Told) -> News | None:
    """GitHub's own message, or one of Gitea's, which is named by the decision."""
    review, request = told.at("review"), told.at("pull_request")
    action = told.text("action")
    if event == "pull_request_review":
        decision = _STATES.get(review.text("state").lower()) if action in ("submitted", "dismissed") else None
        reviewer, revision = account(review.at("user")), review.commit("commit_id")
        at = review.time("submitted_at")
    else:
        word = review.text("type") or event
        decision = next((found for name, found in _TYPES.items() if name in word), None)
        reviewer, revision, at = account(told.at("sender")), told.commit("commit_id"), 0
    if decision is None:
        return None
    if decision == "withdrawn":
        at = 0  # its own time is that of the approval
    number = request.number("number") or told.needed_number("number")
    return ReviewNews(
        number=number,
        decision=decision,
        revision=revision or request.at("head").needed_commit("sha"),
        reviewer=reviewer,
        by=account(told.at("sender")),
        at=at or request.time("updated_at"),
    )


def _comment(event: str, told: Told) -> News | None:
    if told.text("action") != "created":
        return None
    comment = told.at("comment")
    by, at = account(comment.at("user") or told.at("sender")), comment.time("created_at", "updated_at")
    if event == "commit_comment":
        return CommentNews(of="commit", about=comment.needed_commit("commit_id"), by=by, at=at)
    if event == "pull_request_review_comment":
        request = told.at("pull_request")
        number, count = request.needed_number("number"), request.number("review_comments")
        return CommentNews(of="change", about=str(number), by=by, at=at, count=count)
    issue = told.at("issue")
    number = issue.needed_number("number")
    change = bool(issue.at("pull_request")) or bool(told.flag("is_pull"))
    return CommentNews(
        of="change" if change else "ticket",
        about=str(number) if change else f"#{number}",
        by=by,
        at=at,
        count=issue.number("comments"),
    )


def _ref(event: str, told: Told) -> News | None:
    if told.text("ref_type") not in ("branch", "tag"):
        return None
    return RefNews(
        tag=told.text("ref_type") == "tag",
        name=told.needed_text("ref"),
        gone=event == "delete",
        sha=told.commit("sha"),
        by=account(told.at("sender")),
    )


def _release(_event: str, told: Told) -> News | None:
    action, release = told.text("action"), told.at("release")
    if action not in ("published", "unpublished", "deleted"):
        return None
    tag, aimed = release.needed_text("tag_name"), release.text("target_commitish")
    return ReleaseNews(
        tag=tag,
        version=release.text("name") or tag,
        gone=action != "published",
        commit=commit_id(aimed) if len(aimed) in (40, 64) and not aimed.strip("0123456789abcdef") else "",
        by=account(told.at("sender") or release.at("author")),
        at=release.time("published_at", "created_at") if action == "published" else 0,
    )


def _ticket(_event: str, told: Told) -> News | None:
    action, issue = told.text("action"), told.at("issue")
    act = _TICKETS.get(action, TicketAct.UPDATED)
    closed = act is TicketAct.CLOSED
    return TicketNews(
        act=act,
        number=issue.number("number") or told.needed_number("number"),
        action=action,
        title=issue.text("title"),
        url=issue.text("html_url", "url"),
        kind=issue.at("type").text("name").lower() or "issue",
        creator=account(issue.at("user")),
        by=account(told.at("sender")),
        labels=tuple(name for label in issue.each("labels") if (name := label.text("name"))),
        assignees=tuple(name for one in issue.each("assignees") if (name := account(one).login)),
        resolution=issue.text("state_reason") if closed else "",
        at=issue.time(*(("closed_at",) if closed else ()), "updated_at", "created_at"),
        opened=issue.time("created_at"),
    )


def _deployment(event: str, told: Told) -> News | None:
    deployment, status = told.at("deployment"), told.at("deployment_status")
    act, outcome = (RunAct.QUEUED, None) if event == "deployment" else _DEPLOYED.get(status.text("state"), (None, None))
    if act is None:
        return None
    return DeploymentNews(
        act=act,
        id=deployment.needed_id("id"),
        environment=status.text("environment") or deployment.needed_text("environment"),
        tier="production" if deployment.flag("production_environment") else "",
        task=deployment.text("task"),
        commit=deployment.commit("sha"),
        run=told.at("workflow_run").id("id"),
        outcome=outcome,
        by=account(told.at("sender") or deployment.at("creator")),
        at=(status or deployment).time("created_at", "updated_at"),
    )


def _gate(_event: str, told: Told) -> News | None:
    if told.text("action") not in ("approved", "rejected"):
        return None
    run = told.at("workflow_run")
    return GateNews(
        about=run.needed_id("id"),
        approved=told.text("action") == "approved",
        revision=run.needed_commit("head_sha"),
        by=account(told.at("approver") or told.at("sender")),
        at=told.time("since") or run.time("updated_at"),
    )


def _rule(_event: str, told: Told) -> News | None:
    rule = told.at("rule")
    reviewed = rule.text("pull_request_reviews_enforcement_level")
    checked, forced = (
        rule.text(f"{name}_enforcement_level") for name in ("required_status_checks", "allow_force_pushes")
    )
    count = rule.number("required_approving_review_count")
    gone = told.text("action") == "deleted"
    return ProtectionNews(
        name=rule.needed_text("name"),
        protected=not gone,
        approvals=None if gone or not reviewed else 0 if reviewed == "off" else count,
        checks=None if gone or not checked else checked != "off",
        force_push=None if gone or not forced else forced != "off",
        by=account(told.at("sender")),
        at=rule.time("updated_at"),
    )


def _every_rule(_event: str, told: Told) -> News | None:
    if told.text("action") not in ("enabled", "disabled"):
        return None
    return ProtectionNews(name="*", protected=told.text("action") == "enabled", by=account(told.at("sender")))


def _ruleset(_event: str, told: Told) -> News | None:
    found = told.at("repository_ruleset")
    if found.text("target") not in ("", "branch"):
        return None
    refs = found.at("conditions", "ref_name").texts("include")
    gone = told.text("action") == "deleted"
    return ProtectionNews(
        name=refs[0] if refs else found.needed_text("name"),
        protected=not gone and found.text("enforcement") == "active",
        by=account(told.at("sender")),
        at=found.time("updated_at"),
    )


def _other(event: str, told: Told) -> News:
    """The object that a message is about is named as the message, or by one of its usual names."""
    names = (event.removesuffix("_event"), "issue", "pull_request", "discussion", "alert", "repository")
    about = next((told.at(name) for name in names if name in told), told)
    return OtherNews(
        name=event,
        action=told.text("action", "state"),
        about=about.text("full_name", "name", "title") or about.id("number") or about.id("id") or told.text("ref"),
        by=account(told.at("sender")),
    )


_READERS: Mapping[str, Callable[[str, Told], News | None]] = {
    **dict.fromkeys(("pull_request_review", "pull_request_approved", "pull_request_rejected",
                     "pull_request_comment"), _review),
    **dict.fromkeys(("issue_comment", "commit_comment", "pull_request_review_comment"), _comment),
    **dict.fromkeys(("create", "delete"), _ref),
    "release": _release,
    "issues": _ticket,
    **dict.fromkeys(("deployment", "deployment_status"), _deployment),
    "deployment_review": _gate,
    "workflow_run": read_run,
    "workflow_job": read_job,
    "branch_protection_rule": _rule,
    "branch_protection_configuration": _every_rule,
    "repository_ruleset": _ruleset,
}  # fmt: skip
