"""What is asked before something is done that production notices: what goes where, and what is there now.

The question is a page of its own, so that it works without a script. The answer names what was shown: where that has
changed since, the question is asked once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.web.page import Shown
from plumbline.web.tree import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.pipelines.questions import Question
    from plumbline.web.page import Ask

_OURS = frozenset({"csrf", "sure", "seen"})


def asked_first(ask: Ask, questions: Sequence[Question], back: str) -> Shown | None:
    """The page that asks; None: there is nothing to ask, or it was answered. ``back``: where to go instead."""
    seen = " ".join(f"{one.job.id}:{one.there.job if one.there else 0}" for one in questions)
    answered = ask.text("sure") == "1"
    if not questions or (answered and ask.text("seen") == seen):
        return None
    values = {
        "ancestors": find(ask, questions[0].pipeline.project)[1],
        "links_itself": True,
        "pipeline": questions[0].pipeline,
        "questions": questions,
        "changed": answered,
        "seen": seen,
        "fields": {name: value for name, value in ask.form.items() if name not in _OURS},
        "back": back,
    }
    return Shown("sure.html", values)
