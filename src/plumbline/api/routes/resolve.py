"""Whatever an id, a digest, a commit or a name may mean."""

from __future__ import annotations

import msgspec

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Line
from plumbline.api.route import route
from plumbline.flow.search import resolve as find
from plumbline.kernel import t


class FoundView(msgspec.Struct, frozen=True, kw_only=True):
    """``url``: of its page, below the server's address."""

    kind: str  # project, node, pipeline, job, event, person
    title: str
    detail: str
    url: str


class FoundList(msgspec.Struct, frozen=True, kw_only=True):
    """At most 20, best first."""

    found: list[FoundView]


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    q: Line


@route("GET", "/resolve", t("What an id, a digest, a commit or a name may mean."), slow=True, use_case=use_cases.SEARCH)
def resolve(call: Call, query: Asked) -> FoundList:
    found = find(call.actor, call.tools.ledger, query.q)
    return FoundList(
        found=[FoundView(kind=one.kind, title=one.title, detail=one.detail, url=one.path) for one in found]
    )


PART = (resolve,)
