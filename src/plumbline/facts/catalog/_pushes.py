"""Pushes, as whoever received them told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.trace import Seen


def pushes(question: Question) -> list[Seen]:
    """Commits as a push told of them; a history that was read tells what is in each as well."""
    return [
        one
        for one in question.evidence.within("commit.observed", question.inside)
        if str(one.content.get("ref", "")).startswith("refs/heads/")
        and not any("files" in said or "kinds" in said for said in one.content.get("commits", ()))
    ]
