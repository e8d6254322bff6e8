"""Save how one sees a list under a name, and remove what one saved."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.flow.people.saved_views import remove_view, save_view
from plumbline.web.limits import checked_line
from plumbline.web.page import Ask, Redirect, does, local


@does("/views", use_case=use_cases.SAVE_VIEW)
def save(ask: Ask) -> Redirect:
    name, query = checked_line(ask.text("name").strip()), checked_line(ask.text("query"))
    save_view(ask.actor, ask.tools.people, ask.text("shelf"), name, query)
    return Redirect(local(f"{ask.text('next')}?{query}" if query else ask.text("next")))


@does("/views/remove", use_case=use_cases.SAVE_VIEW)
def remove(ask: Ask) -> Redirect:
    remove_view(ask.actor, ask.tools.people, ask.text("shelf"), ask.text("name"))
    return Redirect(local(ask.text("next")))


PART = (save, remove)
