"""AI agents: how they are set up, and what they did. Digests and counts; nothing of what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.contracts.kinds._kind import EvidenceKind
from plumbline.contracts.kinds._pieces import about, commit, digest, is_commit, numbers, piece, text, texts
from plumbline.kernel import t
from plumbline.model.contract import SubjectKind

if TYPE_CHECKING:
    from plumbline.contracts.kinds._kind import Told
    from plumbline.model.contract import Evidence


def _read_config(told: Told) -> tuple[Evidence, ...]:
    said = told.view.content
    listed = digest(said, "digest")
    return (
        piece(
            told,
            "agent.config",
            about(commit=commit(said, "commit")),
            counts=numbers(said, {"files": "files"}) | {"tool_servers": len(texts(said, "toolServers"))},
            digest=listed,
            covers=texts(said, "toolServers"),
            problem="" if listed else "no-digest",
        ),
    )


def _read_session(told: Told) -> tuple[Evidence, ...]:
    said = told.view.content
    commits = tuple(filter(is_commit, texts(said, "commits")))
    agent, person = text(said, "agent"), text(said, "person")
    return (
        piece(
            told,
            "agent.session",
            about(commit=commits),
            counts=numbers(said, {"lines": "lines"}) | {"commits": len(commits)},
            tool=agent,
            problem="" if agent and person else "no-person",
        ),
    )


PART = (
    EvidenceKind(
        name="agent.config",
        title=t("How AI agents are set up"),
        of=(SubjectKind.COMMIT,),
        told_by=("agent.configured",),
        read=_read_config,
        counts=("files", "tool_servers"),
        least=(("files", 1),),
    ),
    EvidenceKind(
        name="agent.session",
        title=t("A session of an AI agent"),
        of=(SubjectKind.COMMIT,),
        told_by=("agentSession.ended",),
        read=_read_session,
        counts=("lines", "commits"),
        least=(("commits", 1),),
    ),
)
