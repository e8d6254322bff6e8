"""What the command palette finds: pages by name, and whatever an id, a digest, a commit or a name may mean."""

from __future__ import annotations

import msgspec

from plumbline.access import use_cases
from plumbline.flow.search import resolve as find
from plumbline.kernel import t
from plumbline.web.page import Ask, Raw, shows
from plumbline.web.rail import destinations

_KINDS = {
    "project": t("Project"),
    "node": t("Organisation"),
    "pipeline": t("Pipeline"),
    "job": t("Job"),
    "event": t("Event"),
    "person": t("Person"),
}


@shows("/resolve", slow=True, use_case=use_cases.SEARCH)
def resolve(ask: Ask) -> Raw:
    text = ask.text("q").strip()[:200]
    word = str(t("Page"))
    pages = [
        {"kind": word, "title": str(place.title), "detail": "", "path": place.path}
        for place in destinations(ask)
        if text.lower() in str(place.title).lower() or text.lower() in place.path
    ]
    found = [
        {"kind": str(_KINDS[one.kind]), "title": one.title, "detail": one.detail, "path": one.path}
        for one in find(ask.actor, ask.tools.ledger, text)
    ]
    return Raw(msgspec.json.encode(found + pages), "application/json")


PART = (resolve,)
